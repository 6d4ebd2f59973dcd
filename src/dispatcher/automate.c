#include "config.h"

#include "dispatcher/automate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "dispatcher/action.h"
#include "dispatcher/condition.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/handler.h"
#include "dispatcher/reply.h"
#include "dispatcher/round.h"
#include "dispatcher/run.h"
#include "dispatcher/slots.h"
#include "domain/handled.h"
#include "domain/retry.h"

static void next(struct dispatcher *d, struct run *r);

bool
automate_concerns(const struct work *w)
{
	const struct integration *s = w->lane->settings;

	return (s->automations != NULL && w->handled_us == QUEUE_NOT_HANDLED) ||
	       *s->subject != '\0' || w->has_results || w->done.seq > 0 ||
	       w->test;
}

int
automate_room(const struct dispatcher *d, const struct lane *l)
{
	int64_t ahead = 2 * d->conf.automation_max;
	int64_t most = (d->conf.active_max - d->works.count) / 4;

	ahead -= l->handling + l->elsewhere + l->waiting_count;
	if (ahead > most)
		ahead = most > 1 ? most : 1;
	return ahead > 0 ? (int)ahead : 0;
}

/* ---- notes -----------------------------------------------------------------
 */

/* All results that are not recorded yet, and the attempt if there was one. */
static void
note(struct dispatcher *d, struct run *r, int64_t delay_ms)
{
	size_t count = r->result_count - r->recorded;

	free(r->note_results);
	r->note_results = mem_array(count + 1, sizeof(*r->note_results));
	for (size_t n = 0; n < count; n++) {
		const struct run_result *s = &r->results[r->recorded + n];

		r->note_results[n] = (struct handling_note_result){
		    s->automation_id, s->position, s->name, s->status,
		    s->output, s->output_len, s->error, s->duration_ms};
	}
	r->note.fence = r->work->done.fence;
	r->note.results = r->note_results;
	r->note.result_count = count;
	r->note.delay_ms = delay_ms;
	r->note.failed = r->failed;
	r->stage = RUN_NOTING;
	work_move(&d->works, r->work, WORK_NOTING);
}

static void
forget_note(struct run *r)
{
	r->recorded += r->note.result_count;
	r->note = (struct handling_note){.attempted = false};
	free(r->answer_headers);
	free(r->answer_body);
	r->answer_headers = NULL;
	r->answer_body = NULL;
}

void
automate_noted(struct dispatcher *d, struct work *w, bool mine)
{
	struct run *r = w->run;
	int64_t due_ms = clock_mono_ms() + r->note.delay_ms;

	if (!mine || r->note.delay_ms >= 0) {
		if (mine && due_ms < w->lane->due_ms)
			lane_set_due(&d->lanes, w->lane, due_ms);
		work_free(&d->works, w);
		return;
	}
	forget_note(r);
	w->tries = 0;
	w->claims = 1;
	w->has_results = r->result_count != 0;
	work_move(&d->works, w, WORK_HANDLING);
	next(d, r);
}

/* ---- the course of it
 * --------------------------------------------------------
 */

/* Why the event has failed, of what its automations have left. */
static void
say_failure(struct work *w, const struct run *r)
{
	for (size_t n = r->result_count; n-- > 0;) {
		const struct run_result *s = &r->results[n];

		if (strcmp(s->status, "failed") != 0)
			continue;
		snprintf(w->failure, sizeof(w->failure), "%.100s: %s", s->name,
		    s->error != NULL ? s->error : "failed");
		/* not in the middle of a character */
		for (size_t i = strlen(w->failure);
		     i > 0 && !utf8_valid(w->failure, i, NULL);)
			w->failure[--i] = '\0';
		return;
	}
}

static void
handled(struct dispatcher *d, struct run *r)
{
	struct work *w = r->work;
	struct buf b;

	if (r->result_count != r->recorded) {
		note(d, r, -1); /* those that were passed over */
		return;
	}
	if (r->failed)
		w->failed = true;
	if (w->failed)
		say_failure(w, r);
	buf_init(&b, HANDLED_MAX);
	run_write_results(r, &b);
	free(w->results);
	w->results = buf_take(&b, &w->results_len);
	buf_fini(&b);
	w->run = NULL;
	run_free(r);
	work_charge(&d->works, w,
	    w->results_len + (w->body != NULL ? (size_t)w->body_length : 0));
	if (w->handled_us == QUEUE_NOT_HANDLED)
		w->handled_us = dispatcher_now_us(d);
	if (w->no_reply)
		handler_finish(d, w, EVENT_HANDLED, REPLY_NONE, NULL);
	else
		reply_begin(d, w);
}

/* The first in order without a result, or NULL. */
static const struct automation *
first_of(const struct run *r)
{
	const struct automation_list *l = r->work->lane->settings->automations;

	for (size_t n = 0; l != NULL && n < l->count; n++)
		if (!run_has_result(r, l->items[n]->id))
			return l->items[n];
	return NULL;
}

static void
check(struct dispatcher *d, struct run *r, const struct automation *a)
{
	integration_unref(r->settings);
	r->settings = integration_ref(r->work->lane->settings);
	r->automation = a;
	if (*a->condition == '\0' || r->work->tries != 0) {
		slots_act(d, r); /* it held before its first attempt */
		return;
	}
	if (r->result_count != r->recorded) {
		note(d, r, -1); /* it may look at them */
		return;
	}
	r->stage = RUN_CHECKING;
	conditions_ask(d->conditions, r);
}

static void
next(struct dispatcher *d, struct run *r)
{
	struct work *w = r->work;
	const struct integration *s = w->lane->settings;
	const struct automation *a;

	if (clock_mono_ms() >= w->lease_ms) {
		work_free(&d->works, w); /* no longer ours */
	} else if (s->deleted) {
		handler_finish(d, w,
		    w->handled_us != QUEUE_NOT_HANDLED ? EVENT_HANDLED
						       : EVENT_FAILED,
		    REPLY_CANCELLED, "the integration was deleted");
	} else if (d->draining || !integration_runs(s, dispatcher_now_us(d))) {
		round_back(d->round, w);
	} else {
		a = r->failed || w->failed || w->done.seq > 0 ||
			    w->handled_us != QUEUE_NOT_HANDLED
			? NULL
			: first_of(r);
		if (a != NULL)
			check(d, r, a);
		else
			handled(d, r);
	}
}

void
automate_begin(struct dispatcher *d, struct work *w)
{
	struct run *r = run_new(w);

	w->run = r;
	r->stage = RUN_LOADING;
	work_move(&d->works, w, WORK_HANDLING);
	if (d->conditions == NULL)
		d->conditions = conditions_new(d);
	conditions_ask(d->conditions, r);
}

void
automate_loaded(struct dispatcher *d, struct run *r)
{
	struct work *w = r->work;

	if (r->loaded && (w->body != NULL || w->body_length == 0)) {
		next(d, r);
		return;
	}
	handler_finish(d, w,
	    w->handled_us != QUEUE_NOT_HANDLED ? EVENT_HANDLED : EVENT_FAILED,
	    *w->lane->settings->reply_url != '\0' ? REPLY_FAILED : REPLY_NONE,
	    "the stored event is gone");
}

void
automate_checked(
    struct dispatcher *d, struct run *r, bool holds, const char *problem)
{
	char why[600];
	struct run_result s = {
	    .automation_id = r->automation->id,
	    .position = r->automation->position,
	    .name = r->automation->name,
	    .status = (char[]){"skipped"},
	};

	if (holds) {
		slots_act(d, r);
		return;
	}
	if (problem != NULL) {
		snprintf(why, sizeof(why), "condition: %s", problem);
		s.error = why;
	}
	run_add_result(r, &s);
	next(d, r);
}

/* ---- the end of an action
 * ----------------------------------------------------
 */

static void
keep_attempt(struct run *r, const struct action_end *end, int64_t now_ms)
{
	struct queue_attempt *a = &r->note.attempt;

	r->note.attempted = true;
	r->note.automation = r->automation->name;
	a->number = ++r->attempts;
	a->started_ms = r->began_ms;
	a->duration_ms = (int32_t)(now_ms - r->began_ms);
	a->outcome = end->outcome;
	a->cause = end->outcome == ATTEMPT_OK ? CAUSE_NONE : end->cause;
	a->status = end->status;
	a->cut = end->cut;
	if (end->why != NULL && end->outcome != ATTEMPT_OK) {
		char *clean = run_clean(end->why, strlen(end->why));

		snprintf(r->detail, sizeof(r->detail), "%s", clean);
		free(clean);
		a->detail = r->detail;
	}
	if (end->remote != NULL && *end->remote != '\0') {
		snprintf(r->remote, sizeof(r->remote), "%s", end->remote);
		a->remote = r->remote;
	}
	if (end->headers != NULL && end->headers_len != 0) {
		r->answer_headers = run_clean(end->headers, end->headers_len);
		a->headers = r->answer_headers;
	}
	if (end->said != NULL && end->said_len != 0) {
		r->answer_body = mem_dup(end->said, end->said_len);
		a->body = r->answer_body;
		a->body_len = end->said_len;
	}
}

static void
keep_result(struct run *r, const struct action_end *end, int64_t now_ms)
{
	bool well = end->outcome == ATTEMPT_OK;
	struct run_result s = {
	    .automation_id = r->automation->id,
	    .position = r->automation->position,
	    .name = r->automation->name,
	    .status = well ? (char[]){"ok"} : (char[]){"failed"},
	    .output = well && end->output != NULL
			  ? run_copy(end->output, end->output_len)
			  : NULL,
	    .output_len = end->output_len,
	    .error = well ? NULL : r->detail,
	    .duration_ms = (int32_t)(now_ms - r->began_ms),
	};

	run_add_result(r, &s);
	free(s.output);
	if (!well && !r->automation->go_on)
		r->failed = true;
}

void
automate_acted(
    struct dispatcher *d, struct run *r, const struct action_end *end)
{
	struct work *w = r->work;
	int64_t now_ms = clock_mono_ms(), delay_ms = -1;
	struct action_end e = *end;

	BUG_ON(r->action != NULL);
	slots_ended(d, r);
	work_charge(&d->works, w, (size_t)w->body_length);
	if (e.outcome == ATTEMPT_RETRY &&
	    w->tries + 1 >= r->automation->attempts)
		e.outcome = ATTEMPT_FAILED;
	keep_attempt(r, &e, now_ms);
	if (e.outcome == ATTEMPT_RETRY) {
		uint32_t random;

		crypto_random(&random, sizeof(random));
		delay_ms =
		    retry_delay_ms(w->tries + 1, random, e.retry_after_ms);
	} else {
		keep_result(r, &e, now_ms);
	}
	note(d, r, delay_ms);
	slots_pump(d);
}

/* ---- letting go
 * --------------------------------------------------------------
 */

void
automate_stop(struct dispatcher *d, struct work *w)
{
	struct run *r = w->run;

	conditions_forget(r);
	if (r->stage == RUN_WAITING) {
		slots_leave(d->slots, r);
	} else if (r->stage == RUN_ACTING && r->action != NULL) {
		slots_ended(d, r);
		switch (r->automation->kind) {
		case AUTOMATION_COMMAND:
			command_stop(r);
			break;
		case AUTOMATION_HTTP:
			http_stop(r);
			break;
		case AUTOMATION_SQL:
			sql_stop(r);
			break;
		}
	}
	r->stage = RUN_NOTING; /* nobody has it */
}

void
automate_give_back(struct dispatcher *d, bool all)
{
	struct work *w, *tmp;

	DL_FOREACH_SAFE (d->works.handling, w, tmp) {
		if (w->run->stage == RUN_ACTING && !all)
			continue;
		automate_stop(d, w);
		round_back(d->round, w);
	}
}

void
automate_tick(struct dispatcher *d, int64_t now_ms)
{
	struct work *w, *tmp;

	DL_FOREACH_SAFE (d->works.handling, w, tmp) {
		if (now_ms < w->lease_ms)
			continue;
		automate_stop(d, w);
		work_free(&d->works, w);
	}
	if (d->conditions != NULL)
		conditions_tick(d->conditions, now_ms);
	sql_actions_tick(d->sql_actions, now_ms);
	slots_pump(d);
}
