#include "config.h"

#include "responder/event_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/mem.h"

void
event_summary_json(struct buf *b, const struct event *e)
{
	jsonw_object(b, NULL);
	jsonw_uuid(b, "eventId", &e->id);
	jsonw_object(b, "integration");
	jsonw_str(b, "key", e->integration_key);
	jsonw_str(b, "name", e->integration_name);
	jsonw_end_object(b);
	jsonw_time(b, "receivedAt", e->received_us);
	jsonw_str(b, "state", event_state_name(e->state));
	jsonw_str(b, "replyState", reply_state_name(e->reply_state));
	jsonw_str(b, "subject", e->subject);
	jsonw_str(b, "reason", e->reason);
	jsonw_str(b, "kind", event_kind_name(e->kind));
	jsonw_str(b, "contentType", e->content_type);
	jsonw_int(b, "bodyBytes", e->body_length);
	jsonw_str(b, "sourceIp", e->source_ip);
	jsonw_bool(b, "test", e->test);
	if (e->is_replay)
		jsonw_uuid(b, "replayOf", &e->replay_of);
	else
		jsonw_null(b, "replayOf");
	jsonw_int(b, "attempts", e->attempts_total);
	jsonw_time(b, "handledAt", e->handled_us);
	jsonw_time(b, "finishedAt", e->finished_us);
	jsonw_time(b, "nextAttemptAt", e->next_attempt_us);
	jsonw_time(b, "deadline", e->deadline_us);
}

/* ---- the journey -----------------------------------------------------------
 */

enum step_kind { STEP_ACCEPTED, STEP_RESULT, STEP_ATTEMPT, STEP_OUTCOME };

struct step {
	int64_t at_us;
	enum step_kind kind;
	const void *what;
};

static int
by_time(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	if (x->at_us != y->at_us)
		return x->at_us < y->at_us ? -1 : 1;
	return (int)x->kind - (int)y->kind;
}

static void
attempt_json(struct buf *b, const struct event_attempt *a, bool may)
{
	jsonw_str(b, "kind", a->kind);
	jsonw_time(b, "at", a->started_us);
	jsonw_int(b, "number", a->number);
	jsonw_str(b, "outcome", a->outcome);
	jsonw_str(b, "cause", a->cause);
	jsonw_str(b, "detail", a->detail);
	if (a->status != 0)
		jsonw_int(b, "status", a->status);
	else
		jsonw_null(b, "status");
	jsonw_int(b, "durationMs", a->duration_ms);
	jsonw_str(b, "remoteAddress", a->remote_address);
	jsonw_str(b, "responseHeaders", may ? a->response_headers : NULL);
	if (may && a->response_body != NULL)
		jsonw_strn(
		    b, "responseBody", a->response_body, a->response_len);
	else
		jsonw_null(b, "responseBody");
	jsonw_bool(b, "responseCut", a->response_cut);
}

static void
result_json(
    struct buf *b, const struct event_result *r, int64_t at_us, bool may)
{
	jsonw_str(b, "kind", "automation");
	jsonw_time(b, "at", at_us);
	jsonw_str(b, "name", r->automation);
	jsonw_str(b, "outcome", r->status);
	jsonw_str(b, "detail", r->error);
	jsonw_int(b, "durationMs", r->duration_ms);
	if (may && r->output != NULL)
		jsonw_strn(b, "output", r->output, r->output_len);
	else
		jsonw_null(b, "output");
}

static void
outcome_json(struct buf *b, const struct event_outcome *o)
{
	jsonw_str(b, "kind", "outcome");
	jsonw_time(b, "at", o->finished_us);
	jsonw_str(b, "outcome", event_state_name(o->state));
	jsonw_str(b, "replyState", reply_state_name(o->reply_state));
	jsonw_str(b, "detail", o->reason);
}

static void
step_json(struct buf *b, const struct step *s, bool may)
{
	jsonw_object(b, NULL);
	switch (s->kind) {
	case STEP_RESULT:
		result_json(b, s->what, s->at_us, may);
		break;
	case STEP_ATTEMPT:
		attempt_json(b, s->what, may);
		break;
	case STEP_OUTCOME:
		outcome_json(b, s->what);
		break;
	case STEP_ACCEPTED:
	default:
		jsonw_str(b, "kind", "accepted");
		jsonw_time(b, "at", s->at_us);
		jsonw_int(b, "status", 202);
	}
	jsonw_end_object(b);
}

static void
journey_json(struct buf *b, const struct event *e, bool may)
{
	size_t n = 0,
	       most = 1 + e->result_count + e->attempt_count + e->outcome_count;
	struct step *steps = mem_array(most, sizeof(*steps));
	/* results have no time of their own: they lie before being handled */
	int64_t done_us =
	    e->handled_us != EVENT_NO_TIME ? e->handled_us : e->received_us;

	steps[n++] = (struct step){e->received_us, STEP_ACCEPTED, NULL};
	for (size_t k = 0; k < e->result_count; k++)
		steps[n++] =
		    (struct step){done_us, STEP_RESULT, &e->results[k]};
	for (size_t k = 0; k < e->attempt_count; k++)
		steps[n++] = (struct step){
		    e->attempts[k].started_us, STEP_ATTEMPT, &e->attempts[k]};
	for (size_t k = 0; k < e->outcome_count; k++)
		steps[n++] = (struct step){
		    e->outcomes[k].finished_us, STEP_OUTCOME, &e->outcomes[k]};
	qsort(steps, n, sizeof(*steps), by_time);
	jsonw_array(b, "journey");
	for (size_t k = 0; k < n; k++)
		step_json(b, &steps[k], may);
	jsonw_end_array(b);
	free(steps);
}

void
event_json(struct buf *b, const struct event *e, enum role role)
{
	bool may = role >= ROLE_OPERATOR;

	event_summary_json(b, e);
	jsonw_str(b, "requestId", e->request_id);
	jsonw_raw(
	    b, "headers", may && e->headers != NULL ? e->headers : "null");
	jsonw_str(b, "malformed", e->malformed);
	jsonw_str(b, "role", role_name(role));
	journey_json(b, e, may);
	jsonw_end_object(b);
}
