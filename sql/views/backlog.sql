-- What is unfinished, by integration.  Reads the queue only (and the index of
-- test events), so it costs what the backlog is, whatever the history.
create or replace view report.backlog as
select i.name as integration,
	i.key as integration_key,
	i.enabled,
	nullif(greatest(i.paused_until, now()), now()) as paused_until,
	x.events,
	x.waiting,
	x.in_hand,
	x.retrying,
	x.to_handle,
	x.to_reply,
	x.past_deadline,
	x.oldest_accepted_at
from (
	select q.integration_id,
		count(*) as events,
		count(*) filter (where q.due_at <= now()) as waiting,
		count(*) filter (where q.due_at > now() and q.owner is not null) as in_hand,
		count(*) filter (where q.due_at > now() and q.owner is null) as retrying,
		count(*) filter (where q.step = 0) as to_handle,
		count(*) filter (where q.step = 1) as to_reply,
		count(*) filter (where q.deadline <= now()) as past_deadline,
		min(ewa.uuid7_time(q.event_id)) as oldest_accepted_at
	from ewa.queue q
	where not exists (
		select
		from ewa.event e
		where e.id = q.event_id
		and e.test
	)
	group by q.integration_id
) x
join ewa.integration i on i.id = x.integration_id;

comment on view report.backlog is 'Unfinished events by integration, now';
comment on column report.backlog.integration is 'Name of the integration';
comment on column report.backlog.integration_key is 'Key of the integration';
comment on column report.backlog.enabled is 'Whether it is enabled; a disabled one''s events wait';
comment on column report.backlog.paused_until is 'Until when it is paused; infinity: until somebody resumes; NULL: it is not';
comment on column report.backlog.events is 'Unfinished events, without test events';
comment on column report.backlog.waiting is 'Of these: due, nobody works on them';
comment on column report.backlog.in_hand is 'Of these: a dispatcher works on them';
comment on column report.backlog.retrying is 'Of these: waiting for their next attempt';
comment on column report.backlog.to_handle is 'Of these: still to be handled';
comment on column report.backlog.to_reply is 'Of these: handled, the reply is still to be sent';
comment on column report.backlog.past_deadline is 'Of these: their reply''s deadline has passed';
comment on column report.backlog.oldest_accepted_at is 'When the oldest of them was accepted';
