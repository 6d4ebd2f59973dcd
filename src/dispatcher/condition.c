#include "config.h"

#include "dispatcher/condition.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dispatcher/automate.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/link.h"
#include "dispatcher/run.h"
#include "store/handling.h"

#define QUICK_MS 250 /* a statement of many */
#define SLOW_FOR_MS 60000
#define TROUBLE_MS 1000 /* after a statement failed */
#define ANSWER_MS 10000 /* beyond its timeout: the connection is lost */

struct desk {
	struct conditions *all;
	struct link *link;
	struct queue *queue;
	struct run *list;
	bool slow;
	bool busy;
	int64_t started_ms, not_before_ms;
	struct run *asked[HANDLING_BATCH_MAX]; /* NULL: forgotten */
	size_t count;
	enum run_stage stage; /* of those */
};

struct conditions {
	struct dispatcher *d;
	struct desk quick, slow;
	uv_prepare_t prepare;
};

static void finish(struct desk *k, enum queue_state s, struct errinfo *ei);

/* ---- asking ----------------------------------------------------------------
 */

static void
put(struct desk *k, struct run *r)
{
	r->desk = k;
	DL_APPEND(k->list, r);
}

void
conditions_ask(struct conditions *c, struct run *r)
{
	bool slow = clock_mono_ms() < r->work->lane->slow_until_ms;

	put(slow ? &c->slow : &c->quick, r);
}

void
conditions_forget(struct run *r)
{
	struct desk *k = r->desk;

	if (k == NULL)
		return;
	r->desk = NULL;
	for (size_t n = 0; n < k->count; n++) {
		if (k->asked[n] != r)
			continue;
		k->asked[n] = NULL;
		return;
	}
	DL_DELETE(k->list, r);
}

/* One body alone may be greater than all the memory allowed. */
static bool
fits(const struct dispatcher *d, const struct run *r)
{
	size_t bytes = d->works.bytes;

	if (r->stage != RUN_LOADING || r->work->body != NULL)
		return true;
	return bytes == 0 || bytes + (size_t)r->work->body_length <=
				 (size_t)d->conf.memory_max;
}

static void
gather(struct desk *k)
{
	size_t most = k->slow ? 1 : HANDLING_BATCH_MAX;
	struct run *r, *tmp;

	k->count = 0;
	DL_FOREACH_SAFE (k->list, r, tmp) {
		if (k->count == most)
			return;
		if (k->count != 0 && r->stage != k->stage)
			continue;
		if (!fits(k->all->d, r))
			continue;
		k->stage = r->stage;
		DL_DELETE(k->list, r);
		k->asked[k->count++] = r;
		if (r->stage == RUN_LOADING && r->work->body == NULL)
			work_charge(&k->all->d->works, r->work,
			    (size_t)r->work->body_length);
	}
}

static bool
wants_jsonb(const struct integration *s)
{
	for (size_t n = 0; s->automations != NULL && n < s->automations->count;
	     n++)
		if (s->automations->items[n]->kind == AUTOMATION_SQL)
			return true;
	return false;
}

static void
add_loads(struct desk *k)
{
	struct handling_load rows[HANDLING_BATCH_MAX];

	for (size_t n = 0; n < k->count; n++) {
		const struct work *w = k->asked[n]->work;
		const struct integration *s = w->lane->settings;
		bool subject = *s->subject != '\0' && !k->asked[n]->plain;

		rows[n] = (struct handling_load){
		    .id = w->done.fence.id,
		    .body = w->body == NULL && w->body_length != 0,
		    .jsonb = w->kind == EVENT_JSON && wants_jsonb(s),
		    .subject = subject ? s->subject : NULL,
		};
	}
	handling_load(k->queue, rows, k->count);
}

static void
add_checks(struct desk *k)
{
	struct handling_check rows[HANDLING_BATCH_MAX];

	for (size_t n = 0; n < k->count; n++)
		rows[n] = (struct handling_check){
		    .id = k->asked[n]->work->done.fence.id,
		    .condition = k->asked[n]->automation->condition,
		};
	handling_check(k->queue, rows, k->count);
}

static void
begin(struct desk *k, int64_t now_ms)
{
	int64_t limit_ms = k->all->d->conf.condition_timeout_ms;
	struct errinfo ei = {.code = ERR_OK};

	gather(k);
	if (k->count == 0)
		return;
	if (!k->slow && limit_ms > QUICK_MS)
		limit_ms = QUICK_MS;
	k->busy = true;
	k->started_ms = now_ms;
	queue_begin(k->queue);
	handling_limit(k->queue, limit_ms);
	if (k->stage == RUN_LOADING)
		add_loads(k);
	else
		add_checks(k);
	finish(k, queue_send(k->queue, &ei), &ei);
}

/* ---- answers ---------------------------------------------------------------
 */

static void
take_loaded(struct desk *k, int row)
{
	struct handling_loaded l;
	struct run *r;
	struct work *w;

	handling_loaded_row(k->queue, row, &l);
	r = k->asked[l.row];
	if (r == NULL)
		return;
	w = r->work;
	r->loaded = true;
	r->headers = mem_strndup(l.headers != NULL ? l.headers : "{}",
	    l.headers != NULL ? l.headers_len : 2);
	r->headers_len = strlen(r->headers);
	r->jsonb = l.jsonb;
	r->attempts = l.attempts;
	w->no_reply = l.no_reply;
	if (l.had_failed)
		w->failed = true;
	if (l.body != NULL && w->body == NULL) {
		w->body = mem_dup(l.body, l.body_len);
		work_charge(&k->all->d->works, w, l.body_len);
	}
	free(w->subject);
	w->subject = mem_strndup(l.subject, l.subject_len);
}

static void
take_result(struct desk *k, int row)
{
	struct handling_result h;
	struct run_result s;
	struct run *r;

	handling_result_row(k->queue, row, &h);
	r = k->asked[h.row];
	if (r == NULL)
		return;
	s = (struct run_result){
	    .automation_id = h.automation_id,
	    .name = mem_strndup(h.name, h.name_len),
	    .status = mem_strndup(h.status, h.status_len),
	    .error = mem_strndup(h.error, h.error_len),
	    .output_len = h.output_len,
	    .duration_ms = h.duration_ms,
	};
	if (h.output != NULL) {
		s.output = mem_alloc(h.output_len + 1);
		memcpy(s.output, h.output, h.output_len);
	}
	run_add_result(r, &s);
	r->recorded = r->result_count;
	free(s.name);
	free(s.status);
	free(s.error);
	free(s.output);
}

/* Takes those that were asked off the desk, and tells. */
static void
tell_loaded(struct desk *k)
{
	struct run *asked[HANDLING_BATCH_MAX];
	size_t count = k->count;

	for (int n = 0; n < handling_loaded(k->queue); n++)
		take_loaded(k, n);
	for (int n = 0; n < handling_results(k->queue); n++)
		take_result(k, n);
	memcpy(asked, k->asked, count * sizeof(struct run *));
	k->count = 0;
	for (size_t n = 0; n < count; n++)
		if (asked[n] != NULL)
			asked[n]->desk = NULL;
	for (size_t n = 0; n < count; n++)
		if (asked[n] != NULL)
			automate_loaded(k->all->d, asked[n]);
}

static void
tell_checked(struct desk *k)
{
	int rows = handling_checked(k->queue);

	for (int n = 0; n < rows; n++) {
		const char *problem;
		char *text;
		size_t of, len;
		struct run *r;
		bool holds;

		handling_checked_row(k->queue, n, &of, &holds, &problem, &len);
		r = k->asked[of];
		if (r == NULL)
			continue;
		k->asked[of] = NULL;
		r->desk = NULL;
		text = mem_strndup(problem, len);
		automate_checked(k->all->d, r, holds, text);
		free(text);
	}
	k->count = 0;
}

/* ---- what goes wrong
 * ---------------------------------------------------------
 */

static void
again(struct desk *k)
{
	for (size_t n = k->count; n-- > 0;)
		if (k->asked[n] != NULL)
			DL_PREPEND(k->list, k->asked[n]);
	k->count = 0;
}

/* The statement was cut off: one by one, and whoever is alone has his
 * answer. */
static void
cut_off(struct desk *k)
{
	struct conditions *c = k->all;
	struct run *r;

	if (!k->slow) {
		for (size_t n = 0; n < k->count; n++) {
			if (k->asked[n] != NULL)
				put(&c->slow, k->asked[n]);
		}
		k->count = 0;
		return;
	}
	r = k->asked[0];
	k->count = 0;
	if (r == NULL)
		return;
	r->work->lane->slow_until_ms = clock_mono_ms() + SLOW_FOR_MS;
	if (r->stage == RUN_LOADING) {
		r->plain = true;
		put(&c->quick, r);
		return;
	}
	r->desk = NULL;
	automate_checked(c->d, r, false, "it took too long and was cut off");
}

static void
finish(struct desk *k, enum queue_state s, struct errinfo *ei)
{
	link_want_write(k->link, s == QUEUE_WAIT_WRITE);
	if (s == QUEUE_WAIT || s == QUEUE_WAIT_WRITE)
		return;
	k->busy = false;
	if (s == QUEUE_LOST) {
		again(k);
		link_lost(k->link, ei->detail);
		return;
	}
	if (s == QUEUE_FAILED && handling_cut(ei)) {
		cut_off(k);
		return;
	}
	if (s == QUEUE_FAILED) {
		log_error(F_STR("msg", "the database refuses"),
		    F_STR("detail", ei->detail), F_STR("where", ei->where));
		again(k);
		k->not_before_ms = clock_mono_ms() + TROUBLE_MS;
		return;
	}
	if (k->stage == RUN_LOADING)
		tell_loaded(k);
	else
		tell_checked(k);
}

/* ---- the connections
 * ---------------------------------------------------------
 */

static void
on_ready(void *arg)
{
	(void)arg; /* the pass ends in on_prepare */
}

static void
on_io(void *arg)
{
	struct desk *k = arg;
	struct errinfo ei = {.code = ERR_OK};

	if (k->busy) {
		finish(k, queue_step(k->queue, &ei), &ei);
	} else if (queue_idle(k->queue, &ei) == QUEUE_LOST) {
		link_lost(k->link, ei.detail);
	}
}

static void
work_off(struct desk *k, int64_t now_ms)
{
	if (k->list != NULL && !k->busy && link_ready(k->link) &&
	    now_ms >= k->not_before_ms)
		begin(k, now_ms);
}

/* At the end of a pass of the loop, so that what comes together goes
 * together. */
static void
on_prepare(uv_prepare_t *p)
{
	struct conditions *c = p->data;
	int64_t now_ms;

	if (c->quick.list == NULL && c->slow.list == NULL)
		return;
	now_ms = clock_mono_ms();
	work_off(&c->quick, now_ms);
	work_off(&c->slow, now_ms);
}

static void
tick(struct desk *k, int64_t now_ms)
{
	if (!k->busy || now_ms - k->started_ms <
			    ANSWER_MS + k->all->d->conf.condition_timeout_ms)
		return;
	k->busy = false;
	again(k);
	link_lost(k->link, "no answer");
}

void
conditions_tick(struct conditions *c, int64_t now_ms)
{
	tick(&c->quick, now_ms);
	tick(&c->slow, now_ms);
}

static void
open_desk(struct conditions *c, struct desk *k, const char *name)
{
	static const struct link_calls calls = {pg_open, on_ready, on_io};
	const struct settings *conf = &c->d->conf;
	struct pg *pg = pg_new(
	    conf->database, conf->dispatcher_user, "ewa-dispatcher conditions");

	k->all = c;
	k->queue = queue_new(pg, &c->d->owner);
	k->link = link_new(&c->d->loop, name, pg, &calls, k);
	link_open(k->link);
}

struct conditions *
conditions_new(struct dispatcher *d)
{
	struct conditions *c = mem_zalloc(sizeof(*c));

	c->d = d;
	c->slow.slow = true;
	open_desk(c, &c->quick, "conditions");
	open_desk(c, &c->slow, "slow conditions");
	uv_prepare_init(&d->loop, &c->prepare);
	c->prepare.data = c;
	uv_prepare_start(&c->prepare, on_prepare);
	return c;
}

static void
on_closed(uv_handle_t *h)
{
	struct conditions *c = h->data;

	queue_free(c->quick.queue);
	queue_free(c->slow.queue);
	free(c);
}

void
conditions_close(struct conditions *c)
{
	if (c == NULL)
		return;
	link_close(c->quick.link);
	link_close(c->slow.link);
	uv_close((uv_handle_t *)&c->prepare, on_closed);
}
