-- Intake: repeats, signatures, a rate.

-- ---- settings of an integration ----------------------------------------------

alter table ewa.integration
	add column repeat_window_ms bigint not null default 86400000,
	add column signature_header text not null default '',
	add column signature_rule text not null default 'either',
	add column rate_limit integer not null default 0,
	add column rate_burst integer not null default 0,
	add constraint integration_repeat_window_range
		check (repeat_window_ms between 0 and 2592000000),
	add constraint integration_signature_rule_known
		check (signature_rule in ('either', 'besides', 'instead')),
	add constraint integration_rate_limit_range check (rate_limit between 0 and 100000),
	add constraint integration_rate_burst_range check (rate_burst between 0 and 1000000);
comment on column ewa.integration.repeat_window_ms is
	'How long the key of an event is remembered, so that a repeat is known; 0: not at all';
comment on column ewa.integration.signature_header is
	'Name of the request header that carries the signature; blank: webhook-signature or X-Hub-Signature-256';
comment on column ewa.integration.signature_rule is
	'either: token or signature; besides: both; instead: the signature alone; without a signing secret the token';
comment on column ewa.integration.rate_limit is
	'Most events a second, counted by each responder process; 0: no limit';
comment on column ewa.integration.rate_burst is
	'How many may come at once; 0: as many as rate_limit';

create table ewa.integration_signing_secret (
	id integer generated always as identity,
	integration_id integer not null,
	sealed bytea not null,
	created_at timestamptz not null default now(),
	created_by text not null default '',
	expires_at timestamptz,
	constraint integration_signing_secret_pkey primary key (id),
	constraint integration_signing_secret_integration
		foreign key (integration_id) references ewa.integration (id)
);
create index integration_signing_secret_integration_id
	on ewa.integration_signing_secret (integration_id);
comment on table ewa.integration_signing_secret is
	'Secrets by which senders sign; two live ones during a rotation';
comment on column ewa.integration_signing_secret.id is 'Number of the secret';
comment on column ewa.integration_signing_secret.integration_id is 'Whose it is';
comment on column ewa.integration_signing_secret.sealed is 'The secret, sealed with a key of the key file';
comment on column ewa.integration_signing_secret.created_at is 'When it was set';
comment on column ewa.integration_signing_secret.created_by is 'Who set it';
comment on column ewa.integration_signing_secret.expires_at is 'Until when it is taken; NULL: no end';

-- ---- repeats --------------------------------------------------------------------

-- A repeat is answered with the time of the first.
alter table ewa.dedup add column received_at timestamptz not null default now();
comment on column ewa.dedup.received_at is 'When that event was stored';

alter table ewa.event add column differs_from uuid;
comment on column ewa.event.differs_from is
	'The earlier event with the same delivery id and another body; NULL: there is none';

-- ---- refusals -------------------------------------------------------------------

create table ewa.refusal (
	integration_id integer not null,
	source text not null,
	reason text not null,
	status integer not null,
	count bigint not null,
	first_at timestamptz not null,
	last_at timestamptz not null,
	last_size bigint,
	last_path text not null,
	last_detail text not null,
	constraint refusal_pkey primary key (integration_id, source, reason, status)
);
create index refusal_last_at on ewa.refusal (last_at);
comment on table ewa.refusal is
	'Why requests to endpoints were refused, counted; bounded whatever is sent (ewa.count_refusals)';
comment on column ewa.refusal.integration_id is 'The integration; 0: none, the key is unknown';
comment on column ewa.refusal.source is 'The sender''s address; other: of more addresses than are told apart';
comment on column ewa.refusal.reason is 'Problem type of the answer';
comment on column ewa.refusal.status is 'HTTP status of the answer';
comment on column ewa.refusal.count is 'How many';
comment on column ewa.refusal.first_at is 'When the first was refused';
comment on column ewa.refusal.last_at is 'When the last was refused';
comment on column ewa.refusal.last_size is 'Content-Length of the last; NULL: it had none';
comment on column ewa.refusal.last_path is 'Path of the last, without its query';
comment on column ewa.refusal.last_detail is 'What the last was told';
