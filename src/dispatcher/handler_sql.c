/*
 * SQL actions: a function of schema ewa_action, on a connection that is
 * logged in as a role without rights, one call at a time on each.
 *
 * The server cuts a call off at the time limit.  A connection that doesn't
 * answer in spite of that is closed, whereupon its server process finds out
 * within a second and ends.
 */
#include "config.h"

#include "dispatcher/action.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dispatcher/automate.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/link.h"
#include "dispatcher/run.h"
#include "domain/handled.h"
#include "store/actions.h"
#include "store/handling.h"

#define LATE_MS 1500 /* beyond the time limit */
#define RESET_MS 5000
#define PREFIX "database: "

enum phase {
	PHASE_IDLE,
	PHASE_WAITING, /* for its connection */
	PHASE_CALLING,
	PHASE_RESETTING
};

struct caller {
	struct sql_actions *all;
	struct link *link;
	struct queue *queue;
	enum phase phase;
	struct run *run; /* NULL: nobody asks (any more) */
	struct buf document;
	int64_t until_ms;
};

struct sql_actions {
	struct dispatcher *d;
	struct caller *callers;
	int count, opened;
	uv_prepare_t prepare; /* for its close */
};

static void
end(struct caller *c, const struct action_end *e)
{
	struct run *r = c->run;

	buf_reset(&c->document);
	if (r == NULL)
		return;
	c->run = NULL;
	r->action = NULL;
	automate_acted(c->all->d, r, e);
}

static void
end_badly(struct caller *c, enum attempt_outcome outcome,
    enum attempt_cause cause, const char *why)
{
	struct action_end e = {.outcome = outcome, .cause = cause, .why = why};

	end(c, &e);
}

/* ---- a call
 * ------------------------------------------------------------------
 */

static void follow(struct caller *c, enum queue_state s, struct errinfo *ei);

static void
call(struct caller *c)
{
	struct errinfo ei = {.code = ERR_OK};
	int64_t left_ms = c->until_ms - clock_mono_ms();

	c->phase = PHASE_CALLING;
	queue_begin(c->queue);
	actions_call(c->queue, c->run->automation->target, c->document.data,
	    c->document.len, left_ms > 0 ? left_ms : 1);
	follow(c, queue_send(c->queue, &ei), &ei);
}

static void
reset(struct caller *c)
{
	struct errinfo ei = {.code = ERR_OK};

	c->phase = PHASE_RESETTING;
	c->until_ms = clock_mono_ms() + RESET_MS;
	queue_begin(c->queue);
	actions_reset(c->queue);
	follow(c, queue_send(c->queue, &ei), &ei);
}

static void
well(struct caller *c)
{
	struct action_end e = {.outcome = ATTEMPT_OK};
	char why[128];

	if (!actions_called(c->queue, &e.output, &e.output_len))
		e.output = NULL;
	if (e.output != NULL &&
	    e.output_len > (size_t)c->all->d->conf.action_output_max) {
		snprintf(why, sizeof(why),
		    "its output was longer than %" PRId64 " bytes",
		    c->all->d->conf.action_output_max);
		end_badly(c, ATTEMPT_FAILED, CAUSE_OUTPUT, why);
		return;
	}
	end(c, &e);
}

static void
badly(struct caller *c, const struct errinfo *ei)
{
	const char *why = ei->detail;
	char late[128];

	if (strncmp(why, PREFIX, strlen(PREFIX)) == 0)
		why += strlen(PREFIX);
	if (handling_cut(ei) && c->run != NULL) {
		snprintf(late, sizeof(late),
		    "cut off at its time limit of %g s",
		    (double)c->run->automation->timeout_ms / 1000);
		end_badly(c, ATTEMPT_RETRY, CAUSE_TIMEOUT, late);
		return;
	}
	end_badly(c,
	    ei->code == ERR_UNAVAILABLE ? ATTEMPT_RETRY : ATTEMPT_FAILED,
	    CAUSE_SQL, why);
}

static void
take_up(struct caller *c)
{
	c->phase = PHASE_IDLE;
	if (c->run == NULL)
		return;
	c->phase = PHASE_WAITING;
	c->until_ms = c->run->began_ms + c->run->automation->timeout_ms;
	if (link_ready(c->link))
		call(c);
}

static void
follow(struct caller *c, enum queue_state s, struct errinfo *ei)
{
	bool resetting = c->phase == PHASE_RESETTING;

	link_want_write(c->link, s == QUEUE_WAIT_WRITE);
	if (s == QUEUE_WAIT || s == QUEUE_WAIT_WRITE)
		return;
	if (s == QUEUE_LOST || (resetting && s == QUEUE_FAILED)) {
		link_lost(c->link, ei->detail);
		if (!resetting)
			badly(c, ei);
		take_up(c);
		return;
	}
	if (resetting) {
		take_up(c);
		return;
	}
	/* first, so that this one is not taken for the next call */
	c->phase = PHASE_RESETTING;
	if (s == QUEUE_DONE)
		well(c);
	else
		badly(c, ei);
	reset(c);
}

/* ---- the connections
 * -----------------------------------------------------------
 */

static void
on_ready(void *arg)
{
	struct caller *c = arg;

	if (c->phase == PHASE_WAITING && c->run != NULL)
		call(c);
}

static void
on_io(void *arg)
{
	struct caller *c = arg;
	struct errinfo ei = {.code = ERR_OK};

	if (c->phase == PHASE_CALLING || c->phase == PHASE_RESETTING)
		follow(c, queue_step(c->queue, &ei), &ei);
	else if (queue_idle(c->queue, &ei) == QUEUE_LOST)
		link_lost(c->link, ei.detail);
}

static void
open_caller(struct sql_actions *s, struct caller *c)
{
	static const struct link_calls calls = {pg_open, on_ready, on_io};
	const struct settings *conf = &s->d->conf;
	struct pg *pg =
	    pg_new(conf->database, conf->action_user, "ewa-dispatcher action");

	c->all = s;
	buf_init(&c->document, HANDLED_MAX);
	c->queue = queue_new(pg, &s->d->owner);
	c->link = link_new(&s->d->loop, "actions", pg, &calls, c);
	link_open(c->link);
	s->opened++;
}

static struct sql_actions *
sql_actions_new(struct dispatcher *d)
{
	struct sql_actions *s = mem_zalloc(sizeof(*s));

	s->d = d;
	s->count = (int)d->conf.action_connections;
	s->callers = mem_array((size_t)s->count, sizeof(*s->callers));
	uv_prepare_init(&d->loop, &s->prepare);
	s->prepare.data = s;
	return s;
}

/* One that nobody uses; rather one that is ready. */
static struct caller *
caller_for(struct sql_actions *s)
{
	struct caller *other = NULL;

	for (int n = 0; n < s->opened; n++) {
		struct caller *c = &s->callers[n];

		if (c->run != NULL)
			continue;
		if (c->phase == PHASE_IDLE)
			return c;
		if (c->phase == PHASE_RESETTING)
			other = c;
	}
	if (s->opened < s->count) {
		open_caller(s, &s->callers[s->opened]);
		return &s->callers[s->opened - 1];
	}
	return other;
}

void
sql_start(struct dispatcher *d, struct run *r, struct buf *document)
{
	struct caller *c;

	if (d->sql_actions == NULL)
		d->sql_actions = sql_actions_new(d);
	c = caller_for(d->sql_actions);
	if (c == NULL) { /* all that are free still end a stopped call */
		c = &d->sql_actions->callers[0];
		for (int n = 0; c->run != NULL; n++)
			c = &d->sql_actions->callers[n];
	}
	c->run = r;
	r->action = c;
	buf_reset(&c->document);
	buf_add(&c->document, document->data, document->len);
	if (c->phase == PHASE_IDLE)
		c->phase = PHASE_WAITING;
	c->until_ms = r->began_ms + r->automation->timeout_ms;
	if (c->phase != PHASE_WAITING || !link_ready(c->link))
		return;
	call(c);
}

void
sql_stop(struct run *r)
{
	struct caller *c = r->action;

	r->action = NULL;
	c->run = NULL;
	buf_reset(&c->document);
	if (c->phase == PHASE_CALLING)
		link_lost(c->link, "an action was stopped");
	if (c->phase != PHASE_RESETTING)
		c->phase = PHASE_IDLE;
}

void
sql_actions_tick(struct sql_actions *s, int64_t now_ms)
{
	for (int n = 0; s != NULL && n < s->opened; n++) {
		struct caller *c = &s->callers[n];
		bool calling =
		    c->phase == PHASE_CALLING || c->phase == PHASE_RESETTING;

		if (c->phase == PHASE_IDLE ||
		    now_ms < c->until_ms + (calling ? LATE_MS : 0))
			continue;
		if (calling)
			link_lost(c->link, "no answer");
		if (c->phase == PHASE_RESETTING) {
			take_up(c);
			continue;
		}
		c->phase = PHASE_IDLE;
		end_badly(c, ATTEMPT_RETRY,
		    calling ? CAUSE_TIMEOUT : CAUSE_CONNECT,
		    calling ? "no answer from the database at its time limit"
			    : "no connection to the database as the actions' "
			      "role");
	}
}

static void
on_closed(uv_handle_t *h)
{
	struct sql_actions *s = h->data;

	for (int n = 0; n < s->opened; n++) {
		queue_free(s->callers[n].queue);
		buf_fini(&s->callers[n].document);
	}
	free(s->callers);
	free(s);
}

void
sql_actions_close(struct sql_actions *s)
{
	if (s == NULL)
		return;
	for (int n = 0; n < s->opened; n++)
		link_close(s->callers[n].link);
	uv_close((uv_handle_t *)&s->prepare, on_closed);
}
