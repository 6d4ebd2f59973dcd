-- What `ewactl migrate` itself needs, before any migration.  Applied at the
-- start of every run, so each statement can be repeated.
do $$
declare
	r text;
begin
	foreach r in array array['ewa_responder', 'ewa_dispatcher', 'ewa_report'] loop
		if not exists (select from pg_catalog.pg_roles where rolname = r) then
			raise exception 'role % is missing: run roles.sql once as a superuser', r;
		end if;
	end loop;
end
$$;

create schema if not exists ewa;
comment on schema ewa is
	'Event Webhook Async: settings, events and their queue; for ewa''s own programs';

-- No function is for everybody unless a grant says so (sql/grants.sql).
alter default privileges revoke execute on functions from public;

create table if not exists ewa.migration (
	version integer not null,
	name text not null,
	checksum text not null,
	applied_at timestamptz not null default now(),
	constraint migration_pkey primary key (version),
	constraint migration_checksum_form check (checksum ~ '^[0-9a-f]{64}$')
);
comment on table ewa.migration is
	'Migrations that were applied, in the order of their versions; they only go forward';
comment on column ewa.migration.version is 'Number at the start of the file''s name';
comment on column ewa.migration.name is 'File, relative to sql/';
comment on column ewa.migration.checksum is 'SHA-256 of the file as applied, in hexadecimal';
comment on column ewa.migration.applied_at is 'When it was applied';

create table if not exists ewa.repeatable (
	name text not null,
	checksum text not null,
	applied_at timestamptz not null default now(),
	constraint repeatable_pkey primary key (name),
	constraint repeatable_checksum_form check (checksum ~ '^[0-9a-f]{64}$')
);
comment on table ewa.repeatable is
	'Functions, views and grants, applied again whenever their text has changed';
comment on column ewa.repeatable.name is 'File, relative to sql/';
comment on column ewa.repeatable.checksum is 'SHA-256 of the file as applied, in hexadecimal';
comment on column ewa.repeatable.applied_at is 'When it was applied last';
