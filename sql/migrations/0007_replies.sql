-- Replies: the last attempt tells how they fare, whoever made it; when our own
-- certificates expire is told without opening them.

-- looked at once a second by each dispatcher
drop index ewa.integration_status_stopped;
create index integration_status_not_ok on ewa.integration_status (integration_id)
	where stopped_at is not null or resumed_at is not null or state = 'error';
comment on column ewa.integration_status.seen_at is
	'When the attempt ended that says so; the word of an earlier one is not taken any more';

alter table ewa.integration_reply_secret
	add column certificate_subject text,
	add column certificate_expires_at timestamptz;
comment on column ewa.integration_reply_secret.certificate_subject is
	'Whom a certificate names; NULL: another kind of secret';
comment on column ewa.integration_reply_secret.certificate_expires_at is
	'When a certificate expires; NULL: another kind of secret';
