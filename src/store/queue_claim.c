#include "config.h"

#include "store/queue_impl.h"

#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

/*
 * For each integration as much as it has room for.  The event comes by a
 * scalar subquery, one look-up in one partition; a join would be planned, and
 * wrongly on fresh tables.
 */
static const struct pg_stmt claim_stmt = {"queue_claim",
    "with i as materialized ("
    " select i.*, (select s.settings_version from ewa.integration s"
    "  where s.id = i.id) as version"
    " from unnest($1::int4[], $2::int4[], $3::timestamptz[], $4::int8[])"
    "  as i(id, n, mark, expired_ms)),"
    "x as materialized ("
    " select q.event_id, q.due_at, i.version from i cross join lateral ("
    "  select q.event_id, q.due_at from ewa.queue q"
    "  where q.integration_id = i.id"
    "  and q.due_at <= now() - i.expired_ms * interval '1 millisecond'"
    "  and q.due_at >= i.mark"
    "  and (i.expired_ms = 0 or q.deadline <= now())"
    "  order by q.due_at limit i.n for update skip locked) q)"
    "update ewa.queue q set"
    " due_at = now() + $5 * interval '1 millisecond',"
    " claim = nextval('ewa.claim'), claims = q.claims + 1, owner = $6"
    " from x where q.event_id = x.event_id"
    " returning q.event_id, q.step, q.claim, q.integration_id, q.tries,"
    " q.claims, q.seq, q.attempts_before, q.handled_at, x.due_at, now(),"
    " (extract(epoch from q.deadline - now()) * 1000)::int8,"
    " x.version, q.results, q.failed,"
    " (select row(e.kind, e.content_type, e.received_at,"
    "   e.headers ->> 'traceparent', e.test, e.body_length,"
    "   case when e.body_length <= 65536 and q.deadline > now()"
    "    then e.body end)"
    "  from ewa.event e where e.id = q.event_id)"};

_Static_assert(QUEUE_BODY_INLINE == 65536, "the statement says so too");

/*
 * Past their deadline, with nothing to do but a reply: finished without being
 * claimed, and without a look at their events.
 */
static const struct pg_stmt expire_stmt = {"queue_expire",
    "with x as materialized ("
    " select q.event_id from unnest($1::int4[], $2::int4[], $3::int8[])"
    "  as i(id, n, ms) cross join lateral ("
    "  select q.event_id from ewa.queue q where q.integration_id = i.id"
    "  and q.due_at <= now() - i.ms * interval '1 millisecond'"
    "  and q.deadline <= now()"
    "  order by q.due_at limit i.n for update skip locked) q),"
    "d as (delete from ewa.queue q using x where q.event_id = x.event_id"
    " returning q.event_id, q.integration_id, q.seq, q.handled_at, q.tries,"
    "  q.failed),"
    "o as (insert into ewa.outcome (event_id, seq, integration_id, state,"
    "  reply_state, reason, handled_at, finished_at, attempts)"
    " select d.event_id, d.seq, d.integration_id,"
    "  case when d.failed then 'failed' when d.seq = 0 then 'handled' else "
    "coalesce((select p.state"
    "   from ewa.outcome p where p.event_id = d.event_id and p.seq = 0),"
    "   'handled') end, 'expired',"
    "  case when d.tries > 0 then"
    "   'no attempt succeeded before the deadline' else"
    "   'the deadline had passed before an attempt could begin' end,"
    "  coalesce(d.handled_at, now()), greatest(d.handled_at, now()),"
    "  d.tries"
    " from d on conflict do nothing)"
    "select integration_id, count(*) from d group by 1"};

/*
 * Which integrations have unfinished events, and when the first is due: a
 * loose scan of the index, one probe for each integration.
 */
static const struct pg_stmt look_stmt = {"queue_look",
    "with recursive t(id, due_at, n) as ("
    " (select q.integration_id, q.due_at, 1 from ewa.queue q"
    "  order by q.integration_id, q.due_at limit 1)"
    " union all"
    " select x.integration_id, x.due_at, t.n + 1 from t cross join lateral ("
    "  select q.integration_id, q.due_at from ewa.queue q"
    "  where q.integration_id > t.id"
    "  order by q.integration_id, q.due_at limit 1) x"
    " where t.n < $1)"
    "select id, due_at,"
    " (extract(epoch from due_at - now()) * 1000)::int8, now(),"
    " (extract(epoch from clock_timestamp() - statement_timestamp())"
    "  * 1000000)::int8"
    " from t"};

enum claim_col {
	C_ID,
	C_STEP,
	C_CLAIM,
	C_INTEGRATION,
	C_TRIES,
	C_CLAIMS,
	C_SEQ,
	C_BEFORE,
	C_HANDLED,
	C_DUE,
	C_NOW,
	C_REMAINING,
	C_VERSION,
	C_RESULTS,
	C_FAILED,
	C_EVENT
};

enum event_col {
	E_KIND,
	E_CONTENT_TYPE,
	E_RECEIVED,
	E_TRACEPARENT,
	E_TEST,
	E_LENGTH,
	E_BODY,
	E_COLS
};

static size_t
pick(const struct queue_want *wants, size_t n, bool finish,
    const struct queue_want **out)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (wants[i].finish == finish)
			out[count++] = &wants[i];
	return count;
}

#define COLUMN(type, add)                                     \
	do {                                                  \
		pg_array_begin(p, type, n);                   \
		for (size_t i = 0; i < n; i++) {              \
			const struct queue_want *w = some[i]; \
			add;                                  \
		}                                             \
		pg_array_end(p);                              \
	} while (0)

void
queue_claim(struct queue *q, const struct queue_want *wants, size_t all,
    int64_t lease_ms)
{
	const struct queue_want *some[QUEUE_WANTS_MAX];
	struct pg_params *p = &q->params;
	size_t n;

	BUG_ON(all > QUEUE_WANTS_MAX);
	n = pick(wants, all, false, some);
	if (n == 0)
		return;
	pg_params_reset(p);
	COLUMN(PG_INT4, pg_elem_int4(p, w->integration_id));
	COLUMN(PG_INT4, pg_elem_int4(p, w->rows));
	COLUMN(PG_TIMESTAMPTZ, pg_elem_time(p, w->mark_us));
	COLUMN(PG_INT8, pg_elem_int8(p, w->expired_ms));
	pg_add_int8(p, lease_ms);
	pg_add_uuid(p, &q->owner);
	queue_add(q, QUEUE_OP_CLAIM, &claim_stmt);
}

void
queue_expire(struct queue *q, const struct queue_want *wants, size_t all)
{
	const struct queue_want *some[QUEUE_WANTS_MAX];
	struct pg_params *p = &q->params;
	size_t n;

	BUG_ON(all > QUEUE_WANTS_MAX);
	n = pick(wants, all, true, some);
	if (n == 0)
		return;
	pg_params_reset(p);
	COLUMN(PG_INT4, pg_elem_int4(p, w->integration_id));
	COLUMN(PG_INT4, pg_elem_int4(p, w->rows));
	COLUMN(PG_INT8, pg_elem_int8(p, w->expired_ms));
	queue_add(q, QUEUE_OP_EXPIRE, &expire_stmt);
}

void
queue_look(struct queue *q)
{
	pg_params_reset(&q->params);
	pg_add_int4(&q->params, QUEUE_SCAN_MAX);
	queue_add(q, QUEUE_OP_LOOK, &look_stmt);
}

/* ---- rows ------------------------------------------------------------------
 */

struct field {
	const char *data; /* NULL is NULL */
	size_t len;
};

static uint32_t
get32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return ntohl(v);
}

/* record_send: the number of columns, then type, length and bytes of each */
static void
split_record(const char *p, size_t n, struct field f[E_COLS])
{
	const char *end = p + n;

	BUG_ON(n < 4 || get32(p) != E_COLS);
	p += 4;
	for (int i = 0; i < E_COLS; i++) {
		int32_t len;

		BUG_ON(end - p < 8);
		len = (int32_t)get32(p + 4);
		p += 8;
		f[i] = (struct field){NULL, 0};
		if (len < 0)
			continue;
		BUG_ON(end - p < len);
		f[i] = (struct field){p, (size_t)len};
		p += len;
	}
}

static enum event_kind
kind_of(const struct field *f)
{
	char name[16] = "";
	enum event_kind k;

	if (f->data != NULL && f->len < sizeof(name))
		memcpy(name, f->data, f->len);
	return event_kind_parse(name, &k) ? k : EVENT_BINARY;
}

static void
take_event(const PGresult *r, int row, struct queue_event *out)
{
	struct field f[E_COLS];
	const char *p;
	size_t n;

	out->found = !pg_null(r, row, C_EVENT);
	if (!out->found)
		return;
	p = pg_bytes(r, row, C_EVENT, &n);
	split_record(p, n, f);
	BUG_ON(f[E_RECEIVED].len != 8 || f[E_LENGTH].len != 4);
	out->kind = kind_of(&f[E_KIND]);
	out->received_us = pg_time_of(f[E_RECEIVED].data);
	out->test = f[E_TEST].len == 1 && *f[E_TEST].data != 0;
	out->body_length = (int32_t)get32(f[E_LENGTH].data);
	out->content_type = f[E_CONTENT_TYPE].data;
	out->content_type_len = f[E_CONTENT_TYPE].len;
	out->traceparent = f[E_TRACEPARENT].data;
	out->traceparent_len = f[E_TRACEPARENT].len;
	out->body = f[E_BODY].data;
	out->body_len = f[E_BODY].len;
}

int
queue_claimed(const struct queue *q)
{
	return queue_rows(q, QUEUE_OP_CLAIM);
}

void
queue_claimed_row(const struct queue *q, int row, struct queue_event *out)
{
	const PGresult *r = q->rows[QUEUE_OP_CLAIM];

	*out = (struct queue_event){0};
	pg_uuid(r, row, C_ID, &out->fence.id);
	out->fence.step = (enum event_step)pg_int2(r, row, C_STEP);
	out->fence.claim = pg_int8(r, row, C_CLAIM);
	out->integration_id = pg_int4(r, row, C_INTEGRATION);
	out->tries = pg_int4(r, row, C_TRIES);
	out->claims = pg_int2(r, row, C_CLAIMS);
	out->seq = pg_int2(r, row, C_SEQ);
	out->attempts_before = pg_int4(r, row, C_BEFORE);
	out->handled_us = pg_null(r, row, C_HANDLED)
			      ? QUEUE_NOT_HANDLED
			      : pg_time(r, row, C_HANDLED);
	out->due_us = pg_time(r, row, C_DUE);
	out->now_us = pg_time(r, row, C_NOW);
	out->remaining_ms = pg_int8(r, row, C_REMAINING);
	if (!pg_null(r, row, C_VERSION))
		out->settings_version = pg_int8(r, row, C_VERSION);
	out->results = pg_bool(r, row, C_RESULTS);
	out->failed = pg_bool(r, row, C_FAILED);
	take_event(r, row, out);
}

int
queue_expired(const struct queue *q)
{
	return queue_rows(q, QUEUE_OP_EXPIRE);
}

void
queue_expired_row(
    const struct queue *q, int row, int32_t *integration_id, int64_t *count)
{
	const PGresult *r = q->rows[QUEUE_OP_EXPIRE];

	*integration_id = pg_int4(r, row, 0);
	*count = pg_int8(r, row, 1);
}

int
queue_looked(const struct queue *q)
{
	return queue_rows(q, QUEUE_OP_LOOK);
}

void
queue_looked_row(const struct queue *q, int row, struct queue_scan *out)
{
	const PGresult *r = q->rows[QUEUE_OP_LOOK];

	out->integration_id = pg_int4(r, row, 0);
	out->due_us = pg_time(r, row, 1);
	out->due_in_ms = pg_int8(r, row, 2);
	out->now_us = pg_time(r, row, 3);
	out->took_us = pg_int8(r, row, 4);
}
