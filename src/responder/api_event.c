/* GET /hooks/{key}/events/{eventId}: where an event is on its way. */
#include "config.h"

#include "responder/api_event.h"

#include <string.h>

#include "base/clock.h"
#include "domain/handled.h"
#include "responder/access.h"
#include "responder/app.h"
#include "store/events.h"

static void
add_str(struct buf *b, const char *name, const char *s)
{
	buf_addf(b, ",\"%s\":", name);
	if (s != NULL)
		buf_add_json_str(b, s, strlen(s));
	else
		buf_adds(b, "null");
}

static void
add_time(struct buf *b, const char *name, int64_t us)
{
	char text[CLOCK_TEXT_MAX];

	if (us != EVENT_NO_TIME)
		clock_format(us, text);
	add_str(b, name, us != EVENT_NO_TIME ? text : NULL);
}

static void
add_attempt(struct buf *b, const struct event_attempt *t)
{
	buf_addf(b, "{\"kind\":\"%s\",\"number\":%d", t->kind, t->number);
	add_time(b, "startedAt", t->started_us);
	buf_addf(b, ",\"durationMs\":%d", t->duration_ms);
	add_str(b, "outcome", t->outcome);
	add_str(b, "cause", t->cause);
	add_str(b, "detail", t->detail);
	if (t->status != 0)
		buf_addf(b, ",\"status\":%d}", t->status);
	else
		buf_adds(b, ",\"status\":null}");
}

static void
add_reply(struct buf *b, const struct event *e)
{
	bool first = true;

	buf_addf(b, ",\"reply\":{\"state\":\"%s\",\"attempts\":[",
	    reply_state_name(e->reply_state));
	for (size_t i = 0; i < e->attempt_count; i++) {
		if (strcmp(e->attempts[i].kind, "automation") == 0)
			continue;
		if (!first)
			buf_addc(b, ',');
		first = false;
		add_attempt(b, &e->attempts[i]);
	}
	buf_addf(b, "],\"resending\":%s", e->resending ? "true" : "false");
	add_time(b, "nextAttemptAt", e->next_attempt_us);
	add_time(b, "deadline", e->deadline_us);
	buf_addc(b, '}');
}

/* As in the reply: bytes that are JSON stand as they are. */
static void
add_results(struct buf *b, const struct event *e)
{
	buf_adds(b, ",\"results\":[");
	for (size_t i = 0; i < e->result_count; i++) {
		const struct event_result *r = &e->results[i];

		struct handled_result h = {r->automation, r->status, r->output,
		    r->output_len, r->error, r->duration_ms};

		if (i != 0)
			buf_addc(b, ',');
		handled_write_result(&h, b);
	}
	buf_addc(b, ']');
}

/* The first one stands; a reply that was sent again adds another. */
static void
add_outcomes(struct buf *b, const struct event *e)
{
	buf_adds(b, ",\"outcomes\":[");
	for (size_t i = 0; i < e->outcome_count; i++) {
		const struct event_outcome *o = &e->outcomes[i];

		buf_addf(b, "%s{\"seq\":%d,\"status\":\"%s\",\"reply\":\"%s\"",
		    i == 0 ? "" : ",", (int)o->seq, event_state_name(o->state),
		    reply_state_name(o->reply_state));
		add_time(b, "finishedAt", o->finished_us);
		buf_addf(b, ",\"attempts\":%d}", (int)o->attempts);
	}
	buf_addc(b, ']');
}

void
api_event_render(struct http_answer *answer, const struct event *e)
{
	char id[UUID_TEXT_LEN + 1];
	struct buf *b;

	uuid_format(&e->id, id);
	http_start(answer, HTTP_OK);
	b = http_json(answer);
	buf_addf(b, "{\"eventId\":\"%s\",\"status\":\"%s\",\"kind\":\"%s\"", id,
	    event_state_name(e->state), event_kind_name(e->kind));
	add_time(b, "receivedAt", e->received_us);
	add_time(b, "handledAt", e->handled_us);
	if (e->reason != NULL)
		add_str(b, "reason", e->reason);
	add_results(b, e);
	add_outcomes(b, e);
	add_reply(b, e);
	buf_adds(b, "}\n");
}

static enum err
look_up(struct exchange *x, const struct integration *i, struct event *e,
    struct errinfo *ei)
{
	struct pg *pg;
	enum err rc;

	rc = pool_get(x->app->pool, x->give_up_ms, &pg, ei);
	if (rc != ERR_OK)
		return rc;
	rc = events_get(pg, &x->route.event_id, i->id, x->give_up_ms, e, ei);
	pool_put(x->app->pool, pg);
	return rc;
}

/* The document, at once or when the event is finished. */
static void
answer(struct exchange *x, const struct integration *i, const struct event *e)
{
	struct http_answer *to = x->answer;
	struct wait *w = NULL;
	struct prefer p;

	prefer_parse(fcgi_param(x->request, "HTTP_PREFER"), &p);
	if (!event_state_final(e->state))
		w = wait_status(x->app->waiters, &p, i);
	if (w != NULL)
		to = wait_late(w);
	api_event_render(to, e);
	prefer_applied(&p, false, to);
	if (w == NULL) {
		exchange_send(x);
		return;
	}
	wait_park(w, x->request, &e->id, x->method == HTTP_HEAD);
	x->request = NULL;
}

static enum err
answer_event(
    struct exchange *x, const struct integration *i, struct errinfo *ei)
{
	struct event e;
	enum err rc;

	rc = access_to_look(x->request, x->route.query, x->app->keys, i, ei);
	if (rc == ERR_OK)
		rc = look_up(x, i, &e, ei);
	if (rc != ERR_OK)
		return rc;
	answer(x, i, &e);
	event_fini(&e);
	return ERR_OK;
}

void
api_event_serve(struct exchange *x)
{
	struct integration *i;
	struct errinfo ei;
	enum err rc;

	if (x->method != HTTP_GET && x->method != HTTP_HEAD) {
		exchange_not_allowed(x, "GET, HEAD");
		return;
	}
	if (!cache_wait(x->app->cache, x->give_up_ms)) {
		err_set(&ei, ERR_UNAVAILABLE,
		    "the database is away; try again soon");
		exchange_fail(x, &ei);
		return;
	}
	i = cache_find(x->app->cache, x->route.key);
	rc = answer_event(x, i, &ei);
	integration_unref(i);
	if (rc != ERR_OK)
		exchange_fail(x, &ei);
}
