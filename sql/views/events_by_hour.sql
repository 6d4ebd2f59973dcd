-- Events by hour and integration, of everything kept.  Of a span of time:
-- the function of the same name.
create or replace view report.events_by_hour as
select hour, integration, integration_key, events, bytes
from report.events_by_hour('-infinity', 'infinity');

comment on view report.events_by_hour is
	'Accepted events by hour and integration, of everything kept; report.events_by_hour(since, until) reads a span of time only';
comment on column report.events_by_hour.hour is 'Start of the hour in which they were received';
comment on column report.events_by_hour.integration is 'Name of the integration';
comment on column report.events_by_hour.integration_key is 'Key of the integration';
comment on column report.events_by_hour.events is 'Events accepted, without test events';
comment on column report.events_by_hour.bytes is 'Bytes of their bodies';
