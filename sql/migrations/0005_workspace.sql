-- The workspace: who may sign in, and what its lists are read by.

-- ---- people, programs, and what they may do -----------------------------------

create table ewa.app_user (
	id integer generated always as identity,
	name text not null,
	display_name text not null default '',
	password text,
	enabled boolean not null default true,
	version bigint not null default 1,
	created_at timestamptz not null default now(),
	created_by text not null default '',
	modified_at timestamptz not null default now(),
	modified_by text not null default '',
	last_sign_in_at timestamptz,
	constraint app_user_pkey primary key (id),
	constraint app_user_name_form check (name ~ '^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$')
);
create unique index app_user_name_unique on ewa.app_user (lower(name));

create table ewa.api_token (
	id integer generated always as identity,
	name text not null,
	key_id text not null,
	mac bytea not null,
	created_at timestamptz not null default now(),
	created_by text not null default '',
	expires_at timestamptz,
	last_used_at timestamptz,
	revoked_at timestamptz,
	constraint api_token_pkey primary key (id),
	constraint api_token_mac_unique unique (mac),
	constraint api_token_mac_length check (length(mac) = 32),
	constraint api_token_name_form check (name = btrim(name) and length(name) between 1 and 200)
);
create unique index api_token_name_unique on ewa.api_token (lower(name)) where revoked_at is null;

create table ewa.app_grant (
	id integer generated always as identity,
	user_id integer,
	token_id integer,
	role text not null,
	team text,
	constraint app_grant_pkey primary key (id),
	constraint app_grant_user foreign key (user_id) references ewa.app_user (id),
	constraint app_grant_token foreign key (token_id) references ewa.api_token (id),
	constraint app_grant_one_holder check ((user_id is null) <> (token_id is null)),
	constraint app_grant_role_known check (role in ('viewer', 'operator', 'admin'))
);
create index app_grant_user_id on ewa.app_grant (user_id) where user_id is not null;
create index app_grant_token_id on ewa.app_grant (token_id) where token_id is not null;

create table ewa.session (
	mac bytea not null,
	key_id text not null,
	user_id integer not null,
	created_at timestamptz not null default now(),
	seen_at timestamptz not null default now(),
	expires_at timestamptz not null,
	source_ip text,
	constraint session_pkey primary key (mac),
	constraint session_user_known foreign key (user_id) references ewa.app_user (id),
	constraint session_mac_length check (length(mac) = 32)
);
create index session_user_id on ewa.session (user_id);
create index session_expires_at on ewa.session (expires_at);

-- ---- what lists are read by ------------------------------------------------------

-- None of these lies on the way of an accept: outcomes are written in batches
-- by the dispatchers, the second and third only for few events.
create index outcome_integration on ewa.outcome (integration_id, event_id);
create index outcome_trouble on ewa.outcome (event_id)
	where state = 'failed' or reply_state in ('failed', 'expired', 'cancelled');
create index audit_at on ewa.audit (at);

comment on table ewa.app_user is 'People who may sign in; never deleted, so that names in the audit stay theirs';
comment on column ewa.app_user.id is 'Number of the user';
comment on column ewa.app_user.name is 'Name to sign in with; unique, whatever the case; never changes';
comment on column ewa.app_user.display_name is 'Name as shown';
comment on column ewa.app_user.password is 'Hash by crypt(3), yescrypt; NULL: signed in by the web server only';
comment on column ewa.app_user.enabled is 'Whether they may sign in';
comment on column ewa.app_user.version is 'Rises with each change';
comment on column ewa.app_user.created_at is 'When it was added';
comment on column ewa.app_user.created_by is 'Who added it';
comment on column ewa.app_user.modified_at is 'When it was changed last';
comment on column ewa.app_user.modified_by is 'Who changed it last';
comment on column ewa.app_user.last_sign_in_at is 'When they last signed in with the password';

comment on table ewa.api_token is 'API tokens of programs, as MACs';
comment on column ewa.api_token.id is 'Number of the token';
comment on column ewa.api_token.name is 'What it is for; unique among those not revoked';
comment on column ewa.api_token.key_id is 'Which key of the key file made the MAC';
comment on column ewa.api_token.mac is 'HMAC-SHA-256 of the token under that key';
comment on column ewa.api_token.created_at is 'When it was made';
comment on column ewa.api_token.created_by is 'Who made it';
comment on column ewa.api_token.expires_at is 'Until when it is taken; NULL: no end';
comment on column ewa.api_token.last_used_at is 'When it was last used, to the minute';
comment on column ewa.api_token.revoked_at is 'When it was revoked; NULL: it was not';

comment on table ewa.app_grant is 'Roles of users and API tokens';
comment on column ewa.app_grant.id is 'Number of the grant';
comment on column ewa.app_grant.user_id is 'Whose it is, if a user''s';
comment on column ewa.app_grant.token_id is 'Whose it is, if an API token''s';
comment on column ewa.app_grant.role is 'viewer, operator or admin';
comment on column ewa.app_grant.team is 'For integrations of this team; NULL: for all';

comment on table ewa.session is 'Who is signed in';
comment on column ewa.session.mac is 'HMAC-SHA-256 of the cookie''s token';
comment on column ewa.session.key_id is 'Which key of the key file made the MAC';
comment on column ewa.session.user_id is 'Whose it is';
comment on column ewa.session.created_at is 'When it began';
comment on column ewa.session.seen_at is 'When it was last used, to the half minute';
comment on column ewa.session.expires_at is 'Its end, whatever happens';
comment on column ewa.session.source_ip is 'Address from which they signed in';
