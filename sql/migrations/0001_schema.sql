-- The tables of ewa.  All of them lie in the schema ewa, and belong to the
-- owner of the database; the programs' roles get what they need and no more
-- (sql/functions/grants.sql).

create schema report;

-- ---- settings ---------------------------------------------------------------

-- One counter for all changes of settings.  A change takes it under a lock
-- that is held to the end of its transaction (ewa.touch_settings), so numbers
-- become visible in their order and a cache that has seen N has seen all <= N.
create sequence ewa.settings_version;

create table ewa.integration (
	id integer generated always as identity,
	key text not null,
	name text not null,
	external_system text not null default 'async',
	enabled boolean not null default false,
	paused_until timestamptz,
	description text not null default '',
	contact text not null default '',
	team text not null default '',
	token_header text not null default 'X-Platform-Token',
	allow_query_token boolean not null default false,
	accept_malformed boolean not null default false,
	max_body_bytes integer not null default 1048576,
	request_timeout_ms bigint,
	reply_url text not null default '',
	reply_method text not null default 'POST',
	settings_version bigint not null,
	created_at timestamptz not null default now(),
	created_by text not null default '',
	modified_at timestamptz not null default now(),
	modified_by text not null default '',
	deleted_at timestamptz,
	constraint integration_pkey primary key (id),
	constraint integration_key_unique unique (key),
	constraint integration_key_form check (key ~ '^[a-z2-7]{16}$'),
	constraint integration_name_form check (name = btrim(name) and length(name) between 1 and 200),
	constraint integration_external_system_known check (external_system in ('async', 'sync')),
	constraint integration_max_body_range check (max_body_bytes between 1 and 16777216),
	constraint integration_request_timeout_range check (request_timeout_ms between 1 and 2592000000),
	constraint integration_reply_url_length check (length(reply_url) <= 2048),
	constraint integration_reply_method_known check (reply_method in ('POST', 'PUT'))
);
create unique index integration_name_unique on ewa.integration (lower(name)) where deleted_at is null;
create index integration_settings_version on ewa.integration (settings_version);

create table ewa.integration_token (
	id integer generated always as identity,
	integration_id integer not null,
	key_id text not null,
	mac bytea not null,
	created_at timestamptz not null default now(),
	created_by text not null default '',
	expires_at timestamptz,
	constraint integration_token_pkey primary key (id),
	constraint integration_token_integration foreign key (integration_id) references ewa.integration (id),
	constraint integration_token_mac_length check (length(mac) = 32)
);
create index integration_token_integration_id on ewa.integration_token (integration_id);

create table ewa.integration_header (
	integration_id integer not null,
	position smallint not null,
	name text not null,
	value text,
	sealed bytea,
	constraint integration_header_pkey primary key (integration_id, position),
	constraint integration_header_integration foreign key (integration_id) references ewa.integration (id),
	constraint integration_header_position_range check (position between 1 and 50),
	constraint integration_header_one_value check ((value is null) <> (sealed is null))
);

create table ewa.audit (
	id bigint generated always as identity,
	at timestamptz not null default now(),
	actor text not null,
	action text not null,
	integration_id integer,
	detail json not null default '{}',
	constraint audit_pkey primary key (id)
);
create index audit_integration_id on ewa.audit (integration_id, id);

-- ---- events: append-only, partitioned by day on the UUIDv7 ------------------

create table ewa.event (
	id uuid not null,
	integration_id integer not null,
	received_at timestamptz not null,
	deadline timestamptz not null,
	content_type text,
	source_ip text,
	request_id text,
	headers json not null,
	body bytea not null,
	body_length integer not null,
	kind text not null,
	malformed text,
	test boolean not null default false,
	replay_of uuid,
	constraint event_pkey primary key (id),
	constraint event_kind_known check (kind in ('json', 'text', 'binary'))
) partition by range (id);
alter table ewa.event alter column body set compression lz4;

create table ewa.result (
	event_id uuid not null,
	automation_id integer not null,
	position smallint not null,
	name text not null,
	status text not null,
	output bytea,
	error text,
	duration_ms integer not null,
	finished_at timestamptz not null default now(),
	constraint result_pkey primary key (event_id, automation_id),
	constraint result_status_known check (status in ('ok', 'failed', 'skipped'))
) partition by range (event_id);

create table ewa.attempt (
	event_id uuid not null,
	kind text not null,
	number integer not null,
	claim bigint not null,
	step smallint not null,
	started_at timestamptz not null,
	duration_ms integer not null,
	outcome text not null,
	cause text,
	detail text,
	status integer,
	remote_address text,
	response_headers text,
	response_body bytea,
	response_cut boolean not null default false,
	constraint attempt_pkey primary key (event_id, kind, number, claim),
	constraint attempt_kind_known check (kind in ('automation', 'reply', 'resend')),
	constraint attempt_outcome_known check (outcome in ('ok', 'retry', 'failed', 'lease lost'))
) partition by range (event_id);

create table ewa.outcome (
	event_id uuid not null,
	seq smallint not null default 0,
	integration_id integer not null,
	state text not null,
	reply_state text not null,
	reason text,
	subject text,
	handled_at timestamptz,
	finished_at timestamptz not null default now(),
	attempts integer not null,
	constraint outcome_pkey primary key (event_id, seq),
	constraint outcome_state_known check (state in ('handled', 'failed')),
	constraint outcome_reply_state_known check (reply_state in ('none', 'sent', 'failed', 'expired', 'cancelled'))
) partition by range (event_id);

-- ---- the queue: one small row for each unfinished event ---------------------

create sequence ewa.claim;

create table ewa.queue (
	event_id uuid not null,
	integration_id integer not null,
	step smallint not null default 0,
	due_at timestamptz not null,
	deadline timestamptz not null,
	handled_at timestamptz,
	tries integer not null default 0,
	claims smallint not null default 0,
	claim bigint not null default 0,
	owner uuid,
	constraint queue_pkey primary key (event_id),
	constraint queue_step_known check (step in (0, 1))
) with (
	fillfactor = 70,
	autovacuum_vacuum_threshold = 2000,
	autovacuum_vacuum_scale_factor = 0,
	autovacuum_vacuum_insert_threshold = -1,
	autovacuum_analyze_threshold = 10000,
	autovacuum_analyze_scale_factor = 0,
	autovacuum_vacuum_cost_delay = 0
);
create index queue_integration_due on ewa.queue (integration_id, due_at);

-- ---- repeats: the primary key decides races ---------------------------------

create table ewa.dedup (
	integration_id integer not null,
	key bytea not null,
	event_id uuid not null,
	body_hash bytea not null,
	expires_at timestamptz not null,
	constraint dedup_pkey primary key (integration_id, key),
	constraint dedup_key_length check (length(key) = 32)
) partition by hash (integration_id, key);

-- ---- the fleet ---------------------------------------------------------------

create table ewa.process (
	owner uuid not null,
	program text not null,
	host text not null,
	pid integer not null,
	version text not null,
	started_at timestamptz not null default now(),
	seen_at timestamptz not null default now(),
	constraint process_pkey primary key (owner)
);

do $$
begin
	for n in 0..15 loop
		execute format('create table ewa.dedup_%s partition of ewa.dedup'
			' for values with (modulus 16, remainder %s)', n, n);
	end loop;
end
$$;
