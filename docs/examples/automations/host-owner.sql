-- A function for an sql automation: whom a host belongs to, from a table.
--
--	psql -U ewa_owner -f host-owner.sql ewa
--	ewactl automation add KEY --name Owner --sql host_owner
create table if not exists ewa_action.host (
	name text primary key,
	team text not null,
	phone text
);
grant select on ewa_action.host to ewa_action;

create or replace function ewa_action.host_owner(document jsonb)
returns jsonb
language sql
stable
as $$
	select coalesce(
		(select jsonb_build_object('known', true, 'team', team, 'phone', phone)
		from ewa_action.host
		where name = lower(document #>> '{event,host}')),
		'{"known": false}')
$$;
