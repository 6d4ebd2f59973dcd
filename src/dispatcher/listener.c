#include "config.h"

#include "dispatcher/listener.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dispatcher/cache.h"
#include "dispatcher/claimer.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/link.h"
#include "store/listen.h"
#include "store/waits.h"

#define PROBE_EVERY_MS 10000
#define PROBE_ANSWER_MS 5000
#define BELL_MS 10 /* between two rings of ewa_done */

struct listener {
	struct dispatcher *d;
	struct link *link;
	uv_timer_t timer;
	uv_timer_t bell;
	int handles;
	bool asked;
	bool ring;         /* to be done, when the bell's timer says so */
	int64_t wanted_ms; /* somebody waits, until then */
	int64_t rung_ms;
};

static void
on_timer(uv_timer_t *t)
{
	struct listener *l = t->data;

	if (!link_ready(l->link))
		return;
	if (l->asked) {
		link_lost(l->link, "no answer to a probe");
		return;
	}
	if (!listen_probe(link_pg(l->link))) {
		link_lost(l->link, "the probe could not be sent");
		return;
	}
	l->asked = true;
	uv_timer_start(&l->timer, on_timer, PROBE_ANSWER_MS, 0);
}

/* ---- ewa_done
 * ------------------------------------------------------------------
 */

static void
on_bell(uv_timer_t *t)
{
	struct listener *l = t->data;
	bool rung;

	if (!l->ring || !link_ready(l->link))
		return;
	if (!listen_ring(link_pg(l->link), &rung)) {
		link_lost(l->link, "ewa_done could not be rung");
		return;
	}
	if (!rung)
		return; /* on_io comes back to it */
	l->ring = false;
	l->rung_ms = clock_mono_ms();
}

void
listener_done(struct listener *l)
{
	int64_t now_ms, at_ms;

	if (l->wanted_ms == 0 || l->ring)
		return;
	now_ms = clock_mono_ms();
	if (now_ms >= l->wanted_ms) {
		l->wanted_ms = 0;
		return;
	}
	l->ring = true;
	at_ms = l->rung_ms + BELL_MS;
	uv_timer_start(&l->bell, on_bell,
	    at_ms > now_ms ? (uint64_t)(at_ms - now_ms) : 0, 0);
}

/* ---- the connection
 * ----------------------------------------------------------
 */

static void
on_ready(void *arg)
{
	struct listener *l = arg;

	l->asked = false;
	uv_timer_start(&l->timer, on_timer, PROBE_EVERY_MS, 0);
	on_bell(&l->bell);
	cache_refresh(l->d->cache);
	claimer_ring(l->d->claimer);
}

static void
on_io(void *arg)
{
	struct listener *l = arg;
	struct listen_news news;

	if (!listen_read(link_pg(l->link), &news)) {
		uv_timer_stop(&l->timer);
		link_lost(l->link, "closed by the server");
		return;
	}
	if (news.answered && l->asked) {
		l->asked = false;
		uv_timer_start(&l->timer, on_timer, PROBE_EVERY_MS, 0);
	}
	if (news.wait)
		l->wanted_ms = clock_mono_ms() + WAITS_HEARD_MS;
	if (l->ring && !uv_is_active((uv_handle_t *)&l->bell))
		on_bell(&l->bell);
	if (news.settings)
		cache_refresh(l->d->cache);
	if (news.event)
		claimer_ring(l->d->claimer);
}

struct listener *
listener_new(struct dispatcher *d)
{
	static const struct link_calls calls = {listen_open, on_ready, on_io};
	struct listener *l = mem_zalloc(sizeof(*l));
	struct pg *pg = pg_new(
	    d->conf.database, d->conf.dispatcher_user, "ewa-dispatcher listen");

	l->d = d;
	l->link = link_new(&d->loop, "listen", pg, &calls, l);
	uv_timer_init(&d->loop, &l->timer);
	l->timer.data = l;
	uv_timer_init(&d->loop, &l->bell);
	l->bell.data = l;
	l->handles = 2;
	link_open(l->link);
	return l;
}

static void
on_closed(uv_handle_t *h)
{
	struct listener *l = h->data;

	if (--l->handles == 0)
		free(l);
}

void
listener_close(struct listener *l)
{
	if (l == NULL)
		return;
	link_close(l->link);
	uv_close((uv_handle_t *)&l->timer, on_closed);
	uv_close((uv_handle_t *)&l->bell, on_closed);
}
