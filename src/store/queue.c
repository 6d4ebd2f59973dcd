#include "config.h"

#include "store/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/queue_impl.h"

/* The statements are index look-ups whatever their parameters, and a plan
 * over all day partitions is worth keeping.  By the statistics that autovacuum
 * makes of the queue in use (few rows in a file that was filled before) a
 * claim would read and sort all that is due, and rows would be fetched by way
 * of bitmaps. */
static const struct pg_stmt plan_stmt = {"queue_plan",
    "select set_config('plan_cache_mode', 'force_generic_plan', false),"
    " set_config('enable_bitmapscan', 'off', false),"
    " set_config('enable_memoize', 'off', false)"};

/* A claim, a renewal or a give-back that a crash of the database undoes is
 * found by its lease: only completions wait for the disk. */
static const struct pg_stmt async_stmt = {
    "queue_async", "select set_config('synchronous_commit', 'off', true)"};

static const struct pg_stmt fetch_stmt = {
    "queue_fetch", "select body from ewa.event where id = $1"};

struct queue *
queue_new(struct pg *pg, const struct uuid *owner)
{
	struct queue *q = mem_zalloc(sizeof(*q));

	q->pg = pg;
	q->owner = *owner;
	pg_params_init(&q->params);
	return q;
}

static void
clear(struct queue *q)
{
	for (size_t i = 0; i < QUEUE_OPS; i++) {
		PQclear(q->rows[i]);
		q->rows[i] = NULL;
	}
	q->sent_count = 0;
	q->at = 0;
	q->lost = false;
	q->error.code = ERR_OK;
}

void
queue_free(struct queue *q)
{
	if (q == NULL)
		return;
	clear(q);
	pg_params_fini(&q->params);
	free(q);
}

int
queue_fence_cmp(const struct queue_fence *a, const struct queue_fence *b)
{
	return memcmp(a->id.b, b->id.b, sizeof(a->id.b));
}

/* ---- sending --------------------------------------------------------------
 */

void
queue_add(struct queue *q, enum queue_op op, const struct pg_stmt *stmt)
{
	struct queue_sent *s = &q->sent[q->sent_count];
	struct errinfo *ei = &q->error;

	if (q->lost)
		return;
	BUG_ON(q->sent_count == QUEUE_OPS);
	*s = (struct queue_sent){.op = op, .stmt = stmt};
	if (pg_send(q->pg, stmt, &q->params, &s->results, ei) != ERR_OK) {
		q->lost = true;
		return;
	}
	s->left = s->results;
	q->sent_count++;
}

static void
enter_pipeline(struct queue *q)
{
	if (PQenterPipelineMode(pg_conn(q->pg)) == 0) {
		q->lost = true;
		return;
	}
	q->generation = pg_generation(q->pg);
	queue_add(q, QUEUE_OP_PLAN, &plan_stmt);
}

void
queue_begin(struct queue *q)
{
	clear(q);
	pg_params_reset(&q->params);
	if (!pg_is_open(q->pg))
		q->lost = true;
	else if (pg_generation(q->pg) != q->generation)
		enter_pipeline(q);
}

void
queue_add_fences(struct queue *q, const struct queue_fence *rows, size_t n)
{
	pg_array_begin(&q->params, PG_UUID, n);
	for (size_t i = 0; i < n; i++)
		pg_elem_uuid(&q->params, &rows[i].id);
	pg_array_end(&q->params);
	pg_array_begin(&q->params, PG_INT2, n);
	for (size_t i = 0; i < n; i++)
		pg_elem_int2(&q->params, (int16_t)rows[i].step);
	pg_array_end(&q->params);
	pg_array_begin(&q->params, PG_INT8, n);
	for (size_t i = 0; i < n; i++)
		pg_elem_int8(&q->params, rows[i].claim);
	pg_array_end(&q->params);
}

void
queue_fetch(struct queue *q, const struct uuid *id)
{
	pg_params_reset(&q->params);
	pg_add_uuid(&q->params, id);
	queue_add(q, QUEUE_OP_FETCH, &fetch_stmt);
}

static enum queue_state
lost(struct queue *q, struct errinfo *ei)
{
	if (q->error.code == ERR_OK)
		pg_error(q->pg, NULL, &q->error);
	if (ei != NULL)
		*ei = q->error;
	pg_close(q->pg);
	q->lost = true;
	return QUEUE_LOST;
}

static bool
writes(const struct queue *q)
{
	for (size_t i = 0; i < q->sent_count; i++)
		if (q->sent[i].op == QUEUE_OP_COMPLETE ||
		    q->sent[i].op == QUEUE_OP_NOTE ||
		    q->sent[i].op == QUEUE_OP_ACTION)
			return true;
	return false;
}

enum queue_state
queue_send(struct queue *q, struct errinfo *ei)
{
	if (!writes(q)) {
		pg_params_reset(&q->params);
		queue_add(q, QUEUE_OP_ASYNC, &async_stmt);
	}
	if (q->lost || PQpipelineSync(pg_conn(q->pg)) == 0)
		return lost(q, ei);
	return queue_step(q, ei);
}

/* ---- receiving ------------------------------------------------------------
 */

static void
take_result(struct queue *q, PGresult *res)
{
	struct queue_sent *s = &q->sent[q->at];
	ExecStatusType st = PQresultStatus(res);
	bool preparing;

	if (q->at >= q->sent_count) { /* the commit itself failed */
		pg_error(q->pg, res, &q->error);
		PQclear(res);
		return;
	}
	preparing = s->results == 2 && s->left == 2;
	if (st == PGRES_TUPLES_OK || st == PGRES_COMMAND_OK) {
		if (preparing) {
			PQclear(res);
		} else {
			PQclear(q->rows[s->op]);
			q->rows[s->op] = res;
		}
		return;
	}
	if (preparing)
		pg_forget(q->pg, s->stmt);
	if (st == PGRES_FATAL_ERROR && q->error.code == ERR_OK)
		pg_error(q->pg, res, &q->error);
	PQclear(res);
}

/* True at the end of the round. */
static bool
take(struct queue *q, PGresult *res)
{
	if (res == NULL) {
		if (q->at < q->sent_count && --q->sent[q->at].left == 0)
			q->at++;
		return false;
	}
	if (PQresultStatus(res) == PGRES_PIPELINE_SYNC) {
		PQclear(res);
		return true;
	}
	take_result(q, res);
	return false;
}

static void
drop_notifications(struct queue *q)
{
	PGnotify *n;

	while ((n = PQnotifies(pg_conn(q->pg))) != NULL)
		PQfreemem(n);
}

enum queue_state
queue_step(struct queue *q, struct errinfo *ei)
{
	PGconn *c = pg_conn(q->pg);
	int unsent;

	if (q->lost || c == NULL)
		return lost(q, ei);
	unsent = PQflush(c);
	if (unsent < 0 || PQconsumeInput(c) == 0)
		return lost(q, ei);
	while (PQisBusy(c) == 0) {
		if (PQstatus(c) == CONNECTION_BAD)
			return lost(q, ei);
		if (!take(q, PQgetResult(c)))
			continue;
		drop_notifications(q);
		if (q->error.code == ERR_OK)
			return QUEUE_DONE;
		if (ei != NULL)
			*ei = q->error;
		return QUEUE_FAILED;
	}
	return unsent != 0 ? QUEUE_WAIT_WRITE : QUEUE_WAIT;
}

enum queue_state
queue_idle(struct queue *q, struct errinfo *ei)
{
	PGconn *c = pg_conn(q->pg);

	clear(q);
	if (c == NULL || PQconsumeInput(c) == 0 || PQsocket(c) < 0 ||
	    PQstatus(c) == CONNECTION_BAD)
		return lost(q, ei);
	drop_notifications(q);
	return QUEUE_WAIT;
}

/* ---- rows ------------------------------------------------------------------
 */

int
queue_rows(const struct queue *q, enum queue_op op)
{
	return q->rows[op] != NULL ? PQntuples(q->rows[op]) : 0;
}

bool
queue_fetched(const struct queue *q, const char **body, size_t *len)
{
	if (queue_rows(q, QUEUE_OP_FETCH) == 0)
		return false;
	*body = pg_bytes(q->rows[QUEUE_OP_FETCH], 0, 0, len);
	return true;
}
