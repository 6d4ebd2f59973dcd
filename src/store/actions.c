#include "config.h"

#include "store/actions.h"

#include "store/handling.h"
#include "store/queue_impl.h"

static const struct pg_stmt call_stmt = {
    "action_call", "select ewa_action.call($1::text, $2::text::jsonb)::text"};

static const struct pg_stmt role_stmt = {
    "action_reset_role", "reset session authorization"};
static const struct pg_stmt reset_stmt = {"action_reset", "reset all"};
static const struct pg_stmt unlock_stmt = {
    "action_unlock", "select pg_catalog.pg_advisory_unlock_all()"};
static const struct pg_stmt discard_stmt = {"action_discard", "discard temp"};

void
actions_call(struct queue *q, const char *function, const char *document,
    size_t len, int64_t timeout_ms)
{
	handling_limit(q, timeout_ms);
	pg_params_reset(&q->params);
	pg_add_text(&q->params, function);
	pg_add_bytes(&q->params, PG_TEXT, document, len);
	queue_add(q, QUEUE_OP_ACTION, &call_stmt);
}

bool
actions_called(const struct queue *q, const char **output, size_t *len)
{
	if (queue_rows(q, QUEUE_OP_ACTION) == 0 ||
	    pg_null(q->rows[QUEUE_OP_ACTION], 0, 0))
		return false;
	*output = pg_bytes(q->rows[QUEUE_OP_ACTION], 0, 0, len);
	return true;
}

void
actions_reset(struct queue *q)
{
	pg_params_reset(&q->params);
	queue_add(q, QUEUE_OP_PLAN, &role_stmt);
	pg_params_reset(&q->params);
	queue_add(q, QUEUE_OP_LIMIT, &reset_stmt);
	pg_params_reset(&q->params);
	queue_add(q, QUEUE_OP_LOAD, &unlock_stmt);
	pg_params_reset(&q->params);
	queue_add(q, QUEUE_OP_RESULTS, &discard_stmt);
}
