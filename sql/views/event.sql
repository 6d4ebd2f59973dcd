-- Single events with their payload as jsonb.
--
-- State columns are scalar subqueries, so a query pays only for those that
-- it names.  Bound id (report.id_floor), and only those days are read.
create or replace view report.event as
select e.id,
	i.name as integration,
	i.key as integration_key,
	e.received_at,
	e.deadline,
	e.kind,
	e.content_type,
	e.body_length,
	e.source_ip,
	e.request_id,
	e.replay_of,
	case
	when e.kind = 'json' then ewa.try_jsonb(e.body)
	end as payload,
	case
	when e.kind = 'json' then ewa.jsonb_problem(e.body)
	else coalesce(e.malformed, 'the body is ' || e.kind)
	end as payload_problem,
	coalesce(
		(select o.state
		from ewa.outcome o
		where o.event_id = e.id
		order by o.seq desc
		limit 1),
		(select case
			when q.step = 1 then 'handled'
			when q.owner is not null then 'handling'
			else 'accepted'
			end
		from ewa.queue q
		where q.event_id = e.id)
	) as state,
	coalesce(
		(select o.reply_state
		from ewa.outcome o
		where o.event_id = e.id
		order by o.seq desc
		limit 1),
		case
		when i.reply_url = '' then 'none'
		else 'pending'
		end
	) as reply_state,
	(select o.reason
	from ewa.outcome o
	where o.event_id = e.id
	order by o.seq desc
	limit 1) as reason,
	(select o.subject
	from ewa.outcome o
	where o.event_id = e.id
	order by o.seq desc
	limit 1) as subject,
	coalesce(
		(select o.handled_at
		from ewa.outcome o
		where o.event_id = e.id
		order by o.seq desc
		limit 1),
		(select q.handled_at
		from ewa.queue q
		where q.event_id = e.id)
	) as handled_at,
	(select o.finished_at
	from ewa.outcome o
	where o.event_id = e.id
	order by o.seq desc
	limit 1) as finished_at,
	coalesce(
		(select o.attempts
		from ewa.outcome o
		where o.event_id = e.id
		order by o.seq desc
		limit 1),
		(select case when q.step = 1 then q.tries end
		from ewa.queue q
		where q.event_id = e.id),
		0
	) as attempts
from ewa.event e
join ewa.integration i on i.id = e.integration_id
where not e.test;

comment on view report.event is
	'Accepted events with their payload as jsonb; bound id with report.id_floor to read only some days';
comment on column report.event.id is 'Event ID; rises with time';
comment on column report.event.integration is 'Name of the integration';
comment on column report.event.integration_key is 'Key of the integration';
comment on column report.event.received_at is 'When it was stored';
comment on column report.event.deadline is 'No reply is attempted after it';
comment on column report.event.kind is 'json, text or binary';
comment on column report.event.content_type is 'Content-Type as received';
comment on column report.event.body_length is 'Bytes of the body';
comment on column report.event.source_ip is 'The sender''s address';
comment on column report.event.request_id is 'Id of the request in the logs';
comment on column report.event.replay_of is 'The event that this one repeats; NULL: it came from a sender';
comment on column report.event.payload is 'The body as jsonb; NULL where it can''t be: payload_problem tells why';
comment on column report.event.payload_problem is 'Why payload is NULL; NULL where it is not';
comment on column report.event.state is 'accepted, handling, handled or failed';
comment on column report.event.reply_state is 'none, pending, sent, failed, expired or cancelled';
comment on column report.event.reason is 'Why it failed or was cancelled; NULL: it was not';
comment on column report.event.subject is 'The line by which people recognise the event';
comment on column report.event.handled_at is 'When its handling ended; NULL: not yet';
comment on column report.event.finished_at is 'When it was finished; NULL: not yet';
comment on column report.event.attempts is 'Attempts of its reply so far';
