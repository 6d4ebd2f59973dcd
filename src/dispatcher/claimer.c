#include "config.h"

#include "dispatcher/claimer.h"

#include <stdlib.h>

#include <utlist.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "dispatcher/automate.h"
#include "dispatcher/cache.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/handler.h"

#define MARK_BACK_US 100000 /* commits that come late */
#define LOOK_SHARE 10       /* a look may take a tenth of the time */
#define LOOK_GAP_MIN_MS 5
#define LOOK_GAP_MAX_MS 1000
#define RECENT_MS 2000  /* lanes worth a claim without a look */
#define SWEEP_ROWS 128  /* expired rows at once */
#define FINISH_ROWS 500 /* those that are finished unseen */
#define SHARE 4         /* a lane's part of what is free */
#define FULL_ROWS 32    /* a claim that is worth its round */
#define CANCEL_ROWS 64
#define AHEAD 3 /* windows, claimed before there is room for them */

struct claimer {
	struct dispatcher *d;
	bool rung;
	uint64_t look;
	int64_t look_took_us;
	int64_t look_after_ms; /* not before that */
	int64_t poll_ms;       /* at that time at the latest */
	struct lane *asked[QUEUE_WANTS_MAX];
	size_t asked_count;
	int asked_rows;
	bool full; /* the last claim brought all that was asked */
};

struct claimer *
claimer_new(struct dispatcher *d)
{
	struct claimer *c = mem_zalloc(sizeof(*c));

	c->d = d;
	c->rung = true;
	return c;
}

void
claimer_free(struct claimer *c)
{
	free(c);
}

void
claimer_ring(struct claimer *c)
{
	c->rung = true;
}

bool
claimer_hungry(const struct claimer *c)
{
	return c->full && c->asked_rows >= FULL_ROWS;
}

/* ---- what is wanted --------------------------------------------------------
 */

static int
least(int64_t a, int64_t b)
{
	return (int)(a < b ? a : b);
}

/* Rows that may still be claimed in this round. */
static int
budget(const struct claimer *c)
{
	const struct works *ws = &c->d->works;
	int64_t active = c->d->conf.active_max - ws->count;
	int64_t memory =
	    (c->d->conf.memory_max - (int64_t)ws->bytes) / QUEUE_BODY_INLINE;
	int64_t rows = least(active, memory);

	if (rows < 0)
		return 0;
	return least(rows, QUEUE_BATCH_MAX);
}

static int
room_of(const struct claimer *c, const struct lane *l, int64_t now_ms)
{
	int64_t share = (c->d->conf.active_max - c->d->works.count) / SHARE;
	int room, ahead;

	if (l->settings->deleted)
		return CANCEL_ROWS;
	if (l->settings->automations != NULL)
		return automate_room(c->d, l);
	if (*l->settings->reply_url == '\0' || l->stopped)
		return least(QUEUE_BATCH_MAX, share > 1 ? share : 1);
	room = window_room(&l->window, now_ms);
	ahead = 0;
	if (l->window.dead_ms == 0)
		ahead = least(l->finished + l->finished / 2,
		    AHEAD * (int64_t)l->window.size);
	room += ahead - l->waiting_count - l->elsewhere;
	if (room > share)
		room = share > 1 ? (int)share : 1;
	return room > 0 ? room : 0;
}

static bool
claimable(const struct claimer *c, const struct lane *l)
{
	if (l->settings == NULL)
		return false;
	return l->settings->deleted ||
	       integration_runs(l->settings, dispatcher_now_us(c->d));
}

struct asking {
	struct queue_want *wants;
	size_t count;
	int left; /* rows */
	int64_t now_ms;
	int64_t when_ms; /* when to ask again */
};

static int
want(struct asking *a, const struct lane *l, int rows, int64_t mark_us,
    int64_t expired_ms)
{
	if (rows > a->left)
		rows = a->left;
	if (rows <= 0 || a->count == QUEUE_WANTS_MAX)
		return 0;
	a->wants[a->count++] =
	    (struct queue_want){.integration_id = l->integration_id,
		.rows = rows,
		.mark_us = mark_us,
		.expired_ms = expired_ms};
	a->left -= rows;
	return rows;
}

/* Is a row past its deadline done with, once its outcome is written? */
static bool
only_reply(const struct lane *l)
{
	const struct integration *s = l->settings;

	return !s->deleted && *s->reply_url != '\0' && *s->subject == '\0' &&
	       s->automations == NULL;
}

/* They take no room. */
static int
want_finished(struct asking *a, const struct lane *l, int64_t timeout_ms)
{
	if (a->count == QUEUE_WANTS_MAX)
		return 0;
	a->wants[a->count++] =
	    (struct queue_want){.integration_id = l->integration_id,
		.rows = FINISH_ROWS,
		.expired_ms = timeout_ms,
		.finish = true};
	return FINISH_ROWS;
}

static void
ask(struct claimer *c, struct lane *l, struct asking *a)
{
	int64_t timeout_ms = lane_timeout_ms(l, c->d->conf.reply_horizon_ms);
	int room = room_of(c, l, a->now_ms);
	int64_t mark_us = l->mark_us;
	bool fresh = l->overdue && !(only_reply(l) ? l->odd : l->fresh_empty);

	if (fresh)
		mark_us = dispatcher_now_us(c->d) - timeout_ms * 1000;
	l->wanted = want(a, l, room, mark_us, 0);
	l->wanted_fresh = fresh && l->wanted != 0;
	if (l->overdue && only_reply(l))
		l->wanted += want_finished(a, l, timeout_ms);
	else if (l->overdue)
		l->wanted += want(a, l,
		    /* automations need room whether late or not */
		    l->settings->automations != NULL ? room : SWEEP_ROWS,
		    QUEUE_FROM_START, timeout_ms);
	if (l->wanted != 0) {
		c->asked[c->asked_count++] = l;
		c->asked_rows += l->wanted;
	} else if (l->window.until_ms > a->now_ms &&
		   l->window.until_ms < a->when_ms) {
		a->when_ms = l->window.until_ms;
	}
}

/* A look would cost too much now: where something was found of late there
 * may be more. */
static void
try_recent(struct claimer *c, int64_t now_ms)
{
	struct lane *l;

	DL_FOREACH (c->d->lanes.queued, l)
		if (now_ms - l->claimed_ms < RECENT_MS)
			l->due_ms = now_ms;
}

int64_t
claimer_wants(struct claimer *c, int64_t now_ms, struct queue_want *wants,
    size_t *count, bool *look)
{
	struct asking a = {wants, 0, 0, now_ms, c->poll_ms};
	struct lane *l;

	*count = 0;
	*look = false;
	c->asked_count = 0;
	c->asked_rows = 0;
	if (c->d->draining)
		return now_ms + LOOK_GAP_MAX_MS;
	if (c->rung || now_ms >= c->poll_ms) {
		*look = now_ms >= c->look_after_ms;
		a.when_ms = c->look_after_ms;
		if (!*look)
			try_recent(c, now_ms);
	}
	a.left = budget(c);
	DL_FOREACH (c->d->lanes.queued, l) {
		if (l->due_ms > now_ms) {
			if (l->due_ms < a.when_ms)
				a.when_ms = l->due_ms;
		} else if (a.left > 0 && a.count < QUEUE_WANTS_MAX - 1 &&
			   claimable(c, l)) {
			ask(c, l, &a);
		}
	}
	*count = a.count;
	return a.when_ms;
}

void
claimer_began(struct claimer *c, int64_t now_ms)
{
	struct lanes *ls = &c->d->lanes;

	if (now_ms >= c->look_after_ms) {
		uint32_t random;

		c->rung = false;
		crypto_random(&random, sizeof(random));
		/* half to once the time, so that many don't come at once */
		c->poll_ms =
		    now_ms + c->d->conf.poll_ms / 2 +
		    c->d->conf.poll_ms / 2 * (int64_t)random / UINT32_MAX;
	}
	for (size_t i = 0; i < c->asked_count; i++) {
		struct lane *l = c->asked[i];

		l->got = 0;
		l->got_live = 0;
		l->low_us = INT64_MAX;
		l->finished = 0;
		/* the next round begins with others */
		DL_DELETE(ls->queued, l);
		DL_APPEND(ls->queued, l);
	}
}

/* ---- what has come ---------------------------------------------------------
 */

static void
begin_or_hold(struct claimer *c, struct work *w)
{
	const struct lane *l = w->lane;

	if (l->settings == NULL ||
	    l->settings->settings_version < w->settings_version) {
		work_move(&c->d->works, w, WORK_HELD);
		cache_refresh(c->d->cache);
		return;
	}
	handler_begin(c->d, w);
}

void
claimer_claimed(
    struct claimer *c, const struct queue_event *e, int64_t claimed_ms)
{
	struct dispatcher *d = c->d;
	struct work *w;
	struct lane *l;

	d->counts.claimed++;
	d->clock_us = e->now_us - claimed_ms * 1000;
	l = lane_get(&d->lanes, e->integration_id);
	l->got++;
	if (e->remaining_ms > 0)
		l->got_live++;
	if (e->due_us < l->low_us)
		l->low_us = e->due_us;
	w = work_new(&d->works, e, claimed_ms, d->conf.lease_ms);
	w->lane = l;
	begin_or_hold(c, w);
}

void
claimer_expired(struct claimer *c, int32_t integration_id, int64_t count)
{
	struct lane *l = lane_get(&c->d->lanes, integration_id);

	l->got += (int)count;
	c->d->counts.expired += count;
	log_info(F_STR("msg", "finished past their deadline"),
	    F_STR("integration", l->settings->key), F_INT("events", count));
}

/* Neither new nor past their deadline: it was another when they came, or they
 * are sent again.  They are asked for when there are no others. */
static void
take_overdue(struct claimer *c, struct lane *l)
{
	if (l->wanted_fresh && l->got_live == 0)
		l->fresh_empty = true;
	if (l->got == 0 && only_reply(l) && !l->odd) {
		l->odd = true;
		return;
	}
	l->odd = false;
	if (l->got != 0)
		return;
	l->overdue = false;
	lane_set_due(&c->d->lanes, l, LANE_NEVER);
}

static void
take_got(struct claimer *c, struct lane *l)
{
	if (l->got != 0) {
		l->claimed_ms = clock_mono_ms();
		if (!l->wanted_fresh && l->low_us != INT64_MAX)
			l->mark_us = l->low_us - MARK_BACK_US;
	}
	if (l->got < l->wanted)
		c->full = false;
	if (l->overdue) {
		take_overdue(c, l);
	} else if (l->got < l->wanted) {
		/* all there is; a look tells more */
		lane_set_due(&c->d->lanes, l, LANE_NEVER);
	} else if (l->got_live < l->got) {
		/* where one came too late there may be many */
		l->overdue = true;
		l->fresh_empty = false;
	}
}

void
claimer_claim_end(struct claimer *c)
{
	c->full = true;
	for (size_t i = 0; i < c->asked_count; i++)
		take_got(c, c->asked[i]);
	c->asked_count = 0;
}

void
claimer_failed(struct claimer *c)
{
	c->rung = true;
	c->asked_count = 0;
}

void
claimer_look_begin(struct claimer *c)
{
	c->look++;
	c->look_took_us = 0;
}

void
claimer_looked(struct claimer *c, const struct queue_scan *row, int64_t now_ms)
{
	struct dispatcher *d = c->d;
	struct lane *l = lane_get(&d->lanes, row->integration_id);
	int64_t due_in_ms = row->due_in_ms > 0 ? row->due_in_ms : 0;

	if (row->took_us > c->look_took_us)
		c->look_took_us = row->took_us;
	d->clock_us = row->now_us - now_ms * 1000;
	l->look = c->look;
	/* a new row is due now, whatever is due later */
	l->mark_us = (row->due_us < row->now_us ? row->due_us : row->now_us) -
		     MARK_BACK_US;
	lane_set_due(&d->lanes, l, now_ms + due_in_ms);
	if (l->settings == NULL) {
		cache_refresh(d->cache);
		return;
	}
	l->overdue =
	    -row->due_in_ms > lane_timeout_ms(l, d->conf.reply_horizon_ms);
	/* what has come since may be answered in time: it goes first */
	l->fresh_empty = false;
}

void
claimer_look_end(struct claimer *c, int64_t now_ms)
{
	int64_t gap_ms = c->look_took_us * LOOK_SHARE / 1000;
	struct lane *l, *tmp;

	DL_FOREACH_SAFE (c->d->lanes.queued, l, tmp)
		if (l->look != c->look)
			lane_set_due(&c->d->lanes, l, LANE_NEVER);
	if (gap_ms < LOOK_GAP_MIN_MS)
		gap_ms = LOOK_GAP_MIN_MS;
	if (gap_ms > LOOK_GAP_MAX_MS)
		gap_ms = LOOK_GAP_MAX_MS;
	c->look_after_ms = now_ms + gap_ms;
}

void
claimer_settings(struct claimer *c)
{
	struct work *w, *tmp;

	DL_FOREACH_SAFE (c->d->works.held, w, tmp) {
		const struct lane *l = w->lane;

		if (l->settings != NULL &&
		    l->settings->settings_version >= w->settings_version)
			handler_begin(c->d, w);
	}
}
