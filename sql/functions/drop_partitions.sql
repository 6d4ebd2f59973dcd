-- ewa.drop_partitions: the end of the days that are wholly older than the
-- retention.
--
-- A day goes with all its tables or not at all.  Detaching needs an ACCESS
-- EXCLUSIVE lock on the parents (DETACH CONCURRENTLY can't run in a function),
-- and while it waits, inserts wait behind it.  Hence the short lock_timeout:
-- a parent in use by a long query stops the run, and the next call tries
-- again.  Call it alone in its transaction; the locks last until its end.
--
-- Parameters: retention, how long events are kept; at least one day.
-- Returns: one row for each day that was due: dropped, or why not.
-- Calls: ewa.uuid7_floor.
-- Tables: ewa.queue (reads), ewa.event, ewa.result, ewa.attempt, ewa.outcome
--   (detaches and drops).
create or replace function ewa.drop_partitions(retention interval)
returns table (day date, dropped boolean, reason text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set lock_timeout = '5s'
set client_min_messages = warning
as $$
declare
	parents constant text[] := array['event', 'result', 'attempt', 'outcome'];
	kept date;
	locked boolean := false;
	p record;
begin
	if retention is null or retention < interval '1 day' then
		raise exception 'retention must be at least one day, not %', retention
			using errcode = 'invalid_parameter_value';
	end if;
	perform pg_advisory_xact_lock(6649697, 2);
	perform set_config('lock_timeout', '100ms', true);
	kept := (clock_timestamp() - retention)::date;
	for day in
		select distinct to_date(right(c.relname, 8), 'YYYYMMDD')
		from pg_inherits i
		join pg_class c on c.oid = i.inhrelid
		where i.inhparent in (select ('ewa.' || t)::regclass from unnest(parents) t)
		and c.relname ~ '^(event|result|attempt|outcome)_[0-9]{8}$'
		and to_date(right(c.relname, 8), 'YYYYMMDD') < kept
		order by 1
	loop
		dropped := false;
		reason := null;
		begin
			-- first without a lock: a backlog must not stall the intake
			if ewa.queue_points_into(day) then
				reason := 'unfinished events';
			else
				if not locked then
					lock table only ewa.event, only ewa.result,
						only ewa.attempt, only ewa.outcome
						in access exclusive mode;
					locked := true;
				end if;
				if ewa.queue_points_into(day) then
					reason := 'unfinished events';
				end if;
			end if;
			if reason is null then
				for p in
					select c.oid::regclass as name,
						i.inhparent::regclass as parent
					from pg_inherits i
					join pg_class c on c.oid = i.inhrelid
					where i.inhparent in
						(select ('ewa.' || t)::regclass from unnest(parents) t)
					and c.relname ~ ('^(event|result|attempt|outcome)_'
						|| to_char(day, 'YYYYMMDD') || '$')
				loop
					execute format('alter table %s detach partition %s',
						p.parent, p.name);
					execute format('drop table %s', p.name);
				end loop;
				dropped := true;
			end if;
		exception when lock_not_available then
			reason := 'in use by another session';
		end;
		return next;
		-- one wait for a lock is enough: the intake waits behind it
		exit when reason = 'in use by another session';
	end loop;
end
$$;
comment on function ewa.drop_partitions(interval) is
	'Drops the days wholly older than the retention; returns each day due, dropped or why not';
