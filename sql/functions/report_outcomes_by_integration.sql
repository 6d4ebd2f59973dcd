-- report.outcomes_by_integration: how the events of a span of time ended.
--
-- Only the days of the span are read.  The span is that of the Event ID's
-- time (the responder's clock), so ewa.event itself is not read.
--
-- Parameters: since (included) and until (not), of the Event ID's time.
-- Returns: one row an integration that had finished events.
-- Calls: ewa.uuid7_floor.
-- Tables: ewa.outcome, ewa.event (index of test events), ewa.integration
--   (read).
create or replace function report.outcomes_by_integration(since timestamptz,
	until timestamptz default 'infinity')
returns table (
	integration text,
	integration_key text,
	finished bigint,
	handled bigint,
	failed bigint,
	without_reply bigint,
	reply_sent bigint,
	reply_failed bigint,
	reply_expired bigint,
	reply_cancelled bigint,
	attempts bigint,
	last_finished_at timestamptz
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
	low constant uuid := ewa.uuid7_floor(since);
	high constant uuid := ewa.uuid7_floor(until);
begin
	return query
	select i.name, i.key, x.finished, x.handled, x.failed, x.without_reply,
		x.reply_sent, x.reply_failed, x.reply_expired, x.reply_cancelled,
		x.attempts, x.last_finished_at
	from (
		select o.integration_id,
			count(*) as finished,
			count(*) filter (where o.state = 'handled') as handled,
			count(*) filter (where o.state = 'failed') as failed,
			count(*) filter (where o.reply_state = 'none') as without_reply,
			count(*) filter (where o.reply_state = 'sent') as reply_sent,
			count(*) filter (where o.reply_state = 'failed') as reply_failed,
			count(*) filter (where o.reply_state = 'expired') as reply_expired,
			count(*) filter (where o.reply_state = 'cancelled') as reply_cancelled,
			sum(o.attempts) as attempts,
			max(o.finished_at) as last_finished_at
		from ewa.outcome o
		where o.event_id >= low
		and o.event_id < high
		-- a later outcome (a reply sent again) takes the place of the first
		and not exists (
			select
			from ewa.outcome l
			where l.event_id = o.event_id
			and l.seq > o.seq
			and l.seq > 0
			and l.event_id >= low
			and l.event_id < high
		)
		and not exists (
			select
			from ewa.event e
			where e.id = o.event_id
			and e.test
			and e.id >= low
			and e.id < high
		)
		group by 1
	) x
	join ewa.integration i on i.id = x.integration_id
	order by i.name, i.key;
end
$$;
comment on function report.outcomes_by_integration(timestamptz, timestamptz) is
	'How the events received in a span of time ended, by integration';
