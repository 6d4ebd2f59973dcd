-- ewa.tally_events: counts the events of quarters of an hour that are over,
-- into ewa.tally.
--
-- An id carries its responder's clock, and its row may be committed a little
-- later: a slot is counted five minutes after its end.  Integrations with
-- unfinished events of the slot are left open and counted when those have
-- finished; since an outcome never changes, what is counted stays right.
-- (An event whose id is older than that when it is stored, because a clock
-- is slow by minutes, is missing from the figures.)
--
-- A moment that is read first from the queue and then from the outcomes can
-- miss nothing: what has left the queue in between is left open.
--
-- Parameters: most, slots that are counted for the first time in this call.
-- Returns: how many were; as many as `most`: there may be more.
-- Calls: ewa.uuid7_floor, ewa.uuid7_time, ewa.latency_bin.
-- Tables: ewa.event, ewa.outcome, ewa.queue (read), ewa.tally, ewa.tally_slot,
--   ewa.repeat (its old rows are deleted).
create or replace function ewa.tally_events(most integer default 100)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set jit = off
set plan_cache_mode = force_custom_plan
as $$
declare
	step constant interval := '15 min';
	newest constant timestamptz := date_bin(step,
		clock_timestamp() - interval '5 min', 'epoch') - step;
	oldest timestamptz;
	low uuid;
	high uuid;
	unfinished integer[];
	fresh integer := 0;
	s record;
begin
	if not pg_try_advisory_xact_lock(6649697, 4) then
		return 0; -- another does it
	end if;
	-- as far back as there are events
	select min(to_date(right(c.relname, 8), 'YYYYMMDD'))
	into oldest
	from pg_inherits i
	join pg_class c on c.oid = i.inhrelid
	where i.inhparent = 'ewa.outcome'::regclass
	and c.relname ~ '^outcome_[0-9]{8}$';
	delete from ewa.tally t where t.slot < oldest;
	delete from ewa.tally_slot t where t.slot < oldest;
	delete from ewa.repeat r where r.hour < oldest;
	for s in
		select g.slot, t.open
		from generate_series(newest, oldest, -step) g(slot)
		left join ewa.tally_slot t on t.slot = g.slot
		where t.slot is null
		or t.open <> '{}'
		order by g.slot desc
	loop
		continue when s.open is null and fresh >= most;
		fresh := fresh + (s.open is null)::integer;
		low := ewa.uuid7_floor(s.slot);
		high := ewa.uuid7_floor(s.slot + step);
		select coalesce(array_agg(distinct q.integration_id), '{}')
		into unfinished
		from ewa.queue q
		where q.event_id >= low
		and q.event_id < high
		and q.seq = 0
		and (s.open is null or q.integration_id = any(s.open));
		continue when unfinished = s.open;
		insert into ewa.tally
		with tests as materialized (
			select e.id
			from ewa.event e
			where e.test
			and e.id >= low
			and e.id < high
		),
		g as materialized (
			select o.integration_id,
				o.event_id in (select id from tests) as test,
				o.state,
				o.reply_state,
				case when o.handled_at is not null then ewa.latency_bin(
					date_part('epoch', o.handled_at - a.at) * 1000) end as handling,
				case when o.reply_state = 'sent' then ewa.latency_bin(
					date_part('epoch', o.finished_at - a.at) * 1000) end as latency,
				count(*) as n
			from ewa.outcome o
			cross join lateral (
				select ewa.uuid7_time(o.event_id) as at
				offset 0 -- once a row
			) a
			where o.event_id >= low
			and o.event_id < high
			and o.seq = 0
			and o.integration_id <> all(unfinished)
			and (s.open is null or o.integration_id = any(s.open))
			group by 1, 2, 3, 4, 5, 6
		),
		h as (
			select integration_id, array_agg(bin order by bin) as bins,
				array_agg(sum order by bin) as counts
			from (
				select integration_id, handling as bin, sum(n)::bigint
				from g
				where handling is not null
				and not test
				group by 1, 2
			) x
			group by 1
		),
		l as (
			select integration_id, array_agg(bin order by bin) as bins,
				array_agg(sum order by bin) as counts
			from (
				select integration_id, latency as bin, sum(n)::bigint
				from g
				where latency is not null
				and not test
				group by 1, 2
			) x
			group by 1
		),
		c as (
			select integration_id,
				sum(n) filter (where not test) as accepted,
				sum(n) filter (where test) as tests,
				sum(n) filter (where not test and state = 'handled') as handled,
				sum(n) filter (where not test and state = 'failed') as failed,
				sum(n) filter (where not test and reply_state = 'sent') as sent,
				sum(n) filter (where not test and reply_state = 'failed') as reply_failed,
				sum(n) filter (where not test and reply_state = 'expired') as expired,
				sum(n) filter (where not test and reply_state = 'cancelled') as cancelled
			from g
			group by 1
		)
		select c.integration_id, s.slot, coalesce(c.accepted, 0),
			coalesce(c.tests, 0), coalesce(c.handled, 0), coalesce(c.failed, 0),
			coalesce(c.sent, 0), coalesce(c.reply_failed, 0),
			coalesce(c.expired, 0), coalesce(c.cancelled, 0),
			coalesce(h.bins, '{}'), coalesce(h.counts, '{}'),
			coalesce(l.bins, '{}'), coalesce(l.counts, '{}')
		from c
		left join h using (integration_id)
		left join l using (integration_id);
		insert into ewa.tally_slot
		values (s.slot, unfinished)
		on conflict on constraint tally_slot_pkey
		do update set open = unfinished;
		-- those of all that are counted by now
		delete from ewa.tally t
		where t.slot = s.slot
		and t.integration_id = 0;
		insert into ewa.tally
		with t as materialized (
			select *
			from ewa.tally
			where slot = s.slot
			and integration_id = any(array(select id from ewa.integration))
		),
		h as (
			select array_agg(bin order by bin) as bins,
				array_agg(sum order by bin) as counts
			from (
				select bin, sum(n)::bigint
				from t, unnest(handling_bins, handling_counts) u(bin, n)
				group by 1
			) x
		),
		l as (
			select array_agg(bin order by bin) as bins,
				array_agg(sum order by bin) as counts
			from (
				select bin, sum(n)::bigint
				from t, unnest(latency_bins, latency_counts) u(bin, n)
				group by 1
			) x
		),
		c as (
			select sum(accepted) as accepted, sum(tests) as tests,
				sum(handled) as handled, sum(failed) as failed,
				sum(sent) as sent, sum(reply_failed) as reply_failed,
				sum(expired) as expired, sum(cancelled) as cancelled
			from t
			having count(*) <> 0
		)
		select 0, s.slot, c.*, coalesce(h.bins, '{}'), coalesce(h.counts, '{}'),
			coalesce(l.bins, '{}'), coalesce(l.counts, '{}')
		from c, h, l;
	end loop;
	return fresh;
end
$$;
comment on function ewa.tally_events(integer) is
	'Counts the events of quarters of an hour that are over into ewa.tally; returns how many slots were new';
