/* Rows of events, as all lists of them read them; for the store's own files.
 */
#ifndef EWA_STORE_EVENT_ROWS_H
#define EWA_STORE_EVENT_ROWS_H

#include "store/events.h"
#include "store/pgval.h"

/*
 * An event as its last outcome says, else its queue row: the two change
 * places in one transaction, and this is one snapshot.  Each is looked up by
 * primary key (lateral and limit see to it), in the one partition.
 */
#define EVENT_COLUMNS(headers)                                               \
	"select e.id, e.integration_id, i.key, i.name, e.received_at,"       \
	" case when q.step = 1 or i.reply_url <> '' then e.deadline end,"    \
	" e.kind, e.malformed, e.content_type, e.source_ip, "                \
	"e.request_id, " headers ", e.body_length, e.test,"                  \
	" coalesce(o.state, q.state, 'accepted') as state,"                  \
	" coalesce(o.reply_state, case when q.step = 1 or i.reply_url <> ''" \
	"  then 'pending' else 'none' end) as reply_state,"                  \
	" o.reason, o.subject, coalesce(o.handled_at, q.handled_at),"        \
	" o.finished_at, q.next_at,"                                         \
	" coalesce((select sum(p.attempts) from ewa.outcome p"               \
	"  where p.event_id = e.id), 0)::int + coalesce(q.tries, 0),"        \
	" e.replay_of, coalesce(o.seq, 0)::int,"                             \
	" case when q.seq > 0 then q.deadline end, e.differs_from"

#define EVENT_LOOKUPS(id)                                                \
	" join ewa.integration i on i.id = e.integration_id"             \
	" left join lateral ("                                           \
	"  select seq, state, reply_state, reason, subject, handled_at," \
	"   finished_at, attempts from ewa.outcome where event_id = " id \
	"  order by seq desc limit 1) o on true"                         \
	" left join lateral ("                                           \
	"  select step, handled_at, tries, seq, deadline,"               \
	"   case when step = 1 then 'handled'"                           \
	"    when owner is not null and due_at > now() then 'handling'"  \
	"    else 'accepted' end as state,"                              \
	"   case when step = 1 and owner is null and due_at <> deadline" \
	"    then due_at end as next_at"                                 \
	"  from ewa.queue where event_id = " id " limit 1) q on true"

/* Without headers, attempts and results. */
void event_take_row(struct event *e, const PGresult *r, int row);

#endif
