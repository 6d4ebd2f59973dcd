-- Refused requests, counted, as ewactl refusals shows them.
create or replace view report.refusals as
select i.name as integration,
	i.key as integration_key,
	r.source,
	r.status,
	r.reason,
	r.last_detail as detail,
	r.count as requests,
	r.first_at,
	r.last_at
from ewa.refusal r
left join ewa.integration i on i.id = r.integration_id;

comment on view report.refusals is 'Requests that were refused, counted by integration, source and reason';
comment on column report.refusals.integration is 'Name of the integration; NULL: none, the key is unknown or the path wrong';
comment on column report.refusals.integration_key is 'Key of the integration; NULL: none';
comment on column report.refusals.source is 'The sender''s address; other: of more addresses than are told apart';
comment on column report.refusals.status is 'HTTP status of the answer';
comment on column report.refusals.reason is 'Kind of the problem';
comment on column report.refusals.detail is 'What the last of them was told';
comment on column report.refusals.requests is 'How many';
comment on column report.refusals.first_at is 'When the first was refused';
comment on column report.refusals.last_at is 'When the last was refused';
