-- The same for analysts, with the names of the integrations.
create or replace view report.certificates as
select i.name as integration,
	i.key as integration_key,
	c.whose,
	c.subject,
	c.expires_at,
	floor(extract(epoch from c.expires_at - now()) / 86400)::integer as days_left
from ewa.certificate c
join ewa.integration i on i.id = c.integration_id;

comment on view report.certificates is 'Certificates that replies depend on, and when they expire';
comment on column report.certificates.integration is 'Name of the integration';
comment on column report.certificates.integration_key is 'Key of the integration';
comment on column report.certificates.whose is
	'receiver: that of the reply URL''s server, as last seen; client: ours, by which it knows us';
comment on column report.certificates.subject is 'Whom it names';
comment on column report.certificates.expires_at is 'When it expires';
comment on column report.certificates.days_left is 'Whole days until then; negative: it has expired';
