/*
 * POST and PUT /hooks/{key}: check, store, answer 202.  A request is read on a
 * worker's thread, then parked with the committer, whose thread answers it when
 * its row is durable.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "responder/access.h"
#include "responder/app.h"
#include "responder/arrival.h"
#include "responder/body.h"
#include "responder/headers.h"
#include "responder/probe.h"

/* ---- the answer
 * ------------------------------------------------------------------ */

static void
add_location(struct buf *b, const struct arrival *a)
{
	char id[UUID_TEXT_LEN + 1];

	uuid_format(&a->ticket.event_id, id);
	buf_addf(b, "%s/hooks/%s/events/%s", a->app->settings.public_url,
	    a->key, id);
}

static void
answer_accepted(struct http_answer *answer, const struct arrival *a)
{
	char id[UUID_TEXT_LEN + 1], received[CLOCK_TEXT_MAX];
	struct buf location, *b;

	buf_init(&location, 4096);
	add_location(&location, a);
	uuid_format(&a->ticket.event_id, id);
	clock_format(a->ticket.received_us, received);
	http_start(answer, HTTP_ACCEPTED);
	http_field(answer, "Location", location.data);
	prefer_applied(&a->prefer, true, answer);
	b = http_json(answer);
	buf_addf(b,
	    "{\"eventId\":\"%s\",\"status\":\"accepted\","
	    "\"receivedAt\":\"%s\",\"statusUrl\":",
	    id, received);
	buf_add_json_str(b, location.data, location.len);
	buf_adds(b, a->ticket.duplicate ? ",\"duplicate\":true}\n" : "}\n");
	buf_fini(&location);
}

static void
refuse(struct http_answer *answer, const struct arrival *a)
{
	refusals_note(a->app->refusals, a->request,
	    a->ticket.row.integration_id, &a->ticket.why);
	http_problem(answer, &a->ticket.why, NULL);
}

/* On the committer's thread. */
static void
stored(struct ticket *t)
{
	struct arrival *a = (struct arrival *)t;
	struct http_answer *answer = &a->app->stored;

	answer->no_body = false;
	if (t->err == ERR_OK && a->wait != NULL) {
		answer_accepted(wait_late(a->wait), a);
		wait_park(a->wait, a->request, &t->event_id, false);
		a->wait = NULL;
	} else {
		if (t->err == ERR_OK)
			answer_accepted(answer, a);
		else
			refuse(answer, a);
		fcgi_answer(a->request, answer);
	}
	if (t->err == ERR_OK)
		log_debug(F_STR("msg", "accepted"), F_STR("key", a->key));
	else
		log_at((enum log_level)err_log_level(t->err),
		    F_STR("msg", "not stored"), F_STR("key", a->key),
		    F_STR("reason", t->why.detail));
	arrival_free(a);
}

/* ---- POST, PUT
 * -------------------------------------------------------------------- */

static void
fill_row(
    struct arrival *a, const struct settings *s, const struct integration *i)
{
	struct intake_row *row = &a->ticket.row;

	a->source_ip = headers_text(a->request, "REMOTE_ADDR");
	a->request_id = headers_text(a->request, "HTTP_X_REQUEST_ID");
	headers_keep(a, i);
	uuid7_new(&row->id);
	row->integration_id = i->id;
	row->wait_ms = i->request_timeout_ms != 0 ? i->request_timeout_ms
						  : s->reply_horizon_ms;
	row->content_type = a->content_type;
	row->source_ip = a->source_ip;
	row->request_id = a->request_id;
	row->malformed = a->malformed;
	row->headers = a->headers.data;
	row->headers_len = a->headers.len;
	row->body = a->body.data;
	row->body_len = a->body.len;
}

/* The credential was right: does the integration take an event now? */
static enum err
check_open(struct exchange *x, const struct integration *i, struct errinfo *ei)
{
	if (!i->enabled)
		return err_set(ei, ERR_FORBIDDEN,
		    "this integration is disabled; events are not accepted");
	return rate_take(x->app->rate, i, clock_mono_us(), ei);
}

/* The body, all checked.  is_signed: the credential is a signature of it. */
static enum err
read_event(struct exchange *x, struct arrival *a, const struct integration *i,
    bool is_signed, struct errinfo *ei)
{
	enum err e = body_receive(a, i, ei);

	if (e == ERR_OK && is_signed)
		e = access_signature(
		    a->request, i, a->body.data, a->body.len, ei);
	if (e == ERR_OK && is_signed)
		e = check_open(x, i, ei);
	if (e == ERR_OK)
		e = body_take(a, i, ei);
	return e;
}

static void
accept_event(struct exchange *x, const struct integration *i, bool is_signed)
{
	struct arrival *a = arrival_new(x->app, x->request, i);
	struct errinfo ei;
	enum err e;

	e = read_event(x, a, i, is_signed, &ei);
	if (e == ERR_OK) {
		fill_row(a, &x->app->settings, i);
		a->ticket.give_up_ms =
		    clock_mono_ms() + x->app->settings.database_wait_ms;
		a->ticket.done = stored;
		prefer_parse(fcgi_param(x->request, "HTTP_PREFER"), &a->prefer);
		a->wait = wait_post(x->app->waiters, &a->prefer, i);
		e = committer_submit(x->app->committer, &a->ticket, &ei);
	}
	if (e == ERR_OK) {
		x->request = NULL; /* the committer has it now */
		return;
	}
	arrival_free(a);
	exchange_fail(x, &ei);
}

static void
serve_post(struct exchange *x, const struct integration *i)
{
	struct errinfo ei;
	bool is_signed;
	enum err e;

	e = access_check(
	    x->request, x->route.query, x->app->keys, i, &is_signed, &ei);
	if (e == ERR_OK && !is_signed)
		e = check_open(x, i, &ei);
	if (e == ERR_OK)
		accept_event(x, i, is_signed);
	else
		exchange_fail(x, &ei);
}

void
intake_serve(struct exchange *x)
{
	struct integration *i;
	struct errinfo ei;

	if (x->method == HTTP_OTHER) {
		exchange_not_allowed(x, PROBE_ALLOW);
		return;
	}
	if (x->method == HTTP_OPTIONS) {
		probe_options(x);
		return;
	}
	if (!cache_wait(x->app->cache, x->give_up_ms)) {
		err_set(&ei, ERR_UNAVAILABLE,
		    "the database is away; try again soon");
		exchange_fail(x, &ei);
		return;
	}
	i = cache_find(x->app->cache, x->route.key);
	if (x->method == HTTP_GET || x->method == HTTP_HEAD)
		probe_get(x, i);
	else
		serve_post(x, i);
	integration_unref(i);
}
