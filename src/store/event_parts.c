#include "config.h"

#include "store/event_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const struct pg_stmt read_outcomes = {"event_outcomes",
    "select seq::int, state, reply_state, reason, finished_at, attempts"
    " from ewa.outcome where event_id = $1 order by seq"};

static const struct pg_stmt read_attempts = {"event_attempts",
    "select * from ("
    " select kind, number, started_at, duration_ms, outcome, cause, detail,"
    "  coalesce(status, 0), remote_address, response_headers, response_body,"
    "  response_cut from ewa.attempt where event_id = $1"
    " order by started_at desc, number desc limit $2) a"
    " order by started_at, number"};

static const struct pg_stmt read_results = {"event_results",
    "select name, status, output, error, duration_ms"
    " from ewa.result where event_id = $1 order by position"};

static void
attempt_fini(struct event_attempt *a)
{
	free(a->kind);
	free(a->outcome);
	free(a->cause);
	free(a->detail);
	free(a->remote_address);
	free(a->response_headers);
	free(a->response_body);
}

static void
result_fini(struct event_result *r)
{
	free(r->automation);
	free(r->status);
	free(r->output);
	free(r->error);
}

void
event_parts_fini(struct event *e)
{
	for (size_t n = 0; n < e->attempt_count; n++)
		attempt_fini(&e->attempts[n]);
	for (size_t n = 0; n < e->result_count; n++)
		result_fini(&e->results[n]);
	for (size_t n = 0; n < e->outcome_count; n++)
		free(e->outcomes[n].reason);
	free(e->outcomes);
	free(e->attempts);
	free(e->results);
}

/* ---- rows ------------------------------------------------------------------
 */

char *
event_take_bytes(const PGresult *r, int row, int col, size_t *n)
{
	const char *s;
	char *out;

	*n = 0;
	if (pg_null(r, row, col))
		return NULL;
	s = pg_bytes(r, row, col, n);
	out = mem_alloc(*n + 1); /* may be empty */
	memcpy(out, s, *n);
	out[*n] = '\0';
	return out;
}

static void
take_outcome(struct event_outcome *o, const PGresult *r, int row)
{
	char *state = pg_text(r, row, 1);
	char *reply = pg_text(r, row, 2);

	o->seq = pg_int4(r, row, 0);
	BUG_ON(!event_state_parse(state, &o->state));
	BUG_ON(!reply_state_parse(reply, &o->reply_state));
	o->reason = pg_text(r, row, 3);
	o->finished_us = pg_time(r, row, 4);
	o->attempts = pg_int4(r, row, 5);
	free(reply);
	free(state);
}

static void
take_attempt(struct event_attempt *a, const PGresult *r, int row)
{
	int c = 0;

	a->kind = pg_text(r, row, c++);
	a->number = pg_int4(r, row, c++);
	a->started_us = pg_time(r, row, c++);
	a->duration_ms = pg_int4(r, row, c++);
	a->outcome = pg_text(r, row, c++);
	a->cause = pg_text(r, row, c++);
	a->detail = pg_text(r, row, c++);
	a->status = pg_int4(r, row, c++);
	a->remote_address = pg_text(r, row, c++);
	a->response_headers = pg_text(r, row, c++);
	a->response_body = event_take_bytes(r, row, c++, &a->response_len);
	a->response_cut = pg_bool(r, row, c);
}

static void
take_result(struct event_result *out, const PGresult *r, int row)
{
	int c = 0;

	out->automation = pg_text(r, row, c++);
	out->status = pg_text(r, row, c++);
	out->output = event_take_bytes(r, row, c++, &out->output_len);
	out->error = pg_text(r, row, c++);
	out->duration_ms = pg_int4(r, row, c);
}

/* ---- reading ---------------------------------------------------------------
 */

/* The only outcome of nearly all events is in the head. */
static void
only_outcome(struct event *e)
{
	if (e->finished_us == EVENT_NO_TIME)
		return;
	e->outcome_count = 1;
	e->outcomes = mem_array(1, sizeof(*e->outcomes));
	e->outcomes[0] = (struct event_outcome){
	    .state = e->state,
	    .reply_state = e->reply_state,
	    .reason = e->reason != NULL ? mem_strdup(e->reason) : NULL,
	    .finished_us = e->finished_us,
	    .attempts = e->attempts_total,
	};
}

static enum err
get_outcomes(
    struct pg *pg, int64_t deadline_ms, struct event *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	if (out->outcome_seq == 0 && !out->resending) {
		only_outcome(out);
		return ERR_OK;
	}
	pg_params_init(&p);
	pg_add_uuid(&p, &out->id);
	e = pg_query(pg, &read_outcomes, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	out->outcome_count = (size_t)PQntuples(r);
	out->outcomes = mem_array(out->outcome_count, sizeof(*out->outcomes));
	for (size_t n = 0; n < out->outcome_count; n++)
		take_outcome(&out->outcomes[n], r, (int)n);
	PQclear(r);
	return ERR_OK;
}

static enum err
get_attempts(
    struct pg *pg, int64_t deadline_ms, struct event *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	pg_add_uuid(&p, &out->id);
	pg_add_int8(&p, EVENT_ATTEMPTS_MAX);
	e = pg_query(pg, &read_attempts, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	out->attempt_count = (size_t)PQntuples(r);
	out->attempts = mem_array(out->attempt_count, sizeof(*out->attempts));
	for (size_t n = 0; n < out->attempt_count; n++)
		take_attempt(&out->attempts[n], r, (int)n);
	PQclear(r);
	return ERR_OK;
}

static enum err
get_results(
    struct pg *pg, int64_t deadline_ms, struct event *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	pg_add_uuid(&p, &out->id);
	e = pg_query(pg, &read_results, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	out->result_count = (size_t)PQntuples(r);
	out->results = mem_array(out->result_count, sizeof(*out->results));
	for (size_t n = 0; n < out->result_count; n++)
		take_result(&out->results[n], r, (int)n);
	PQclear(r);
	return ERR_OK;
}

enum err
event_parts_read(
    struct pg *pg, int64_t deadline_ms, struct event *e, struct errinfo *ei)
{
	enum err rc = get_outcomes(pg, deadline_ms, e, ei);

	if (rc == ERR_OK)
		rc = get_attempts(pg, deadline_ms, e, ei);
	if (rc == ERR_OK)
		rc = get_results(pg, deadline_ms, e, ei);
	return rc;
}
