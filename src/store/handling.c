#include "config.h"

#include "store/handling.h"

#include <string.h>

#include "base/clock.h"
#include "store/queue_impl.h"

static const struct pg_stmt limit_stmt = {"queue_limit",
    "select set_config('statement_timeout', $1::int8::text, true)"};

/* Each event by a look-up of its own: a join would be planned, and wrongly on
 * fresh tables. */
static const struct pg_stmt load_stmt = {"queue_load",
    "select i.n, e.headers::text, e.test, case when i.body then e.body end,"
    " case when i.jsonb then ewa.try_jsonb(e.body) is not null end,"
    " (select o.state = 'failed' from ewa.outcome o"
    "  where o.event_id = i.id and o.seq = 0),"
    " (select max(a.number) from ewa.attempt a"
    "  where a.event_id = i.id and a.kind = 'automation'),"
    " case when i.subject is not null"
    "  then ewa.subject_of(ewa.condition_document(i.id), i.subject) end,"
    " e.no_reply"
    " from unnest($1::uuid[], $2::bool[], $3::bool[], $4::text[])"
    "  with ordinality as i(id, body, jsonb, subject, n)"
    " cross join lateral (select v.headers, v.test, v.body, v.no_reply"
    "  from ewa.event v where v.id = i.id limit 1) e"};

static const struct pg_stmt results_stmt = {"queue_results",
    "select i.n, r.automation_id, r.name, r.status, r.output, r.error,"
    " r.duration_ms from unnest($1::uuid[]) with ordinality as i(id, n)"
    " cross join lateral (select v.* from ewa.result v"
    "  where v.event_id = i.id order by v.position, v.automation_id"
    "  limit 1000) r"
    " order by i.n, r.position, r.automation_id"};

static const struct pg_stmt check_stmt = {"queue_check",
    "select i.n, c.holds, c.problem"
    " from unnest($1::uuid[], $2::text[])"
    "  with ordinality as i(id, condition, n)"
    " cross join lateral ewa.condition_check("
    "  ewa.condition_document(i.id), i.condition) c"};

/*
 * `l` locks the rows that are still ours, in order of their id.  Sent again,
 * when nobody knows whether it was committed, results and attempts conflict
 * with themselves and are passed over.
 */
static const struct pg_stmt note_stmt = {"queue_note",
    "with l as materialized ("
    " select i.*, q.event_id is not null as mine"
    " from (select * from unnest($2::uuid[], $3::int2[], $4::int8[],"
    "   $5::bool[], $6::int8[], $7::int4[], $8::int8[], $9::int4[],"
    "   $10::text[], $11::text[], $12::text[], $13::int4[], $14::text[],"
    "   $15::text[], $16::bytea[], $17::bool[], $18::text[])"
    "  as i(event_id, step, claim, failed, delay_ms, number, ago_ms,"
    "   duration_ms, outcome, cause, detail, status, remote, headers, body,"
    "   cut, automation) order by i.event_id) i"
    " left join lateral (select q.event_id from ewa.queue q"
    "  where q.event_id = i.event_id and q.claim = i.claim"
    "  and q.step = i.step and q.owner = $1 for update) q on true),"
    "s as materialized (select * from unnest($19::uuid[], $20::int4[],"
    "  $21::int2[], $22::text[], $23::text[], $24::bytea[], $25::text[],"
    "  $26::int4[]) as s(event_id, automation_id, position, name, status,"
    "  output, error, duration_ms)),"
    "r as (insert into ewa.result (event_id, automation_id, position, name,"
    "  status, output, error, duration_ms)"
    " select s.* from s where exists (select from l"
    "  where l.mine and l.event_id = s.event_id) on conflict do nothing),"
    "a as (insert into ewa.attempt (event_id, kind, number, claim, step,"
    "  started_at, duration_ms, outcome, cause, detail, status,"
    "  remote_address, response_headers, response_body, response_cut,"
    "  automation)"
    " select l.event_id, 'automation', l.number, l.claim, 0,"
    "  now() - l.ago_ms * interval '1 millisecond', l.duration_ms,"
    "  case when l.mine then l.outcome else 'lease lost' end, l.cause,"
    "  l.detail, l.status, l.remote, l.headers, l.body, l.cut, l.automation"
    " from l where l.number is not null on conflict do nothing),"
    "u as (update ewa.queue q set"
    "  tries = case when l.delay_ms < 0 then 0 else q.tries + 1 end,"
    "  claims = 0, failed = q.failed or l.failed,"
    "  results = q.results or l.event_id in (select s.event_id from s),"
    "  due_at = case when l.delay_ms < 0 then q.due_at"
    "   else now() + l.delay_ms * interval '1 millisecond' end,"
    "  owner = case when l.delay_ms < 0 then q.owner end"
    " from l where l.mine and q.event_id = l.event_id)"
    "select l.event_id from l where l.mine"};

void
handling_limit(struct queue *q, int64_t timeout_ms)
{
	pg_params_reset(&q->params);
	pg_add_int8(&q->params, timeout_ms);
	queue_add(q, QUEUE_OP_LIMIT, &limit_stmt);
}

bool
handling_cut(const struct errinfo *ei)
{
	return strstr(ei->where, "57014") != NULL;
}

/* ---- loading ---------------------------------------------------------------
 */

static void
add_ids(struct pg_params *p, const struct handling_load *rows, size_t n)
{
	pg_array_begin(p, PG_UUID, n);
	for (size_t i = 0; i < n; i++)
		pg_elem_uuid(p, &rows[i].id);
	pg_array_end(p);
}

void
handling_load(struct queue *q, const struct handling_load *rows, size_t n)
{
	struct pg_params *p = &q->params;

	BUG_ON(n > HANDLING_BATCH_MAX);
	pg_params_reset(p);
	add_ids(p, rows, n);
	pg_array_begin(p, PG_BOOL, n);
	for (size_t i = 0; i < n; i++)
		pg_elem_bool(p, rows[i].body);
	pg_array_end(p);
	pg_array_begin(p, PG_BOOL, n);
	for (size_t i = 0; i < n; i++)
		pg_elem_bool(p, rows[i].jsonb);
	pg_array_end(p);
	pg_array_begin(p, PG_TEXT, n);
	for (size_t i = 0; i < n; i++)
		pg_elem_text(p, rows[i].subject);
	pg_array_end(p);
	queue_add(q, QUEUE_OP_LOAD, &load_stmt);
	pg_params_reset(p);
	add_ids(p, rows, n);
	queue_add(q, QUEUE_OP_RESULTS, &results_stmt);
}

int
handling_loaded(const struct queue *q)
{
	return queue_rows(q, QUEUE_OP_LOAD);
}

static const char *
bytes_or_null(const PGresult *r, int row, int col, size_t *n)
{
	*n = 0;
	return pg_null(r, row, col) ? NULL : pg_bytes(r, row, col, n);
}

void
handling_loaded_row(const struct queue *q, int row, struct handling_loaded *out)
{
	const PGresult *r = q->rows[QUEUE_OP_LOAD];

	out->row = (size_t)pg_int8(r, row, 0) - 1;
	out->headers = bytes_or_null(r, row, 1, &out->headers_len);
	out->test = pg_bool(r, row, 2);
	out->body = bytes_or_null(r, row, 3, &out->body_len);
	out->jsonb = !pg_null(r, row, 4) && pg_bool(r, row, 4);
	out->had_failed = !pg_null(r, row, 5) && pg_bool(r, row, 5);
	out->attempts = pg_null(r, row, 6) ? 0 : pg_int4(r, row, 6);
	out->subject = bytes_or_null(r, row, 7, &out->subject_len);
	out->no_reply = pg_bool(r, row, 8);
}

int
handling_results(const struct queue *q)
{
	return queue_rows(q, QUEUE_OP_RESULTS);
}

void
handling_result_row(const struct queue *q, int row, struct handling_result *out)
{
	const PGresult *r = q->rows[QUEUE_OP_RESULTS];

	out->row = (size_t)pg_int8(r, row, 0) - 1;
	out->automation_id = pg_int4(r, row, 1);
	out->name = pg_bytes(r, row, 2, &out->name_len);
	out->status = pg_bytes(r, row, 3, &out->status_len);
	out->output = bytes_or_null(r, row, 4, &out->output_len);
	out->error = bytes_or_null(r, row, 5, &out->error_len);
	out->duration_ms = pg_int4(r, row, 6);
}

/* ---- conditions ------------------------------------------------------------
 */

void
handling_check(struct queue *q, const struct handling_check *rows, size_t n)
{
	struct pg_params *p = &q->params;

	BUG_ON(n > HANDLING_BATCH_MAX);
	pg_params_reset(p);
	pg_array_begin(p, PG_UUID, n);
	for (size_t i = 0; i < n; i++)
		pg_elem_uuid(p, &rows[i].id);
	pg_array_end(p);
	pg_array_begin(p, PG_TEXT, n);
	for (size_t i = 0; i < n; i++)
		pg_elem_text(p, rows[i].condition);
	pg_array_end(p);
	queue_add(q, QUEUE_OP_CHECK, &check_stmt);
}

int
handling_checked(const struct queue *q)
{
	return queue_rows(q, QUEUE_OP_CHECK);
}

void
handling_checked_row(const struct queue *q, int row, size_t *of, bool *holds,
    const char **problem, size_t *problem_len)
{
	const PGresult *r = q->rows[QUEUE_OP_CHECK];

	*of = (size_t)pg_int8(r, row, 0) - 1;
	*holds = !pg_null(r, row, 1) && pg_bool(r, row, 1);
	*problem = bytes_or_null(r, row, 2, problem_len);
}

/* ---- notes -----------------------------------------------------------------
 */

#define COLUMN(type, add)                                        \
	do {                                                     \
		pg_array_begin(p, type, n);                      \
		for (size_t i = 0; i < n; i++) {                 \
			const struct handling_note *r = rows[i]; \
			add;                                     \
		}                                                \
		pg_array_end(p);                                 \
	} while (0)

static void
elem_status(struct pg_params *p, int32_t status)
{
	if (status != 0)
		pg_elem_int4(p, status);
	else
		pg_elem_null(p);
}

static void
elem_blob(struct pg_params *p, const char *s, size_t n)
{
	if (s != NULL)
		pg_elem_bytes(p, s, n);
	else
		pg_elem_null(p);
}

static void
add_attempts(
    struct pg_params *p, const struct handling_note *const *rows, size_t n)
{
	int64_t now_ms = clock_mono_ms();

	COLUMN(PG_INT4, elem_status(p, r->attempted ? r->attempt.number : 0));
	COLUMN(PG_INT8, pg_elem_int8(p, now_ms - r->attempt.started_ms));
	COLUMN(PG_INT4, pg_elem_int4(p, r->attempt.duration_ms));
	COLUMN(
	    PG_TEXT, pg_elem_text(p, attempt_outcome_name(r->attempt.outcome)));
	COLUMN(PG_TEXT, pg_elem_text(p, attempt_cause_name(r->attempt.cause)));
	COLUMN(PG_TEXT, pg_elem_text(p, r->attempt.detail));
	COLUMN(PG_INT4, elem_status(p, r->attempt.status));
	COLUMN(PG_TEXT, pg_elem_text(p, r->attempt.remote));
	COLUMN(PG_TEXT, pg_elem_text(p, r->attempt.headers));
	COLUMN(PG_BYTEA, elem_blob(p, r->attempt.body, r->attempt.body_len));
	COLUMN(PG_BOOL, pg_elem_bool(p, r->attempt.cut));
	COLUMN(PG_TEXT, pg_elem_text(p, r->automation));
}

#define RESULTS(type, add)                                                   \
	do {                                                                 \
		pg_array_begin(p, type, total);                              \
		for (size_t i = 0; i < n; i++) {                             \
			for (size_t k = 0; k < rows[i]->result_count; k++) { \
				const struct handling_note_result *s =       \
				    &rows[i]->results[k];                    \
				add;                                         \
			}                                                    \
		}                                                            \
		pg_array_end(p);                                             \
	} while (0)

static void
add_results(
    struct pg_params *p, const struct handling_note *const *rows, size_t n)
{
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += rows[i]->result_count;
	pg_array_begin(p, PG_UUID, total);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < rows[i]->result_count; k++)
			pg_elem_uuid(p, &rows[i]->fence.id);
	pg_array_end(p);
	RESULTS(PG_INT4, pg_elem_int4(p, s->automation_id));
	RESULTS(PG_INT2, pg_elem_int2(p, (int16_t)s->position));
	RESULTS(PG_TEXT, pg_elem_text(p, s->name));
	RESULTS(PG_TEXT, pg_elem_text(p, s->status));
	RESULTS(PG_BYTEA, elem_blob(p, s->output, s->output_len));
	RESULTS(PG_TEXT, pg_elem_text(p, s->error));
	RESULTS(PG_INT4, pg_elem_int4(p, s->duration_ms));
}

void
handling_note(
    struct queue *q, const struct handling_note *const *rows, size_t n)
{
	struct pg_params *p = &q->params;

	BUG_ON(n > HANDLING_NOTES_MAX);
	pg_params_reset(p);
	pg_add_uuid(p, &q->owner);
	COLUMN(PG_UUID, pg_elem_uuid(p, &r->fence.id));
	COLUMN(PG_INT2, pg_elem_int2(p, (int16_t)r->fence.step));
	COLUMN(PG_INT8, pg_elem_int8(p, r->fence.claim));
	COLUMN(PG_BOOL, pg_elem_bool(p, r->failed));
	COLUMN(PG_INT8, pg_elem_int8(p, r->delay_ms));
	add_attempts(p, rows, n);
	add_results(p, rows, n);
	queue_add(q, QUEUE_OP_NOTE, &note_stmt);
}

int
handling_noted(const struct queue *q)
{
	return queue_rows(q, QUEUE_OP_NOTE);
}

void
handling_noted_row(const struct queue *q, int row, struct uuid *id)
{
	pg_uuid(q->rows[QUEUE_OP_NOTE], row, 0, id);
}
