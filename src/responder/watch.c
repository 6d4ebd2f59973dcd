#include "config.h"

#include "responder/watch.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/pg.h"

#define WATCH_CALL_MS 5000 /* for one call of the database */

struct watch {
	pthread_t thread;
	struct cache *cache;
	struct refusals *refusals;
	struct pg *pg;
	int wake_fd;
	atomic_bool ring; /* asked for and not yet done */
	atomic_bool stop;
	uint64_t generation; /* of the connection that listens */
	int64_t rung_ms, polled_ms, written_ms;
	bool said_lost, said_refusals;
};

static void
wake(struct watch *w)
{
	uint64_t one = 1;

	if (write(w->wake_fd, &one, sizeof(one)) < 0)
		return; /* it is awake */
}

void
watch_ring(struct watch *w)
{
	if (!atomic_exchange(&w->ring, true))
		wake(w);
}

static int64_t
call_deadline(void)
{
	return clock_mono_ms() + WATCH_CALL_MS;
}

static enum err
ensure_listening(struct watch *w, struct errinfo *ei)
{
	enum err e = pg_open(w->pg, call_deadline(), ei);

	if (e != ERR_OK || w->generation == pg_generation(w->pg))
		return e;
	e = pg_listen(w->pg, "ewa_settings", call_deadline(), ei);
	if (e != ERR_OK)
		return e;
	w->generation = pg_generation(w->pg);
	w->polled_ms = 0; /* something may have been missed */
	if (w->said_lost)
		log_notice(F_STR("msg", "database is back"));
	w->said_lost = false;
	return ERR_OK;
}

/* They are no reason not to do the rest. */
static void
write_refusals(struct watch *w)
{
	struct errinfo ei;
	bool ok =
	    refusals_flush(w->refusals, w->pg, call_deadline(), &ei) == ERR_OK;

	if (!ok && !w->said_refusals)
		log_warning(F_STR("msg", "refusals can't be written"),
		    F_STR("reason", ei.detail));
	w->said_refusals = !ok;
}

static enum err
work(struct watch *w, struct errinfo *ei)
{
	enum err e = ensure_listening(w, ei);
	int64_t now = clock_mono_ms();

	if (e != ERR_OK)
		return e;
	if (pg_notified(w->pg) != 0 || now - w->polled_ms >= WATCH_POLL_MS) {
		e = cache_refresh(w->cache, w->pg, call_deadline(), ei);
		if (e != ERR_OK)
			return e;
		w->polled_ms = now;
	}
	if (now - w->rung_ms >= WATCH_BELL_MS &&
	    atomic_exchange(&w->ring, false)) {
		w->rung_ms = now;
		e = pg_notify(w->pg, "ewa_event", call_deadline(), ei);
		if (e != ERR_OK)
			atomic_store(&w->ring, true);
	}
	if (e == ERR_OK && now - w->written_ms >= WATCH_POLL_MS) {
		w->written_ms = now;
		write_refusals(w);
	}
	return e;
}

static void
sleep_until_needed(struct watch *w, bool ok)
{
	struct pollfd p[2] = {
	    {.fd = w->wake_fd,             .events = POLLIN},
	    {.fd = ok ? pg_fd(w->pg) : -1, .events = POLLIN}
        };
	int64_t now = clock_mono_ms();
	int64_t ms = WATCH_POLL_MS - (now - w->polled_ms);
	uint64_t count;

	if (!ok)
		ms = 200; /* try the database again */
	else if (atomic_load(&w->ring))
		ms = WATCH_BELL_MS - (now - w->rung_ms);
	if (ms < 0)
		ms = 0;
	/* a failed database must not turn the bell into a busy loop */
	if (poll(ok ? p : NULL, ok ? 2 : 0, (int)ms) > 0 && p[0].revents != 0 &&
	    read(w->wake_fd, &count, sizeof(count)) < 0)
		return;
}

static void *
run(void *arg)
{
	struct watch *w = arg;
	struct errinfo ei;

	while (!atomic_load(&w->stop)) {
		bool ok = work(w, &ei) == ERR_OK;

		if (!ok && !w->said_lost) {
			log_warning(F_STR("msg", "watcher: database is away"),
			    F_STR("reason", ei.detail));
			w->said_lost = true;
		}
		sleep_until_needed(w, ok);
	}
	if (atomic_load(&w->ring) && pg_is_open(w->pg))
		pg_notify(w->pg, "ewa_event", call_deadline(), &ei);
	if (pg_is_open(w->pg))
		write_refusals(w);
	return NULL;
}

struct watch *
watch_start(
    const struct settings *s, struct cache *c, struct refusals *refusals)
{
	struct watch *w = mem_zalloc(sizeof(*w));

	w->cache = c;
	w->refusals = refusals;
	w->pg = pg_new(s->database, s->responder_user, "ewa-responder watch");
	w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	BUG_ON(w->wake_fd < 0);
	w->rung_ms = w->polled_ms = clock_mono_ms() - WATCH_POLL_MS;
	if (pthread_create(&w->thread, NULL, run, w) != 0)
		fatal(F_STR("msg", "cannot start the watcher thread"));
	return w;
}

void
watch_stop(struct watch *w)
{
	atomic_store(&w->stop, true);
	wake(w);
	pthread_join(w->thread, NULL);
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	pg_free(w->pg);
	close(w->wake_fd);
	free(w);
}
