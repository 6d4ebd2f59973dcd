-- Requests that were answered with the Event ID of an earlier one.
create or replace view report.repeats_by_hour as
select r.hour,
	i.name as integration,
	i.key as integration_key,
	r.repeats,
	r.last_at
from ewa.repeat r
join ewa.integration i on i.id = r.integration_id;

comment on view report.repeats_by_hour is
	'Requests that were answered with the Event ID of an earlier one, by hour and integration; no event is stored for them';
comment on column report.repeats_by_hour.hour is 'Start of the hour in which they came';
comment on column report.repeats_by_hour.integration is 'Name of the integration';
comment on column report.repeats_by_hour.integration_key is 'Key of the integration';
comment on column report.repeats_by_hour.repeats is 'How many';
comment on column report.repeats_by_hour.last_at is 'When the last of them came';
