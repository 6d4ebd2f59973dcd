#include "config.h"

#include "dispatcher/listener.h"

#include <stdlib.h>

#include "base/mem.h"
#include "dispatcher/cache.h"
#include "dispatcher/claimer.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/link.h"
#include "store/listen.h"

#define PROBE_EVERY_MS 10000
#define PROBE_ANSWER_MS 5000

struct listener {
	struct dispatcher *d;
	struct link *link;
	uv_timer_t timer;
	bool asked;
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

static void
on_ready(void *arg)
{
	struct listener *l = arg;

	l->asked = false;
	uv_timer_start(&l->timer, on_timer, PROBE_EVERY_MS, 0);
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
	link_open(l->link);
	return l;
}

static void
on_closed(uv_handle_t *h)
{
	free(h->data);
}

void
listener_close(struct listener *l)
{
	if (l == NULL)
		return;
	link_close(l->link);
	uv_close((uv_handle_t *)&l->timer, on_closed);
}
