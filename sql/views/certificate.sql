-- The certificates that replies depend on: of the receivers, as they were last
-- seen, and our own.
create or replace view ewa.certificate as
select i.id as integration_id,
	'receiver' as whose,
	s.certificate_subject as subject,
	s.certificate_expires_at as expires_at
from ewa.integration i
join ewa.integration_status s on s.integration_id = i.id
where i.deleted_at is null
and i.reply_url ilike 'https:%'
and s.certificate_expires_at is not null
union all
select i.id,
	'client',
	k.certificate_subject,
	k.certificate_expires_at
from ewa.integration i
join ewa.integration_reply_secret k on k.integration_id = i.id
where i.deleted_at is null
and i.reply_url ilike 'https:%'
and k.kind = 'certificate'
and k.certificate_expires_at is not null;

comment on view ewa.certificate is 'Certificates that replies of integrations depend on';
comment on column ewa.certificate.integration_id is 'The integration';
comment on column ewa.certificate.whose is
	'receiver: that of the reply URL''s server, as last seen; client: ours, by which it knows us';
comment on column ewa.certificate.subject is 'Whom it names';
comment on column ewa.certificate.expires_at is 'When it expires';
