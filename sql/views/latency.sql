-- How long events took, by UTC day and integration, of everything kept.  Of
-- a span of time: the function of the same name.
create or replace view report.latency as
select day, integration, integration_key,
	handled, handled_p50_ms, handled_p90_ms, handled_p99_ms, handled_max_ms,
	replied, replied_p50_ms, replied_p90_ms, replied_p99_ms, replied_max_ms
from report.latency('-infinity', 'infinity');

comment on view report.latency is
	'Milliseconds from accepted to handled and to replied, of everything kept; report.latency(since, until) reads a span of time only';
comment on column report.latency.day is 'UTC day on which the events were received';
comment on column report.latency.integration is 'Name of the integration';
comment on column report.latency.integration_key is 'Key of the integration';
comment on column report.latency.handled is 'Events whose handling ended, without test events';
comment on column report.latency.handled_p50_ms is 'Half of them were handled within so many milliseconds of being accepted';
comment on column report.latency.handled_p90_ms is 'The same for nine of ten';
comment on column report.latency.handled_p99_ms is 'The same for 99 of a hundred';
comment on column report.latency.handled_max_ms is 'The slowest';
comment on column report.latency.replied is 'Events whose reply was sent';
comment on column report.latency.replied_p50_ms is 'Half of them were replied to within so many milliseconds of being accepted; NULL: no replies';
comment on column report.latency.replied_p90_ms is 'The same for nine of ten';
comment on column report.latency.replied_p99_ms is 'The same for 99 of a hundred';
comment on column report.latency.replied_max_ms is 'The slowest';
