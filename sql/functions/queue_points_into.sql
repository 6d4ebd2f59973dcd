-- ewa.queue_points_into: whether an unfinished event lies in a day.
--
-- Parameters: day, a UTC day.
-- Returns: true if a queue row is for an event of that day.
-- Calls: ewa.uuid7_floor.
-- Tables: ewa.queue (reads).
create or replace function ewa.queue_points_into(day date)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
	select exists (
		select
		from ewa.queue q
		where q.event_id >= ewa.uuid7_floor(day::timestamp at time zone 'UTC')
		and q.event_id < ewa.uuid7_floor((day + 1)::timestamp at time zone 'UTC')
	)
$$;
comment on function ewa.queue_points_into(date) is
	'Whether an unfinished event lies in a UTC day';
