-- Automations: what handling an event means.

-- ---- settings -----------------------------------------------------------------

create table ewa.automation (
	id integer generated always as identity,
	integration_id integer not null,
	position smallint not null,
	name text not null,
	enabled boolean not null default true,
	condition text not null default '',
	kind text not null,
	target text not null,
	arguments text[] not null default '{}',
	method text not null default 'POST',
	timeout_ms integer not null default 30000,
	attempts smallint not null default 1,
	on_failure text not null default 'stop',
	created_at timestamptz not null default now(),
	created_by text not null default '',
	modified_at timestamptz not null default now(),
	modified_by text not null default '',
	constraint automation_pkey primary key (id),
	constraint automation_integration foreign key (integration_id) references ewa.integration (id),
	constraint automation_position_unique unique (integration_id, position) deferrable initially deferred,
	constraint automation_position_range check (position between 1 and 100),
	constraint automation_name_form check (name = btrim(name) and length(name) between 1 and 200),
	constraint automation_condition_length check (length(condition) <= 4000),
	constraint automation_kind_known check (kind in ('command', 'http', 'sql')),
	constraint automation_target_length check (length(target) between 1 and 2048),
	constraint automation_method_known check (method in ('POST', 'PUT')),
	constraint automation_timeout_range check (timeout_ms between 1 and 3600000),
	constraint automation_attempts_range check (attempts between 1 and 20),
	constraint automation_on_failure_known check (on_failure in ('stop', 'continue'))
);
create unique index automation_name_unique on ewa.automation (integration_id, lower(name));

create table ewa.automation_header (
	automation_id integer not null,
	position smallint not null,
	name text not null,
	value text,
	sealed bytea,
	constraint automation_header_pkey primary key (automation_id, position),
	constraint automation_header_automation foreign key (automation_id)
		references ewa.automation (id) on delete cascade,
	constraint automation_header_position_range check (position between 1 and 50),
	constraint automation_header_one_value check ((value is null) <> (sealed is null))
);

alter table ewa.integration
	add column subject text not null default '',
	add constraint integration_subject_length check (length(subject) <= 1000);

comment on table ewa.automation is 'What is done with the events of an integration, in order of position';
comment on column ewa.automation.id is 'Number of the automation';
comment on column ewa.automation.integration_id is 'Whose it is';
comment on column ewa.automation.position is 'Its place in the order, from 1';
comment on column ewa.automation.name is 'What people and replies call it; unique within its integration';
comment on column ewa.automation.enabled is 'false: it is passed over';
comment on column ewa.automation.condition is
	'jsonpath predicate over event, headers, integration, contentType, results; blank: always';
comment on column ewa.automation.kind is 'command, http or sql';
comment on column ewa.automation.target is
	'command: file name in action_dir; http: URL; sql: function of schema ewa_action';
comment on column ewa.automation.arguments is 'command: its fixed arguments';
comment on column ewa.automation.method is 'http: POST or PUT';
comment on column ewa.automation.timeout_ms is 'Time limit of one attempt';
comment on column ewa.automation.attempts is 'How often it is tried at most';
comment on column ewa.automation.on_failure is
	'stop: the event has failed; continue: the next automations are run all the same';
comment on column ewa.automation.created_at is 'When it was made';
comment on column ewa.automation.created_by is 'Who made it';
comment on column ewa.automation.modified_at is 'When it was changed last';
comment on column ewa.automation.modified_by is 'Who changed it last';

comment on table ewa.automation_header is 'Headers of http automations';
comment on column ewa.automation_header.automation_id is 'Whose it is';
comment on column ewa.automation_header.position is 'Its place in the list, from 1';
comment on column ewa.automation_header.name is 'Name of the header';
comment on column ewa.automation_header.value is 'Value, where it is no secret';
comment on column ewa.automation_header.sealed is 'Secret value, sealed with a key of the key file';

comment on column ewa.integration.subject is
	'jsonpath of the line by which people recognise an event; blank: none';

-- ---- handling -------------------------------------------------------------------

alter table ewa.queue
	add column results boolean not null default false,
	add column failed boolean not null default false;
comment on column ewa.queue.results is 'Its automations have left results, which the reply carries';
comment on column ewa.queue.failed is 'An automation has failed, so the event has';

alter table ewa.attempt add column automation text;
comment on column ewa.attempt.automation is 'Of kind automation: which one, by its name';

alter table ewa.event add column no_reply boolean not null default false;
comment on column ewa.event.no_reply is 'Of a test event: its reply is not to be sent';

create index outcome_subject on ewa.outcome (subject text_pattern_ops)
	where subject is not null;

-- ---- where functions of sql automations live ----------------------------------------

create schema if not exists ewa_action;
comment on schema ewa_action is
	'Functions (jsonb returns jsonb) that sql automations may call, as the role ewa_action';
