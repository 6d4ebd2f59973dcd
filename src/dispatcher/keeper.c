#include "config.h"

#include "dispatcher/keeper.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dispatcher/dispatcher.h"
#include "store/fleet.h"
#include "store/integrations.h"
#include "store/refusals.h"

#define EVERY_MS 300000
#define AGAIN_MS 10000 /* after it could not be done */
#define DEADLINE_MS 60000
#define DAYS_AHEAD 7
#define REPEATS_AT_ONCE 5000
#define SLOTS_AT_ONCE 2    /* a transaction; in 60 s at 8,000 events/s too */
#define REPEATS_ROUNDS 200 /* a million keys at a time */

struct keeper {
	struct dispatcher *d;
	struct pg *pg; /* the worker's while busy */
	uv_timer_t timer;
	uv_work_t req;
	bool busy, closing, timer_gone;
	int64_t retention_ms;
	enum err result;
	struct errinfo error;
};

/* ---- on the worker ---------------------------------------------------------
 */

static void
said(const char *day, const char *why)
{
	if (why == NULL)
		log_info(F_STR("msg", "day dropped"), F_STR("day", day));
	else
		log_notice(F_STR("msg", "day kept past the retention"),
		    F_STR("day", day), F_STR("reason", why));
}

static enum err
drop_repeats(struct keeper *k)
{
	enum err e = ERR_OK;
	int n = REPEATS_AT_ONCE;

	for (int i = 0; e == ERR_OK && n == REPEATS_AT_ONCE &&
			i < REPEATS_ROUNDS && !k->closing;
	     i++)
		e = fleet_drop_repeats(k->pg, REPEATS_AT_ONCE,
		    clock_mono_ms() + DEADLINE_MS, &n, &k->error);
	return e;
}

/* What the workspace's lists and its overview read. */
static enum err
tally_events(struct keeper *k)
{
	enum err e = ERR_OK;
	int n = SLOTS_AT_ONCE;

	while (e == ERR_OK && n == SLOTS_AT_ONCE && !k->closing)
		e = fleet_tally_events(k->pg, SLOTS_AT_ONCE,
		    clock_mono_ms() + DEADLINE_MS, &n, &k->error);
	return e;
}

static enum err
drop_refusals(struct keeper *k)
{
	int n;

	return refusals_drop(k->pg, k->retention_ms,
	    clock_mono_ms() + DEADLINE_MS, &n, &k->error);
}

/* What a responder's cache let in while its integration was being deleted. */
static enum err
cancel_late(struct keeper *k)
{
	enum err e = ERR_OK;
	bool more = true;

	while (e == ERR_OK && more && !k->closing)
		e = integrations_cancel_late(
		    k->pg, clock_mono_ms() + DEADLINE_MS, &more, &k->error);
	return e;
}

static enum err
keep(struct keeper *k)
{
	int64_t deadline_ms = clock_mono_ms() + DEADLINE_MS;
	struct errinfo *ei = &k->error;
	int made = 0;
	enum err e;

	e = pg_open(k->pg, deadline_ms, ei);
	if (e == ERR_OK)
		e = fleet_make_partitions(
		    k->pg, DAYS_AHEAD, deadline_ms, &made, ei);
	if (made != 0)
		log_info(F_STR("msg", "partitions made"), F_INT("count", made));
	if (e == ERR_OK)
		e = fleet_drop_partitions(
		    k->pg, k->retention_ms, deadline_ms, said, ei);
	if (e == ERR_OK)
		e = drop_repeats(k);
	if (e == ERR_OK)
		e = cancel_late(k);
	if (e == ERR_OK)
		e = drop_refusals(k);
	if (e == ERR_OK)
		e = tally_events(k);
	return e;
}

static void
on_work(uv_work_t *req)
{
	struct keeper *k = req->data;

	k->result = keep(k);
	pg_close(k->pg);
}

/* ---- on the loop -----------------------------------------------------------
 */

static void on_timer(uv_timer_t *t);

static void
free_if_gone(struct keeper *k)
{
	if (!k->closing || k->busy || !k->timer_gone)
		return;
	pg_free(k->pg);
	free(k);
}

static void
on_done(uv_work_t *req, int status)
{
	struct keeper *k = req->data;

	(void)status; /* never cancelled */
	k->busy = false;
	if (k->closing) {
		free_if_gone(k);
		return;
	}
	if (k->result != ERR_OK)
		log_warning(F_STR("msg", "house-keeping could not be done"),
		    F_STR("detail", k->error.detail),
		    F_STR("where", k->error.where));
	uv_timer_start(
	    &k->timer, on_timer, k->result == ERR_OK ? EVERY_MS : AGAIN_MS, 0);
}

static void
begin(struct keeper *k)
{
	k->busy = true;
	k->retention_ms = k->d->conf.retention_ms;
	BUG_ON(uv_queue_work(&k->d->loop, &k->req, on_work, on_done) != 0);
}

static void
on_timer(uv_timer_t *t)
{
	begin(t->data);
}

struct keeper *
keeper_new(struct dispatcher *d)
{
	struct keeper *k = mem_zalloc(sizeof(*k));

	k->d = d;
	k->pg = pg_new(
	    d->conf.database, d->conf.dispatcher_user, "ewa-dispatcher keeper");
	k->req.data = k;
	uv_timer_init(&d->loop, &k->timer);
	k->timer.data = k;
	begin(k);
	return k;
}

static void
on_timer_closed(uv_handle_t *h)
{
	struct keeper *k = h->data;

	k->timer_gone = true;
	free_if_gone(k);
}

void
keeper_close(struct keeper *k)
{
	if (k == NULL)
		return;
	k->closing = true;
	uv_close((uv_handle_t *)&k->timer, on_timer_closed);
}
