-- Replies: when our own certificates expire can be told without opening them.

alter table ewa.integration_reply_secret
	add column certificate_subject text,
	add column certificate_expires_at timestamptz;
comment on column ewa.integration_reply_secret.certificate_subject is
	'Whom a certificate names; NULL: another kind of secret';
comment on column ewa.integration_reply_secret.certificate_expires_at is
	'When a certificate expires; NULL: another kind of secret';
