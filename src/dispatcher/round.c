#include "config.h"

#include "dispatcher/round.h"

#include <stdlib.h>

#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dispatcher/claimer.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/link.h"
#include "dispatcher/round_impl.h"
#include "dispatcher/run.h"

#define GAP_MIN_MS 2 /* from one round to the next */
#define GAP_MAX_MS 5
#define PLENTY 64           /* completions that don't wait for the gap */
#define ANSWER_MIN_MS 5000  /* a round without an answer for so long ... */
#define ANSWER_MAX_MS 30000 /* ... at most, loses its connection */
#define TROUBLE_MS 1000     /* after a statement failed */

static void finish(struct round *r, enum queue_state s, struct errinfo *ei);

/* ---- gathering -------------------------------------------------------------
 */

static int
by_id(const void *a, const void *b)
{
	const struct work *const *x = a;
	const struct work *const *y = b;

	return queue_fence_cmp(&(*x)->done.fence, &(*y)->done.fence);
}

static void
add_done(struct round *r)
{
	const struct queue_done *rows[QUEUE_BATCH_MAX];
	struct works *ws = &r->d->works;
	size_t n = 0;

	while (ws->done != NULL && n < r->batch) {
		struct work *w = ws->done;

		work_move(ws, w, WORK_RECORDING);
		r->recording[n++] = w;
	}
	r->recording_count = n;
	if (n == 0)
		return;
	/* every statement locks its rows in order of their key */
	qsort(r->recording, n, sizeof(r->recording[0]), by_id);
	for (size_t i = 0; i < n; i++)
		rows[i] = &r->recording[i]->done;
	queue_complete(r->queue, rows, n);
}

static void
add_notes(struct round *r)
{
	const struct handling_note *rows[HANDLING_NOTES_MAX];
	struct works *ws = &r->d->works;
	size_t n = 0;

	while (ws->noting != NULL && n < r->note_batch) {
		struct work *w = ws->noting;

		work_move(ws, w, WORK_NOTED);
		r->noting[n++] = w;
	}
	r->noting_count = n;
	if (n == 0)
		return;
	qsort(r->noting, n, sizeof(r->noting[0]), by_id);
	for (size_t i = 0; i < n; i++)
		rows[i] = &r->noting[i]->run->note;
	handling_note(r->queue, rows, n);
}

static void
add_back(struct round *r)
{
	struct queue_fence rows[QUEUE_BATCH_MAX];
	struct works *ws = &r->d->works;
	size_t n = 0;

	while (ws->back != NULL && n < QUEUE_BATCH_MAX) {
		struct work *w = ws->back;

		work_move(ws, w, WORK_RETURNING);
		rows[n] = w->done.fence;
		r->returning[n++] = w;
	}
	r->returning_count = n;
	if (n != 0)
		queue_give_back(r->queue, rows, n);
}

/* A lease is renewed when a third of it has gone. */
static bool
needs_renewal(const struct round *r, const struct work *w, int64_t now_ms)
{
	return work_goes_on(w) &&
	       w->lease_ms - now_ms < r->d->conf.lease_ms * 2 / 3;
}

static void
add_renewals(struct round *r, int64_t now_ms)
{
	struct work *w;
	size_t n = 0;

	/* those whose lease ends first come first */
	for (w = r->d->works.all; w != NULL && n < QUEUE_BATCH_MAX;
	     w = w->all_next) {
		if (!work_goes_on(w))
			continue;
		if (!needs_renewal(r, w, now_ms))
			break;
		w->renewing = true;
		r->fences[n++] = w->done.fence;
	}
	r->renewing_count = n;
	if (n != 0)
		queue_renew(r->queue, r->fences, n, r->d->conf.lease_ms);
}

/* One alone may be greater than all the memory allowed. */
static bool
can_fetch(const struct round *r)
{
	const struct works *ws = &r->d->works;

	return ws->body != NULL &&
	       (ws->bytes == 0 || ws->bytes + (size_t)ws->body->body_length <=
				      (size_t)r->d->conf.memory_max);
}

static void
add_fetch(struct round *r)
{
	r->fetching = can_fetch(r);
	if (!r->fetching)
		return;
	r->fetched_id = r->d->works.body->done.fence.id;
	queue_fetch(r->queue, &r->fetched_id);
}

/* ---- beginning -------------------------------------------------------------
 */

static bool
lease_waits(const struct round *r, int64_t now_ms)
{
	const struct work *w;

	for (w = r->d->works.all; w != NULL; w = w->all_next)
		if (work_goes_on(w))
			return needs_renewal(r, w, now_ms);
	return false;
}

static void sleep_until(struct round *r, int64_t when_ms, int64_t now_ms);

static void
begin(struct round *r, int64_t now_ms)
{
	struct dispatcher *d = r->d;
	struct errinfo ei = {.code = ERR_OK};
	enum queue_state s;
	bool careful;

	if (d->works.done == NULL)
		r->batch = QUEUE_BATCH_MAX;
	careful = r->batch < QUEUE_BATCH_MAX;
	r->busy = true;
	r->started_ms = now_ms;
	queue_begin(r->queue);
	add_done(r);
	r->noting_count = 0;
	r->returning_count = 0;
	r->renewing_count = 0;
	r->fetching = false;
	if (careful) { /* whose fault was it?  Completions alone */
		r->want_count = 0;
		r->looking = false;
	} else {
		claimer_began(d->claimer, now_ms);
		add_notes(r);
		add_back(r);
		add_renewals(r, now_ms);
		queue_expire(r->queue, r->wants, r->want_count);
		queue_claim(
		    r->queue, r->wants, r->want_count, d->conf.lease_ms);
		if (r->looking)
			queue_look(r->queue);
		add_fetch(r);
	}
	s = queue_send(r->queue, &ei);
	finish(r, s, &ei);
}

/* A round costs a commit: those that end soon should go along.  Half of what
 * the last one took is well spent on them, if anything is under way at all. */
static bool
worth_it(const struct round *r, int64_t now_ms, int64_t *when_ms)
{
	const struct works *ws = &r->d->works;
	int64_t gap_ms = r->took_ms / 2;

	if (gap_ms < GAP_MIN_MS)
		gap_ms = GAP_MIN_MS;
	if (gap_ms > GAP_MAX_MS)
		gap_ms = GAP_MAX_MS;
	if (ws->done_count >= PLENTY || claimer_hungry(r->d->claimer) ||
	    ws->count == ws->done_count + ws->back_count ||
	    now_ms >= r->ended_ms + gap_ms)
		return true;
	*when_ms = r->ended_ms + gap_ms;
	return false;
}

/* Is there enough to do for a round now?  If not, when to look again. */
static bool
is_time(struct round *r, int64_t now_ms, int64_t *when_ms)
{
	struct works *ws = &r->d->works;

	*when_ms = claimer_wants(
	    r->d->claimer, now_ms, r->wants, &r->want_count, &r->looking);
	if (now_ms < r->not_before_ms) {
		*when_ms = r->not_before_ms;
		return false;
	}
	if (ws->done == NULL && ws->back == NULL && ws->noting == NULL &&
	    r->want_count == 0 && !r->looking && !can_fetch(r) &&
	    !lease_waits(r, now_ms))
		return false;
	return worth_it(r, now_ms, when_ms);
}

static void
on_prepare(uv_prepare_t *p)
{
	struct round *r = p->data;
	int64_t now_ms, when_ms;

	if (r->busy || !link_ready(r->link))
		return;
	now_ms = clock_mono_ms();
	if (is_time(r, now_ms, &when_ms))
		begin(r, now_ms);
	else
		sleep_until(r, when_ms, now_ms);
}

static void
on_timer(uv_timer_t *t)
{
	(void)t; /* the pass that this begins ends in on_prepare */
}

static void
sleep_until(struct round *r, int64_t when_ms, int64_t now_ms)
{
	int64_t ms = when_ms > now_ms ? when_ms - now_ms : 0;

	/* the loop's idea of now may be old, and then the timer early */
	uv_update_time(&r->d->loop);
	uv_timer_start(&r->timer, on_timer, (uint64_t)ms, 0);
}

/* ---- what came of it -------------------------------------------------------
 */

static void
again(struct round *r)
{
	struct works *ws = &r->d->works;
	struct work *w;

	/* to the front, in their order */
	for (size_t i = r->recording_count; i-- > 0;) {
		r->recording[i]->done.again = true;
		work_undone(ws, r->recording[i]);
	}
	for (size_t i = 0; i < r->returning_count; i++)
		work_move(ws, r->returning[i], WORK_BACK);
	DL_FOREACH2(ws->all, w, all_next)
	w->renewing = false;
	for (size_t i = 0; i < r->noting_count; i++)
		work_move(ws, r->noting[i], WORK_NOTING);
	r->recording_count = 0;
	r->noting_count = 0;
	r->returning_count = 0;
	claimer_failed(r->d->claimer);
}

/* A note alone that the database refuses is let go: its lease runs out, and
 * the event is claimed again. */
static void
refused_notes(struct round *r)
{
	size_t notes = r->noting_count;
	struct work *only = notes == 1 ? r->noting[0] : NULL;
	bool alone = r->recording_count == 0;

	again(r);
	if (notes == 0)
		return;
	if (only != NULL && alone && r->note_batch == 1)
		work_free(&r->d->works, only);
	r->note_batch = 1;
}

/* One completion that the database refuses for itself must not hold up the
 * others: smaller and smaller batches find it. */
static void
refused(struct round *r, const struct errinfo *ei)
{
	size_t n = r->recording_count;

	log_error(F_STR("msg", "the database refuses"),
	    F_STR("detail", ei->detail), F_STR("where", ei->where),
	    F_INT("completions", n));
	if (ei->code == ERR_UNAVAILABLE)
		again(r);
	else
		refused_notes(r);
	r->not_before_ms = clock_mono_ms() + TROUBLE_MS;
	if (ei->code == ERR_UNAVAILABLE || n == 0)
		return;
	r->not_before_ms = 0;
	if (n > 1 || r->batch == QUEUE_BATCH_MAX) {
		r->batch = n > 1 ? n / 2 : 1;
		return;
	}
	/* its lease runs out, and it is claimed again */
	work_free(&r->d->works, r->d->works.done);
	r->batch = QUEUE_BATCH_MAX;
}

static void
finish(struct round *r, enum queue_state s, struct errinfo *ei)
{
	int64_t now_ms;

	link_want_write(r->link, s == QUEUE_WAIT_WRITE);
	if (s == QUEUE_WAIT || s == QUEUE_WAIT_WRITE)
		return;
	r->busy = false;
	uv_timer_start(&r->timer, on_timer, 0, 0); /* a further pass */
	if (s == QUEUE_LOST) {
		again(r);
		link_lost(r->link, ei->detail);
		return;
	}
	if (s == QUEUE_FAILED) {
		refused(r, ei);
		return;
	}
	now_ms = clock_mono_ms();
	/* what a look finds is claimed at once */
	if (r->recording_count != 0 || r->noting_count != 0 ||
	    r->want_count != 0) {
		r->ended_ms = now_ms;
		r->took_ms = now_ms - r->started_ms;
	}
	round_take(r, now_ms);
}

/* ---- the connection --------------------------------------------------------
 */

static void
on_ready(void *arg)
{
	struct round *r = arg;

	r->not_before_ms = 0;
	claimer_ring(r->d->claimer);
}

static void
on_io(void *arg)
{
	struct round *r = arg;
	struct errinfo ei = {.code = ERR_OK};
	enum queue_state s;

	if (!r->busy) {
		/* nothing was asked: a notice, or the end */
		s = queue_idle(r->queue, &ei);
		if (s == QUEUE_LOST)
			link_lost(r->link, ei.detail);
		return;
	}
	s = queue_step(r->queue, &ei);
	finish(r, s, &ei);
}

void
round_tick(struct round *r, int64_t now_ms)
{
	int64_t limit_ms = r->d->conf.lease_ms;

	if (limit_ms < ANSWER_MIN_MS)
		limit_ms = ANSWER_MIN_MS;
	if (limit_ms > ANSWER_MAX_MS)
		limit_ms = ANSWER_MAX_MS;
	if (!r->busy || now_ms - r->started_ms < limit_ms)
		return;
	r->busy = false;
	again(r);
	link_lost(r->link, "no answer");
}

void
round_done(struct round *r, struct work *w)
{
	work_move(&r->d->works, w, WORK_DONE);
}

void
round_back(struct round *r, struct work *w)
{
	r->d->counts.given_back++;
	work_move(&r->d->works, w, WORK_BACK);
}

bool
round_idle(const struct round *r)
{
	return !r->busy && r->d->works.done == NULL && r->d->works.back == NULL;
}

struct round *
round_new(struct dispatcher *d)
{
	static const struct link_calls calls = {pg_open, on_ready, on_io};
	struct round *r = mem_zalloc(sizeof(*r));
	struct pg *pg =
	    pg_new(d->conf.database, d->conf.dispatcher_user, "ewa-dispatcher");

	r->d = d;
	r->batch = QUEUE_BATCH_MAX;
	r->note_batch = HANDLING_NOTES_MAX;
	r->queue = queue_new(pg, &d->owner);
	r->link = link_new(&d->loop, "queue", pg, &calls, r);
	uv_timer_init(&d->loop, &r->timer);
	uv_prepare_init(&d->loop, &r->prepare);
	r->timer.data = r;
	r->prepare.data = r;
	r->handles = 2;
	uv_prepare_start(&r->prepare, on_prepare);
	link_open(r->link);
	return r;
}

static void
on_closed(uv_handle_t *h)
{
	struct round *r = h->data;

	if (--r->handles != 0)
		return;
	queue_free(r->queue);
	free(r);
}

void
round_close(struct round *r)
{
	if (r == NULL)
		return;
	link_close(r->link);
	uv_close((uv_handle_t *)&r->timer, on_closed);
	uv_close((uv_handle_t *)&r->prepare, on_closed);
}
