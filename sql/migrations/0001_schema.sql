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
-- Tiny: reports leave test events out without reading the others.
create index event_test on ewa.event (id) where test;

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
create index dedup_expires_at on ewa.dedup (expires_at);

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

-- ---- what everything means ----------------------------------------------------

comment on schema report is 'Views for analysts; read with the role ewa_report';

comment on sequence ewa.settings_version is
	'Counts changes of settings; taken under a lock, so versions become visible in order';
comment on sequence ewa.claim is 'Claim numbers: each claim of a queue row takes the next';

comment on table ewa.integration is 'Configured ways in: who may send events, and where handled events go';
comment on column ewa.integration.id is 'Number used inside the database only';
comment on column ewa.integration.key is 'Name of the endpoint in URLs; never changes and is no secret';
comment on column ewa.integration.name is 'Integration Name; unique among those not deleted, whatever the case';
comment on column ewa.integration.external_system is 'async: Event Webhook Async; sync: Event Webhook Sync; fixed once created';
comment on column ewa.integration.enabled is 'Status: false refuses events and starts nothing';
comment on column ewa.integration.paused_until is 'Events are accepted and wait until then; infinity: until somebody resumes; NULL: not paused';
comment on column ewa.integration.description is 'What it is for';
comment on column ewa.integration.contact is 'Whom to ask';
comment on column ewa.integration.team is 'The team it belongs to';
comment on column ewa.integration.token_header is 'Name of the request header that carries the platform token';
comment on column ewa.integration.allow_query_token is 'Whether the token may come in the URL''s query';
comment on column ewa.integration.accept_malformed is 'Whether declared JSON that is none is kept as text instead of refused';
comment on column ewa.integration.max_body_bytes is 'Greatest body accepted, decompressed';
comment on column ewa.integration.request_timeout_ms is 'Request Timeout: how long replies are tried; NULL: the installation''s reply_horizon';
comment on column ewa.integration.reply_url is 'Reply URL; blank: no reply';
comment on column ewa.integration.reply_method is 'Reply HTTP Method';
comment on column ewa.integration.settings_version is 'Version of its last change, from the sequence of all changes';
comment on column ewa.integration.created_at is 'When it was created';
comment on column ewa.integration.created_by is 'Who created it';
comment on column ewa.integration.modified_at is 'When it was changed last';
comment on column ewa.integration.modified_by is 'Who changed it last';
comment on column ewa.integration.deleted_at is 'When it was deleted; its events stay; NULL: it is not';

comment on table ewa.integration_token is 'Platform tokens as MACs; two live ones during a rotation';
comment on column ewa.integration_token.id is 'Number of the token';
comment on column ewa.integration_token.integration_id is 'Whose it is';
comment on column ewa.integration_token.key_id is 'Which key of the key file made the MAC';
comment on column ewa.integration_token.mac is 'HMAC-SHA-256 of the token under that key';
comment on column ewa.integration_token.created_at is 'When it was set';
comment on column ewa.integration_token.created_by is 'Who set it';
comment on column ewa.integration_token.expires_at is 'Until when it is taken; NULL: no end';

comment on table ewa.integration_header is 'Reply HTTP Headers';
comment on column ewa.integration_header.integration_id is 'Whose it is';
comment on column ewa.integration_header.position is 'Its place in the list, from 1';
comment on column ewa.integration_header.name is 'Name of the header';
comment on column ewa.integration_header.value is 'Value, where it is no secret';
comment on column ewa.integration_header.sealed is 'Secret value, sealed with a key of the key file';

comment on table ewa.audit is 'Who changed which settings; append-only, never a secret';
comment on column ewa.audit.id is 'Rises with each change';
comment on column ewa.audit.at is 'When';
comment on column ewa.audit.actor is 'Who';
comment on column ewa.audit.action is 'What was done: create, update, enable, pause, ...';
comment on column ewa.audit.integration_id is 'To which integration; NULL: none';
comment on column ewa.audit.detail is 'What was changed, names and plain values';

comment on table ewa.event is 'Accepted requests; append-only, one partition a UTC day of the id';
comment on column ewa.event.id is 'Event ID, a UUIDv7';
comment on column ewa.event.integration_id is 'Through which integration it came';
comment on column ewa.event.received_at is 'When it was stored, by the database''s clock';
comment on column ewa.event.deadline is 'No reply is attempted after it';
comment on column ewa.event.content_type is 'Content-Type as received';
comment on column ewa.event.source_ip is 'The sender''s address';
comment on column ewa.event.request_id is 'Id of the request in the logs';
comment on column ewa.event.headers is 'Request headers but credentials, cookies and signatures';
comment on column ewa.event.body is 'The body, byte for byte as received (decompressed)';
comment on column ewa.event.body_length is 'Bytes of the body';
comment on column ewa.event.kind is 'json, text (UTF-8) or binary';
comment on column ewa.event.malformed is 'Why declared JSON was kept as text; NULL: it was not';
comment on column ewa.event.test is 'Sent from the workspace to try the integration; reports leave it out';
comment on column ewa.event.replay_of is 'The event that this one repeats; NULL: it came from a sender';

comment on table ewa.result is 'Finished automations of events; append-only, partitioned like event';
comment on column ewa.result.event_id is 'The event';
comment on column ewa.result.automation_id is 'The automation';
comment on column ewa.result.position is 'Its place in the order of the integration''s automations';
comment on column ewa.result.name is 'The automation''s name at that time';
comment on column ewa.result.status is 'ok, failed, or skipped by its condition';
comment on column ewa.result.output is 'Output, whole, JSON as bytes';
comment on column ewa.result.error is 'Why it failed';
comment on column ewa.result.duration_ms is 'How long it took';
comment on column ewa.result.finished_at is 'When it was recorded';

comment on table ewa.attempt is 'Attempts of automations and replies; append-only, partitioned like event';
comment on column ewa.attempt.event_id is 'The event';
comment on column ewa.attempt.kind is 'automation, reply, or resend (a reply asked for again)';
comment on column ewa.attempt.number is 'Number of the attempt within its kind, from 1';
comment on column ewa.attempt.claim is 'The claim of the queue row under which it was made';
comment on column ewa.attempt.step is 'The queue row''s step';
comment on column ewa.attempt.started_at is 'When it began';
comment on column ewa.attempt.duration_ms is 'How long it took';
comment on column ewa.attempt.outcome is 'ok, retry (failed, to be tried again), failed (final), lease lost (too late to count)';
comment on column ewa.attempt.cause is 'Why it did not succeed: dns, connect, tls, timeout, http, ...; NULL: it did';
comment on column ewa.attempt.detail is 'The same as a sentence';
comment on column ewa.attempt.status is 'HTTP status of the answer; NULL: no answer';
comment on column ewa.attempt.remote_address is 'Address that was called';
comment on column ewa.attempt.response_headers is 'Headers of the answer';
comment on column ewa.attempt.response_body is 'The first 16 KiB of the answer''s body';
comment on column ewa.attempt.response_cut is 'Whether the answer''s body was longer';

comment on table ewa.outcome is 'Final states of events; append-only, partitioned like event; the greatest seq counts';
comment on column ewa.outcome.event_id is 'The event';
comment on column ewa.outcome.seq is '0 when the event finished; a reply sent again adds the next';
comment on column ewa.outcome.integration_id is 'Through which integration it came';
comment on column ewa.outcome.state is 'handled or failed';
comment on column ewa.outcome.reply_state is 'none, sent, failed, expired or cancelled';
comment on column ewa.outcome.reason is 'Why it failed or was cancelled; NULL: it was not';
comment on column ewa.outcome.subject is 'The line by which people recognise the event';
comment on column ewa.outcome.handled_at is 'When its handling ended; NULL: it never began';
comment on column ewa.outcome.finished_at is 'When it was finished';
comment on column ewa.outcome.attempts is 'Attempts of its reply';

comment on table ewa.queue is 'Unfinished events: one small row each, deleted when the event is finished';
comment on column ewa.queue.event_id is 'The event';
comment on column ewa.queue.integration_id is 'Through which integration it came';
comment on column ewa.queue.step is '0: to be handled; 1: to be replied to';
comment on column ewa.queue.due_at is 'Not claimed before; while claimed, the end of the lease';
comment on column ewa.queue.deadline is 'No reply is attempted after it';
comment on column ewa.queue.handled_at is 'When its handling ended; NULL: not yet';
comment on column ewa.queue.tries is 'Attempts recorded in this step';
comment on column ewa.queue.claims is 'Claims since an attempt was recorded: an event that kills its dispatcher shows here';
comment on column ewa.queue.claim is 'Number of the last claim; every write of its holder names it';
comment on column ewa.queue.owner is 'The dispatcher that holds it (ewa.process); NULL: none';

comment on table ewa.dedup is 'Keys by which a repeated delivery is known; the primary key decides races';
comment on column ewa.dedup.integration_id is 'The integration';
comment on column ewa.dedup.key is 'SHA-256 of the sender''s key and its kind';
comment on column ewa.dedup.event_id is 'The event that came first';
comment on column ewa.dedup.body_hash is 'SHA-256 of its body: another body under the same key is refused';
comment on column ewa.dedup.expires_at is 'The key is free again after it';

comment on table ewa.process is 'Running responders and dispatchers';
comment on column ewa.process.owner is 'Unique to one start of one process';
comment on column ewa.process.program is 'ewa-responder or ewa-dispatcher';
comment on column ewa.process.host is 'The machine it runs on';
comment on column ewa.process.pid is 'Process id there';
comment on column ewa.process.version is 'Release of ewa';
comment on column ewa.process.started_at is 'When it started';
comment on column ewa.process.seen_at is 'When it was last heard of';
