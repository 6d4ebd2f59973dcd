/*
 * HTTP actions: a call through the same sender, resolver and address policy
 * as replies; the answer is the output.
 */
#include "config.h"

#include "dispatcher/action.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dispatcher/automate.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/request.h"
#include "dispatcher/run.h"
#include "dispatcher/sender.h"
#include "dispatcher/verdict.h"

struct http_call {
	struct dispatcher *d;
	struct run *run;           /* NULL: nobody asks any more */
	struct transfer *transfer; /* NULL: it was not started */
	uv_timer_t timer;          /* tells that */
	char why[512];
};

static void
on_closed(uv_handle_t *h)
{
	free(h->data);
}

static void
end(struct http_call *c, const struct action_end *e)
{
	struct run *r = c->run;

	c->run = NULL;
	c->transfer = NULL;
	r->action = NULL;
	automate_acted(c->d, r, e);
	uv_close((uv_handle_t *)&c->timer, on_closed);
}

static void
on_done(struct dispatcher *d, void *arg, const struct transfer_result *t)
{
	struct http_call *c = arg;
	const struct automation *a = c->run->automation;
	struct verdict v =
	    verdict_of(t, &a->uri, a->timeout_ms, c->why, sizeof(c->why));
	struct action_end e = {
	    .outcome = v.outcome,
	    .cause = v.cause,
	    .why = c->why,
	    .status = t->status,
	    .remote = t->address,
	    .headers = t->headers->data,
	    .headers_len = t->headers->len,
	    .said = t->body->data,
	    .said_len = t->body->len,
	    .cut = t->cut,
	    .retry_after_ms = t->retry_after_ms,
	};

	if (t->end == TRANSFER_UNUSABLE)
		snprintf(c->why, sizeof(c->why), "the URL can't be used");
	if (v.outcome == ATTEMPT_OK && t->cut) {
		e.outcome = ATTEMPT_FAILED;
		e.cause = CAUSE_OUTPUT;
		snprintf(c->why, sizeof(c->why),
		    "the answer was longer than %" PRId64 " bytes",
		    d->conf.action_output_max);
	}
	if (t->body->len != 0)
		e.output = t->body->data;
	e.output_len = t->body->len;
	if (e.said_len > SENDER_BODY_MAX) {
		e.said_len = SENDER_BODY_MAX;
		e.cut = true;
	}
	end(c, &e);
}

static void
on_timer(uv_timer_t *t)
{
	struct http_call *c = t->data;
	struct action_end e = {
	    .outcome = ATTEMPT_FAILED, .cause = CAUSE_INTERNAL, .why = c->why};

	end(c, &e);
}

/* False, and c->why says why: a header can't be sent. */
static bool
add_headers(struct http_call *c, struct transfer *t)
{
	const struct automation *a = c->run->automation;
	struct work *w = c->run->work;
	char text[UUID_TEXT_LEN + 32], trace[WORK_TRACEPARENT_LEN + 1];
	bool typed = false;

	for (size_t n = 0; n < a->header_count; n++) {
		const struct integration_header *h = &a->headers[n];

		if (h->value == NULL || integration_check_header(h->name,
					    h->value, NULL) != ERR_OK) {
			snprintf(c->why, sizeof(c->why),
			    "the header %s can't be sent", h->name);
			return false;
		}
		if (strcasecmp(h->name, "Content-Type") == 0)
			typed = true;
		transfer_header(t, h->name, h->value);
	}
	if (!typed)
		transfer_header(t, "Content-Type", "application/json");
	uuid_format(&w->done.fence.id, text);
	transfer_header(t, "webhook-id", text);
	snprintf(text, sizeof(text), "%d", (int)w->tries + 1);
	transfer_header(t, "ewa-attempt", text);
	if (request_continue_trace(w->traceparent, trace))
		transfer_header(t, "traceparent", trace);
	return true;
}

void
http_start(struct dispatcher *d, struct run *r, struct buf *document)
{
	struct http_call *c = mem_zalloc(sizeof(*c));
	const struct automation *a = r->automation;
	struct transfer *t = transfer_take(d->sender);

	c->d = d;
	c->run = r;
	r->action = c;
	uv_timer_init(&d->loop, &c->timer);
	c->timer.data = c;
	buf_add(transfer_body(t), document->data, document->len);
	if (!add_headers(c, t)) {
		transfer_release(t);
		uv_timer_start(&c->timer, on_timer, 0, 0);
		return;
	}
	c->transfer = t;
	transfer_take_most(t, (size_t)d->conf.action_output_max);
	transfer_start(
	    t, &a->uri, a->target, a->method, a->timeout_ms, on_done, c);
}

void
http_stop(struct run *r)
{
	struct http_call *c = r->action;

	r->action = NULL;
	if (c->transfer != NULL)
		transfer_cancel(c->transfer);
	uv_close((uv_handle_t *)&c->timer, on_closed);
}
