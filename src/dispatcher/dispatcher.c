#include "config.h"

#include "dispatcher/dispatcher.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/sched.h"
#include "dispatcher/action.h"
#include "dispatcher/cache.h"
#include "dispatcher/claimer.h"
#include "dispatcher/condition.h"
#include "dispatcher/keeper.h"
#include "dispatcher/listener.h"
#include "dispatcher/reply.h"
#include "dispatcher/round.h"
#include "dispatcher/sdnotify.h"
#include "dispatcher/sender.h"
#include "dispatcher/slots.h"

#define TICK_MS 200
#define SUMMARY_MS 60000
#define GIVE_BACK_MS 3000 /* after the drain, for the last round */
#define LEAVE_MS 3000     /* for worker threads to come to their end */
#define FILES_MAX 65536

/* The one dispatcher of the process, with what only this file knows. */
struct whole {
	struct dispatcher d;
	uv_timer_t tick;
	uv_signal_t term, interrupt, hangup;
	int64_t summary_ms;
	int64_t drain_ms; /* when transfers are given up */
	bool given_up;
};

int64_t
dispatcher_now_us(const struct dispatcher *d)
{
	if (d->clock_us == 0)
		return clock_wall_us();
	return d->clock_us + clock_mono_us();
}

static void
summarise(struct whole *h, int64_t now_ms)
{
	static const struct counts none;
	struct dispatcher *d = &h->d;
	const struct counts *c = &d->counts;

	if (now_ms < h->summary_ms && !d->draining)
		return;
	h->summary_ms = now_ms + SUMMARY_MS;
	if (memcmp(c, &none, sizeof(none)) == 0)
		return;
	log_info(F_STR("msg", "summary"), F_INT("claimed", c->claimed),
	    F_INT("sent", c->sent), F_INT("retried", c->retried),
	    F_INT("failed", c->failed), F_INT("expired", c->expired),
	    F_INT("without_reply", c->quiet), F_INT("cancelled", c->cancelled),
	    F_INT("given_back", c->given_back), F_INT("leases_lost", c->lost),
	    F_INT("active", d->works.count));
	d->counts = none;
}

/* ---- stopping --------------------------------------------------------------
 */

static void
drain(struct whole *h, int64_t now_ms)
{
	struct dispatcher *d = &h->d;

	if (!h->given_up && now_ms >= h->drain_ms) {
		reply_give_back(d, true);
		h->given_up = true;
	}
	if ((d->works.count == 0 && round_idle(d->round)) ||
	    now_ms >= h->drain_ms + GIVE_BACK_MS)
		uv_stop(&d->loop);
}

static void
on_stop(uv_signal_t *s, int number)
{
	struct whole *h = s->data;
	struct dispatcher *d = &h->d;
	int64_t now_ms = clock_mono_ms();

	if (d->draining) { /* told twice: no more waiting */
		h->drain_ms = now_ms;
		return;
	}
	log_notice(F_STR("msg", "stopping"), F_INT("signal", number),
	    F_INT("active", d->works.count));
	sdnotify("STOPPING=1");
	d->draining = true;
	h->drain_ms = now_ms + d->conf.drain_ms;
	reply_give_back(d, false);
	drain(h, now_ms);
}

static void
on_tick(uv_timer_t *t)
{
	struct whole *h = t->data;
	int64_t now_ms = clock_mono_ms();

	reply_tick(&h->d, now_ms);
	round_tick(h->d.round, now_ms);
	if (h->d.draining)
		drain(h, now_ms);
	else
		summarise(h, now_ms);
}

/* ---- reloading -------------------------------------------------------------
 */

static void
on_reload(uv_signal_t *s, int number)
{
	struct whole *h = s->data;
	struct dispatcher *d = &h->d;
	struct settings conf;
	struct errinfo ei;

	(void)number;
	if (settings_load(d->conf_path, &conf, &ei) != ERR_OK) {
		log_error(F_STR("msg", "configuration not reloaded"),
		    F_STR("where", ei.where), F_STR("detail", ei.detail));
		settings_free(&conf);
		return;
	}
	if (strcmp(conf.database, d->conf.database) != 0 ||
	    strcmp(conf.dispatcher_user, d->conf.dispatcher_user) != 0)
		log_warning(F_STR(
		    "msg", "database and dispatcher_user need a restart"));
	settings_free(&d->conf);
	d->conf = conf;
	sender_configure(d->sender);
	cache_reload(d->cache);
	claimer_ring(d->claimer);
	log_notice(F_STR("msg", "configuration reloaded"));
}

/* ---- the whole -------------------------------------------------------------
 */

/* A descriptor for each transfer, and some. */
static void
raise_files(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= FILES_MAX)
		return;
	r.rlim_cur = r.rlim_max < FILES_MAX ? r.rlim_max : FILES_MAX;
	if (setrlimit(RLIMIT_NOFILE, &r) != 0)
		log_warning(F_STR("msg", "the limit of files stays low"));
}

/* The loop hears it from now on, also one that was held back so far. */
static void
watch_signal(struct whole *h, uv_signal_t *s, uv_signal_cb cb, int number)
{
	sigset_t set;

	BUG_ON(uv_signal_init(&h->d.loop, s) != 0);
	s->data = h;
	BUG_ON(uv_signal_start(s, cb, number) != 0);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void
open_all(struct whole *h)
{
	struct dispatcher *d = &h->d;

	BUG_ON(uv_loop_init(&d->loop) != 0);
	watch_signal(h, &h->term, on_stop, SIGTERM);
	watch_signal(h, &h->interrupt, on_stop, SIGINT);
	watch_signal(h, &h->hangup, on_reload, SIGHUP);
	uv_timer_init(&d->loop, &h->tick);
	h->tick.data = h;
	uv_timer_start(&h->tick, on_tick, TICK_MS, TICK_MS);
	d->claimer = claimer_new(d);
	d->slots = slots_new();
	d->sender = sender_new(d);
	d->cache = cache_new(d);
	d->round = round_new(d);
	d->listener = listener_new(d);
	d->keeper = keeper_new(d);
}

static void
close_all(struct whole *h)
{
	struct dispatcher *d = &h->d;
	int64_t until_ms = clock_mono_ms() + LEAVE_MS;
	int left;

	listener_close(d->listener);
	keeper_close(d->keeper);
	cache_close(d->cache);
	round_close(d->round);
	sender_close(d->sender);
	conditions_close(d->conditions);
	sql_actions_close(d->sql_actions);
	uv_close((uv_handle_t *)&h->tick, NULL);
	uv_close((uv_handle_t *)&h->term, NULL);
	uv_close((uv_handle_t *)&h->interrupt, NULL);
	uv_close((uv_handle_t *)&h->hangup, NULL);
	do {
		left = uv_run(&d->loop, UV_RUN_NOWAIT);
		if (left != 0)
			usleep(1000);
	} while (left != 0 && clock_mono_ms() < until_ms);
	if (left != 0)
		_exit(EXIT_SUCCESS); /* a worker hangs in the database */
	works_fini(&d->works);
	lanes_fini(&d->lanes);
	claimer_free(d->claimer);
	slots_free(d->slots);
	uv_loop_close(&d->loop);
	uv_library_shutdown(); /* its threads, with what libcrypto keeps there
				*/
}

int
dispatcher_run(struct settings *conf, const char *conf_path)
{
	struct whole h = {.given_up = false};

	h.d.conf = *conf;
	h.d.conf_path = conf_path;
	uuid7_new(&h.d.owner);
	signal(SIGPIPE, SIG_IGN);
	raise_files();
	open_all(&h);
	log_notice(F_STR("msg", "started"), F_STR("version", PACKAGE_VERSION));
	sdnotify("READY=1");
	/* PostgreSQL and receivers, for whom it waits, go on meanwhile */
	sched_batch();
	uv_run(&h.d.loop, UV_RUN_DEFAULT);
	reply_give_back(&h.d, true); /* nothing is under way any more */
	summarise(&h, clock_mono_ms());
	close_all(&h);
	settings_free(&h.d.conf);
	log_notice(F_STR("msg", "stopped"));
	return EXIT_SUCCESS;
}
