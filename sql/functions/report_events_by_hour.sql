-- report.events_by_hour: accepted events and their size, by hour and
-- integration, of a span of time.
--
-- Only the days of the span are read.  Ids carry the responder's clock, so
-- five minutes either way are read too.
--
-- Parameters: since (included) and until (not), of received_at.
-- Returns: one row an hour and integration that had events.
-- Calls: ewa.uuid7_floor.
-- Tables: ewa.event, ewa.integration (read).
create or replace function report.events_by_hour(since timestamptz,
	until timestamptz default 'infinity')
returns table (
	hour timestamptz,
	integration text,
	integration_key text,
	events bigint,
	bytes bigint
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set jit = off
as $$
#variable_conflict use_column
declare
	low constant uuid := ewa.uuid7_floor(since - interval '5 minutes');
	high constant uuid := ewa.uuid7_floor(until + interval '5 minutes');
begin
	return query
	select x.hour, i.name, i.key, x.events, x.bytes
	from (
		select date_trunc('hour', e.received_at, 'UTC') as hour,
			e.integration_id,
			count(*) as events,
			sum(e.body_length) as bytes
		from ewa.event e
		where e.id >= low
		and e.id < high
		and e.received_at >= since
		and e.received_at < until
		and not e.test
		group by 1, 2
	) x
	join ewa.integration i on i.id = x.integration_id
	order by x.hour, i.name, i.key;
end
$$;
comment on function report.events_by_hour(timestamptz, timestamptz) is
	'Accepted events and their bytes by hour and integration, received in a span of time';
