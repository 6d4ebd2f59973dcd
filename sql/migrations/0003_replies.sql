-- Replies: sent again, told about, stopped.

-- ---- a finished event's reply is sent again ---------------------------------

alter table ewa.queue
	add column seq smallint not null default 0,
	add column attempts_before integer not null default 0;
comment on column ewa.queue.seq is
	'The outcome row that it will end in: 0, or of a reply sent again the next one';
comment on column ewa.queue.attempts_before is
	'Attempts of earlier resends of the event; this one''s numbers go on from there';

-- ---- whether an integration's replies arrive ----------------------------------

alter table ewa.integration
	add column stop_replies_after_ms bigint,
	add constraint integration_stop_replies_after_range
		check (stop_replies_after_ms between 1 and 2592000000);
comment on column ewa.integration.stop_replies_after_ms is
	'Replies that have failed for so long are stopped until somebody saves or resumes; NULL: never';

create table ewa.integration_status (
	integration_id integer not null,
	state text not null,
	since timestamptz not null default now(),
	cause text,
	seen_at timestamptz not null default now(),
	stopped_at timestamptz,
	stopped_reason text,
	resumed_at timestamptz,
	certificate_subject text,
	certificate_expires_at timestamptz,
	constraint integration_status_pkey primary key (integration_id),
	constraint integration_status_integration foreign key (integration_id) references ewa.integration (id),
	constraint integration_status_state_known check (state in ('ok', 'error'))
) with (fillfactor = 50);
create index integration_status_stopped on ewa.integration_status (integration_id)
	where stopped_at is not null or resumed_at is not null;

comment on table ewa.integration_status is
	'Whether replies of an integration arrive, as the dispatchers see it; no row: never replied';
comment on column ewa.integration_status.integration_id is 'The integration';
comment on column ewa.integration_status.state is 'ok or error: how the last attempt at a reply ended';
comment on column ewa.integration_status.since is 'Since when it is so';
comment on column ewa.integration_status.cause is 'The last cause of an error as a sentence; NULL: ok';
comment on column ewa.integration_status.seen_at is 'When a dispatcher last said so';
comment on column ewa.integration_status.stopped_at is 'Since when its replies are stopped; NULL: they are not';
comment on column ewa.integration_status.stopped_reason is 'Why they are stopped';
comment on column ewa.integration_status.resumed_at is
	'When they were resumed, while what waited for that is still being made due';
comment on column ewa.integration_status.certificate_subject is
	'Whom the certificate of the reply URL''s server names';
comment on column ewa.integration_status.certificate_expires_at is
	'When that certificate expires; NULL: not known, or no TLS';

-- ---- what replies need and nobody reads back -----------------------------------

create table ewa.integration_reply_secret (
	id integer generated always as identity,
	integration_id integer not null,
	kind text not null,
	sealed bytea not null,
	created_at timestamptz not null default now(),
	created_by text not null default '',
	expires_at timestamptz,
	constraint integration_reply_secret_pkey primary key (id),
	constraint integration_reply_secret_integration
		foreign key (integration_id) references ewa.integration (id),
	constraint integration_reply_secret_kind_known
		check (kind in ('signing', 'credentials', 'certificate'))
);
create index integration_reply_secret_integration_id
	on ewa.integration_reply_secret (integration_id);
comment on table ewa.integration_reply_secret is
	'Secrets by which replies are signed and sent; two live ones that sign during a rotation';
comment on column ewa.integration_reply_secret.id is 'Number of the secret';
comment on column ewa.integration_reply_secret.integration_id is 'Whose it is';
comment on column ewa.integration_reply_secret.kind is
	'signing: signs replies; credentials: user and password of the reply URL; certificate: ours and its key';
comment on column ewa.integration_reply_secret.sealed is 'The secret, sealed with a key of the key file';
comment on column ewa.integration_reply_secret.created_at is 'When it was set';
comment on column ewa.integration_reply_secret.created_by is 'Who set it';
comment on column ewa.integration_reply_secret.expires_at is 'Until when it is used; NULL: no end';
