-- ewa.make_partitions: the day partitions of yesterday, today and the days
-- ahead, where they are missing.
--
-- A partition is made beside its parent and then attached: that takes only a
-- SHARE UPDATE EXCLUSIVE lock on the parent, which inserts and look-ups don't
-- feel.  Days are UTC days whatever the session's time zone.  Several
-- sessions may call it at once; one makes the partitions, the others wait for
-- it.  A parent that is locked by somebody else (ALTER TABLE, ANALYZE) for
-- longer than the timeout is passed over with a warning: the next call tries
-- again.
--
-- Parameters: days_ahead, 0 to 366.
-- Returns: how many partitions were made.
-- Calls: ewa.uuid7_floor.
-- Tables: ewa.event, ewa.result, ewa.attempt, ewa.outcome (attaches).
create or replace function ewa.make_partitions(days_ahead integer default 7)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set lock_timeout = '2s'
set client_min_messages = warning
as $$
declare
	today date := clock_timestamp()::date;
	ahead integer := greatest(0, least(366, coalesce(days_ahead, 7)));
	locked boolean := false;
	made integer := 0;
	t record;
begin
	loop
		for t in
			select p.parent,
				p.parent || to_char(today + d, '_YYYYMMDD') as name,
				(today + d)::timestamptz as day
			from unnest(array['event', 'result', 'attempt', 'outcome'])
				with ordinality p(parent, n)
			cross join generate_series(-1, ahead) d
			where not exists (
				select
				from pg_inherits i
				join pg_class c on c.oid = i.inhrelid
				where i.inhparent = ('ewa.' || p.parent)::regclass
				and c.relname = p.parent || to_char(today + d, '_YYYYMMDD')
			)
			order by d < 0, d, p.n
		loop
			-- the usual call finds nothing missing and locks nothing
			exit when not locked;
			begin
				execute format('create table if not exists ewa.%I'
					' (like ewa.%I including all)', t.name, t.parent);
				-- Nothing is updated here: vacuum has little to do, and looking
				-- at bodies for statistics would take half a core from the
				-- accepts.
				execute format('alter table ewa.%I set ('
					'autovacuum_vacuum_insert_threshold = 1000000,'
					' autovacuum_analyze_threshold = 50000,'
					' autovacuum_analyze_scale_factor = 0.5)', t.name);
				if t.parent = 'event' then
					execute format('alter table ewa.%I'
						' alter column body set statistics 0,'
						' alter column headers set statistics 0', t.name);
				end if;
				execute format('alter table ewa.%I attach partition ewa.%I'
					' for values from (%L) to (%L)', t.parent, t.name,
					ewa.uuid7_floor(t.day),
					ewa.uuid7_floor(t.day + interval '1 day'));
				made := made + 1;
			exception when lock_not_available then
				raise warning 'ewa.% is locked: partition % is not made yet',
					t.parent, t.name;
			end;
		end loop;
		exit when locked or not found;
		perform pg_advisory_xact_lock(6649697, 2);
		locked := true;
	end loop;
	return made;
end
$$;
comment on function ewa.make_partitions(integer) is
	'Makes the missing day partitions of yesterday, today and the days ahead; returns how many';
