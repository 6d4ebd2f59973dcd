-- report.latency: how long events of a span of time took, by day (UTC) and
-- integration.
--
-- All times are the database's: stored, handling recorded, reply's success
-- recorded.  Only the days of the span are read, and five minutes either way
-- (ids carry the responder's clock).
--
-- Parameters: since (included) and until (not), of received_at.
-- Returns: one row a day and integration that had finished events; the
--   replied_* columns are NULL where no reply was sent.
-- Calls: ewa.uuid7_floor.
-- Tables: ewa.event, ewa.outcome, ewa.integration (read).
create or replace function report.latency(since timestamptz,
	until timestamptz default 'infinity')
returns table (
	day date,
	integration text,
	integration_key text,
	handled bigint,
	handled_p50_ms double precision,
	handled_p90_ms double precision,
	handled_p99_ms double precision,
	handled_max_ms double precision,
	replied bigint,
	replied_p50_ms double precision,
	replied_p90_ms double precision,
	replied_p99_ms double precision,
	replied_max_ms double precision
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_partitionwise_join = on
set jit = off
as $$
#variable_conflict use_column
declare
	low constant uuid := ewa.uuid7_floor(since - interval '5 minutes');
	high constant uuid := ewa.uuid7_floor(until + interval '5 minutes');
begin
	return query
	select x.day, i.name, i.key,
		x.handled, x.h[1], x.h[2], x.h[3], x.h[4],
		x.replied, x.r[1], x.r[2], x.r[3], x.r[4]
	from (
		select t.day, t.integration_id,
			count(t.handled_ms) as handled,
			percentile_cont(array[0.5, 0.9, 0.99, 1])
				within group (order by t.handled_ms) as h,
			count(t.replied_ms) as replied,
			percentile_cont(array[0.5, 0.9, 0.99, 1])
				within group (order by t.replied_ms) as r
		from (
			select (e.received_at at time zone 'UTC')::date as day,
				e.integration_id,
				(1000 * extract(epoch from o.handled_at - e.received_at))
					::double precision as handled_ms,
				case when o.reply_state = 'sent' then
					(1000 * extract(epoch from o.finished_at - e.received_at))
						::double precision
				end as replied_ms
			from ewa.event e
			join ewa.outcome o on o.event_id = e.id and o.seq = 0
			where e.id >= low
			and e.id < high
			and o.event_id >= low
			and o.event_id < high
			and e.received_at >= since
			and e.received_at < until
			and not e.test
		) t
		group by 1, 2
	) x
	join ewa.integration i on i.id = x.integration_id
	order by x.day, i.name, i.key;
end
$$;
comment on function report.latency(timestamptz, timestamptz) is
	'Milliseconds from accepted to handled and to replied, percentiles by UTC day and integration, of a span of time';
