#include "config.h"

#include "store/queue_impl.h"

#include "base/clock.h"

/*
 * Record a batch.  `l` locks the rows in order of their id and says which are
 * still ours; those are deleted or moved, with attempt and outcome; of the
 * others only the attempt is kept, as "lease lost".  handled_at is by the
 * dispatcher's idea of this clock, which may be ahead.  `state` tells the
 * state of an outcome, `conflict` what to do about a row that is there.
 */
#define COMPLETE(state, conflict)                                              \
	"with l as materialized ("                                             \
	" select i.*, q.event_id is not null as mine, q.integration_id,"       \
	"  q.tries"                                                            \
	" from (select * from unnest($2::uuid[], $3::int2[], $4::int8[],"      \
	"   $5::bool[], $6::int8[], $7::timestamptz[], $8::int4[],"            \
	"   $9::int8[], $10::int4[], $11::text[], $12::text[], $13::text[],"   \
	"   $14::int4[], $15::text[], $16::text[], $17::bytea[],"              \
	"   $18::bool[], $19::text[], $20::text[], $21::text[], $22::int2[],"  \
	"   $23::text[])"                                                      \
	"  as i(event_id, step, claim, finish, delay_ms, handled_at, number,"  \
	"   ago_ms, duration_ms, outcome, cause, detail, status, remote,"      \
	"   headers, body, cut, state, reply_state, reason, seq,"              \
	"   subject)"                                                          \
	"  order by i.event_id) i"                                             \
	" left join lateral ("                                                 \
	"  select q.event_id, q.integration_id, q.tries from ewa.queue q"      \
	"  where q.event_id = i.event_id and q.claim = i.claim"                \
	"  and q.step = i.step and q.owner = $1 for update) q on true),"       \
	"d as (delete from ewa.queue q using l"                                \
	" where l.mine and l.finish and q.event_id = l.event_id),"             \
	"u as (update ewa.queue q set step = case when l.handled_at is null"   \
	"   then q.step else 1 end,"                                           \
	"  due_at = least(now() + l.delay_ms * interval '1 millisecond',"      \
	"   greatest(q.deadline, now())),"                                     \
	"  handled_at = coalesce(q.handled_at, l.handled_at),"                 \
	"  tries = q.tries + (l.number is not null)::int,"                     \
	"  claims = 0, owner = null"                                           \
	" from l where l.mine and not l.finish and q.event_id = l.event_id),"  \
	"a as (insert into ewa.attempt (event_id, kind, number, claim, step,"  \
	"  started_at, duration_ms, outcome, cause, detail, status,"           \
	"  remote_address, response_headers, response_body, response_cut)"     \
	" select l.event_id,"                                                  \
	"  case l.seq when 0 then 'reply' else 'resend' end,"                  \
	"  l.number, l.claim, 1,"                                              \
	"  now() - l.ago_ms * interval '1 millisecond', l.duration_ms,"        \
	"  case when l.mine then l.outcome else 'lease lost' end, l.cause,"    \
	"  l.detail, l.status, l.remote, l.headers, l.body, l.cut"             \
	" from l where l.number is not null" conflict                          \
	" returning event_id, claim),"                                         \
	"o as (insert into ewa.outcome (event_id, seq, integration_id, state," \
	"  reply_state, reason, subject, handled_at, finished_at, attempts)"   \
	" select l.event_id, l.seq, l.integration_id, " state ","              \
	"  l.reply_state, l.reason, l.subject,"                                \
	"  l.handled_at, greatest(l.handled_at, now()),"                       \
	"  l.tries + (l.number is not null)::int"                              \
	" from l where l.mine and l.finish" conflict ")"                       \
	"select l.event_id, exists (select from a where a.event_id ="          \
	"   l.event_id and a.claim = l.claim) from l where not l.mine"

static const struct pg_stmt complete_stmt = {
    "queue_complete", COMPLETE("l.state", "")};

/*
 * The same with a row that needs more, which the others don't pay for.  An
 * attempt recorded before (the batch is sent again when nobody knows whether
 * it was committed) conflicts with itself and is passed over.  A reply sent
 * again does not change what became of the handling.
 */
static const struct pg_stmt complete_again_stmt = {"queue_complete_again",
    COMPLETE("case when l.seq = 0 then l.state else coalesce((select p.state"
	     " from ewa.outcome p where p.event_id = l.event_id"
	     " and p.seq = 0), l.state) end",
	" on conflict do nothing")};

static const struct pg_stmt renew_stmt = {"queue_renew",
    "with l as materialized ("
    " select i.event_id from (select * from unnest($1::uuid[], $2::int2[],"
    "  $3::int8[]) as i(event_id, step, claim) order by i.event_id) i"
    " cross join lateral (select from ewa.queue q"
    "  where q.event_id = i.event_id and q.claim = i.claim"
    "  and q.step = i.step and q.owner = $4 for update) q)"
    "update ewa.queue q set due_at = now() + $5 * interval '1 millisecond'"
    " from l where q.event_id = l.event_id returning q.event_id"};

static const struct pg_stmt give_back_stmt = {"queue_give_back",
    "with l as materialized ("
    " select i.event_id from (select * from unnest($1::uuid[], $2::int2[],"
    "  $3::int8[]) as i(event_id, step, claim) order by i.event_id) i"
    " cross join lateral (select from ewa.queue q"
    "  where q.event_id = i.event_id and q.claim = i.claim"
    "  and q.step = i.step and q.owner = $4 for update) q)"
    "update ewa.queue q set due_at = now(), owner = null,"
    " claims = greatest(q.claims - 1, 0)"
    " from l where q.event_id = l.event_id"};

#define COLUMN(type, add)                                     \
	do {                                                  \
		pg_array_begin(p, type, n);                   \
		for (size_t i = 0; i < n; i++) {              \
			const struct queue_done *r = rows[i]; \
			add;                                  \
		}                                             \
		pg_array_end(p);                              \
	} while (0)

static void
elem_handled(struct pg_params *p, int64_t us)
{
	if (us == QUEUE_NOT_HANDLED)
		pg_elem_null(p);
	else
		pg_elem_time(p, us);
}

static void
elem_number(struct pg_params *p, const struct queue_done *r)
{
	if (r->attempted)
		pg_elem_int4(p, r->attempt.number);
	else
		pg_elem_null(p);
}

static void
elem_status(struct pg_params *p, int32_t status)
{
	if (status != 0)
		pg_elem_int4(p, status);
	else
		pg_elem_null(p);
}

static void
elem_body(struct pg_params *p, const struct queue_attempt *a)
{
	if (a->body != NULL)
		pg_elem_bytes(p, a->body, a->body_len);
	else
		pg_elem_null(p);
}

static void
add_rows(struct pg_params *p, const struct queue_done *const *rows, size_t n)
{
	COLUMN(PG_UUID, pg_elem_uuid(p, &r->fence.id));
	COLUMN(PG_INT2, pg_elem_int2(p, (int16_t)r->fence.step));
	COLUMN(PG_INT8, pg_elem_int8(p, r->fence.claim));
	COLUMN(PG_BOOL, pg_elem_bool(p, r->finish));
	COLUMN(PG_INT8, pg_elem_int8(p, r->delay_ms));
	COLUMN(PG_TIMESTAMPTZ, elem_handled(p, r->handled_us));
}

static void
add_attempts(
    struct pg_params *p, const struct queue_done *const *rows, size_t n)
{
	int64_t now_ms = clock_mono_ms();

	COLUMN(PG_INT4, elem_number(p, r));
	COLUMN(PG_INT8, pg_elem_int8(p, now_ms - r->attempt.started_ms));
	COLUMN(PG_INT4, pg_elem_int4(p, r->attempt.duration_ms));
	COLUMN(
	    PG_TEXT, pg_elem_text(p, attempt_outcome_name(r->attempt.outcome)));
	COLUMN(PG_TEXT, pg_elem_text(p, attempt_cause_name(r->attempt.cause)));
	COLUMN(PG_TEXT, pg_elem_text(p, r->attempt.detail));
	COLUMN(PG_INT4, elem_status(p, r->attempt.status));
	COLUMN(PG_TEXT, pg_elem_text(p, r->attempt.remote));
	COLUMN(PG_TEXT, pg_elem_text(p, r->attempt.headers));
	COLUMN(PG_BYTEA, elem_body(p, &r->attempt));
	COLUMN(PG_BOOL, pg_elem_bool(p, r->attempt.cut));
}

static void
add_outcomes(
    struct pg_params *p, const struct queue_done *const *rows, size_t n)
{
	COLUMN(PG_TEXT, pg_elem_text(p, event_state_name(r->state)));
	COLUMN(PG_TEXT, pg_elem_text(p, reply_state_name(r->reply)));
	COLUMN(PG_TEXT, pg_elem_text(p, r->reason));
	COLUMN(PG_INT2, pg_elem_int2(p, r->seq));
	COLUMN(PG_TEXT, pg_elem_text(p, r->subject));
}

static bool
any_again(const struct queue_done *const *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i]->again || rows[i]->seq != 0)
			return true;
	return false;
}

void
queue_complete(struct queue *q, const struct queue_done *const *rows, size_t n)
{
	struct pg_params *p = &q->params;

	BUG_ON(n > QUEUE_BATCH_MAX);
	pg_params_reset(p);
	pg_add_uuid(p, &q->owner);
	add_rows(p, rows, n);
	add_attempts(p, rows, n);
	add_outcomes(p, rows, n);
	queue_add(q, QUEUE_OP_COMPLETE,
	    any_again(rows, n) ? &complete_again_stmt : &complete_stmt);
}

void
queue_renew(
    struct queue *q, const struct queue_fence *rows, size_t n, int64_t lease_ms)
{
	BUG_ON(n > QUEUE_BATCH_MAX);
	pg_params_reset(&q->params);
	queue_add_fences(q, rows, n);
	pg_add_uuid(&q->params, &q->owner);
	pg_add_int8(&q->params, lease_ms);
	queue_add(q, QUEUE_OP_RENEW, &renew_stmt);
}

void
queue_give_back(struct queue *q, const struct queue_fence *rows, size_t n)
{
	BUG_ON(n > QUEUE_BATCH_MAX);
	pg_params_reset(&q->params);
	queue_add_fences(q, rows, n);
	pg_add_uuid(&q->params, &q->owner);
	queue_add(q, QUEUE_OP_GIVE_BACK, &give_back_stmt);
}

/* ---- rows ------------------------------------------------------------------
 */

int
queue_lost(const struct queue *q)
{
	return queue_rows(q, QUEUE_OP_COMPLETE);
}

void
queue_lost_row(const struct queue *q, int row, struct uuid *id, bool *recorded)
{
	const PGresult *r = q->rows[QUEUE_OP_COMPLETE];

	pg_uuid(r, row, 0, id);
	*recorded = pg_bool(r, row, 1);
}

int
queue_renewed(const struct queue *q)
{
	return queue_rows(q, QUEUE_OP_RENEW);
}

void
queue_renewed_row(const struct queue *q, int row, struct uuid *id)
{
	pg_uuid(q->rows[QUEUE_OP_RENEW], row, 0, id);
}
