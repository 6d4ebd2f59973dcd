#include "config.h"

#include "dispatcher/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "dispatcher/automate.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/handler.h"
#include "dispatcher/request.h"
#include "dispatcher/round.h"
#include "dispatcher/sender.h"
#include "dispatcher/status.h"
#include "dispatcher/verdict.h"
#include "domain/retry.h"

#define PUT_OFF_MS 60000 /* clocks may differ by that */
#define STALLED_MS 1000  /* waiting behind attempts that don't end */

static void pump(struct dispatcher *d, struct lane *l);

static struct integration *
settings_of(const struct work *w)
{
	return w->lane->settings;
}

/* Its lane's replies are stopped: it waits for that to end, or for its
 * deadline. */
static void
put_off(struct dispatcher *d, struct work *w, int64_t now_ms)
{
	w->done.finish = false;
	/* clipped to the deadline */
	w->done.delay_ms = w->deadline_ms - now_ms + PUT_OFF_MS;
	w->done.handled_us = w->handled_us;
	round_done(d->round, w);
}

static void
expire(struct dispatcher *d, struct work *w)
{
	handler_finish(d, w, EVENT_HANDLED, REPLY_EXPIRED,
	    w->tries + (w->done.attempted ? 1 : 0) != 0
		? "no attempt succeeded before the deadline"
		: "the deadline had passed before an attempt could begin");
}

/* ---- the end of an attempt -------------------------------------------------
 */

/* What a peer sent, as text that the database takes. */
static char *
clean_text(const struct buf *b)
{
	char *s = mem_strndup(b->data, b->len);

	for (size_t i = 0; i < b->len;) {
		size_t width = utf8_width(s + i, b->len - i);

		if (width == 0 || s[i] == '\0') {
			s[i] = '?';
			width = 1;
		}
		i += width;
	}
	return s;
}

static void
record(struct work *w, const struct transfer_result *r, const struct verdict *v,
    int64_t now_ms)
{
	struct queue_attempt *a = &w->done.attempt;

	w->done.attempted = true;
	a->number = w->attempts_before + w->tries + 1;
	a->duration_ms = (int32_t)(now_ms - a->started_ms);
	a->outcome = v->outcome;
	a->cause = v->cause;
	a->detail = w->detail[0] != '\0' ? w->detail : NULL;
	if (r == NULL)
		return;
	a->status = r->status;
	snprintf(w->remote, sizeof(w->remote), "%s", r->address);
	a->remote = w->remote[0] != '\0' ? w->remote : NULL;
	if (r->headers->len != 0)
		w->answer_headers = clean_text(r->headers);
	a->headers = w->answer_headers;
	if (r->body->len != 0)
		w->answer_body = mem_dup(r->body->data, r->body->len);
	a->body = w->answer_body;
	a->body_len = r->body->len;
	a->cut = r->cut;
}

static void
retry(struct dispatcher *d, struct work *w, int64_t retry_after_ms,
    int64_t now_ms)
{
	uint32_t random;
	int64_t delay_ms;

	crypto_random(&random, sizeof(random));
	delay_ms = retry_plan_ms(
	    w->tries + 1, random, retry_after_ms, w->deadline_ms - now_ms);
	if (delay_ms == RETRY_NEVER) {
		expire(d, w);
		return;
	}
	d->counts.retried++;
	w->done.finish = false;
	w->done.delay_ms = delay_ms;
	w->done.handled_us = w->handled_us;
	round_done(d->round, w);
}

static void
conclude(struct dispatcher *d, struct work *w, enum attempt_outcome outcome,
    int64_t retry_after_ms, int64_t now_ms)
{
	switch (outcome) {
	case ATTEMPT_OK:
		handler_finish(d, w, EVENT_HANDLED, REPLY_SENT, NULL);
		break;
	case ATTEMPT_FAILED:
		handler_finish(d, w, EVENT_HANDLED, REPLY_FAILED, w->detail);
		break;
	case ATTEMPT_RETRY:
		retry(d, w, retry_after_ms, now_ms);
		break;
	}
}

static void
on_done(struct dispatcher *d, void *arg, const struct transfer_result *r)
{
	struct work *w = arg;
	struct lane *l = w->lane;
	int64_t now_ms = clock_mono_ms();
	struct verdict v;

	v = verdict_of(r, &l->uri, now_ms - w->done.attempt.started_ms,
	    w->detail, sizeof(w->detail));
	w->transfer = NULL;
	work_charge(&d->works, w, 0);
	window_end(&l->window, v.sign, (int)d->conf.window_max, now_ms);
	status_attempt(d, l, &v, r, w->detail);
	l->finished++;
	l->progress_ms = now_ms;
	record(w, r, &v, now_ms);
	w->done.attempt.duration_ms = (int32_t)r->took_ms;
	conclude(d, w, v.outcome, r->retry_after_ms, now_ms);
	pump(d, l);
}

/* ---- the beginning of an attempt -------------------------------------------
 */

/* The request can't be made as the settings are: as a failed attempt. */
static void
not_made(struct dispatcher *d, struct work *w, int64_t now_ms)
{
	struct verdict v = {ATTEMPT_RETRY, CAUSE_INTERNAL, WINDOW_NEUTRAL};

	work_charge(&d->works, w, 0);
	record(w, NULL, &v, now_ms);
	conclude(d, w, v.outcome, 0, now_ms);
}

static void
start(struct dispatcher *d, struct work *w, int64_t now_ms)
{
	const struct integration *s = settings_of(w);
	int64_t timeout_ms = d->conf.attempt_timeout_ms;
	struct transfer *t = transfer_take(d->sender);

	if (timeout_ms > w->deadline_ms - now_ms)
		timeout_ms = w->deadline_ms - now_ms;
	work_move(&d->works, w, WORK_SENDING);
	w->done.attempt.started_ms = now_ms;
	if (request_build(t, w, s) != ERR_OK) {
		transfer_release(t);
		not_made(d, w, now_ms);
		return;
	}
	/* the document holds the body */
	free(w->body);
	w->body = NULL;
	work_charge(&d->works, w, transfer_body(t)->len);
	w->transfer = t;
	window_start(&w->lane->window);
	transfer_start(t, &w->lane->uri, s->reply_url, s->reply_method,
	    timeout_ms, on_done, w);
}

/* May its attempt begin?  If not, it has found another way. */
static bool
ready(struct dispatcher *d, struct work *w, int64_t now_ms)
{
	const struct integration *s = settings_of(w);

	if (now_ms >= w->lease_ms) {
		work_free(&d->works, w); /* no longer ours */
	} else if (now_ms >= w->deadline_ms) {
		expire(d, w);
	} else if (!integration_runs(s, dispatcher_now_us(d))) {
		round_back(d->round, w);
	} else if (*s->reply_url == '\0') {
		reply_begin(d, w); /* changed while it waited */
	} else if (w->lane->stopped) {
		put_off(d, w, now_ms);
	} else if (w->body == NULL && w->body_length != 0) {
		work_move(&d->works, w, WORK_BODY);
	} else {
		return true;
	}
	return false;
}

static void
pump(struct dispatcher *d, struct lane *l)
{
	int64_t now_ms = clock_mono_ms();
	int room = window_room(&l->window, now_ms);

	if (d->draining)
		return;
	while (room > 0 && l->waiting != NULL) {
		struct work *w = l->waiting;

		if (!ready(d, w, now_ms))
			continue;
		start(d, w, now_ms);
		l->progress_ms = now_ms;
		room = window_room(&l->window, now_ms);
	}
}

void
reply_begin(struct dispatcher *d, struct work *w)
{
	if (*settings_of(w)->reply_url == '\0') {
		if (w->done.fence.step == STEP_REPLY)
			handler_finish(d, w, EVENT_HANDLED, REPLY_CANCELLED,
			    "the reply URL was taken away");
		else
			handler_finish(d, w, EVENT_HANDLED, REPLY_NONE, NULL);
		return;
	}
	if (clock_mono_ms() >= w->deadline_ms) {
		expire(d, w);
		return;
	}
	if (w->lane->stopped) {
		put_off(d, w, clock_mono_ms());
		return;
	}
	work_move(&d->works, w, WORK_WAITING);
	pump(d, w->lane);
}

void
reply_fetched(
    struct dispatcher *d, struct work *w, const char *body, size_t len)
{
	if (body == NULL) {
		handler_finish(d, w, EVENT_HANDLED, REPLY_FAILED,
		    "the stored event is gone");
		return;
	}
	w->body = mem_dup(body, len);
	work_charge(&d->works, w, len);
	work_move(&d->works, w, WORK_WAITING);
	pump(d, w->lane);
}

/* ---- what does not go its way ----------------------------------------------
 */

/* End the attempt without a word about the destination. */
static void
stop(struct dispatcher *d, struct work *w)
{
	transfer_cancel(w->transfer);
	w->transfer = NULL;
	work_charge(&d->works, w, 0);
	window_drop(&w->lane->window);
}

void
reply_lost(struct dispatcher *d, struct work *w)
{
	static const struct verdict v = {
	    ATTEMPT_RETRY, CAUSE_LEASE_LOST, WINDOW_NEUTRAL};

	if (w->state == WORK_SENDING) {
		stop(d, w);
		snprintf(w->detail, sizeof(w->detail),
		    "stopped: another dispatcher has taken the event");
		record(w, NULL, &v, clock_mono_ms());
		/* the record knows that the row is not ours */
		w->done.finish = false;
		w->done.delay_ms = 0;
		round_done(d->round, w);
	} else {
		if (w->run != NULL)
			automate_stop(d, w);
		work_free(&d->works, w);
	}
}

/* Those behind it have found no room for a while: others may have. */
static bool
stalled(const struct work *w, int64_t now_ms)
{
	const struct lane *l = w->lane;

	return now_ms - l->progress_ms > STALLED_MS &&
	       (l->window.active != 0 || now_ms < l->window.until_ms);
}

void
reply_tick(struct dispatcher *d, int64_t now_ms)
{
	struct work *w, *tmp;
	struct lane *l, *next;

	automate_tick(d, now_ms);
	DL_FOREACH_SAFE2(d->works.all, w, tmp, all_next)
	{
		if (w->state != WORK_WAITING && w->state != WORK_BODY &&
		    w->state != WORK_HELD)
			continue;
		if (now_ms >= w->lease_ms)
			work_free(&d->works, w);
		else if (w->state == WORK_HELD)
			continue;
		else if (now_ms >= w->deadline_ms)
			expire(d, w);
		else if (w->state == WORK_WAITING && stalled(w, now_ms))
			round_back(d->round, w);
	}
	HASH_ITER (hh, d->lanes.by_id, l, next) {
		if (l->waiting != NULL)
			pump(d, l);
	}
}

void
reply_give_back(struct dispatcher *d, bool all)
{
	struct work *w;

	automate_give_back(d, all);
	DL_FOREACH2(d->works.all, w, all_next)
	{
		if (!work_goes_on(w) || w->run != NULL)
			continue;
		if (w->state == WORK_SENDING) {
			if (!all)
				continue;
			stop(d, w);
		}
		round_back(d->round, w);
	}
}
