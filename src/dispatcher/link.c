#include "config.h"

#include "dispatcher/link.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define OPEN_TIMEOUT_MS 10000
#define PAUSE_FIRST_MS 100
#define PAUSE_LAST_MS 2000

struct link {
	uv_loop_t *loop;
	const char *name;
	struct pg *pg;
	struct link_calls calls;
	void *arg;
	uv_timer_t pause;
	uv_work_t opening;
	uv_poll_t *poll; /* NULL unless ready */
	bool busy;       /* the worker has the pg */
	bool closed;
	bool timer_gone;
	bool complained; /* since it was last open */
	int64_t pause_ms;
	enum err result;
	struct errinfo error;
};

static void on_pause(uv_timer_t *t);

struct link *
link_new(uv_loop_t *loop, const char *name, struct pg *pg,
    const struct link_calls *calls, void *arg)
{
	struct link *l = mem_zalloc(sizeof(*l));

	l->loop = loop;
	l->name = name;
	l->pg = pg;
	l->calls = *calls;
	l->arg = arg;
	l->pause_ms = PAUSE_FIRST_MS;
	uv_timer_init(loop, &l->pause);
	l->pause.data = l;
	l->opening.data = l;
	return l;
}

bool
link_ready(const struct link *l)
{
	return l->poll != NULL;
}

struct pg *
link_pg(struct link *l)
{
	return l->pg;
}

static void
free_if_gone(struct link *l)
{
	if (!l->closed || l->busy || !l->timer_gone)
		return;
	pg_free(l->pg);
	free(l);
}

/* ---- watching --------------------------------------------------------------
 */

static void
on_poll(uv_poll_t *p, int status, int events)
{
	struct link *l = p->data;

	(void)events;
	(void)status; /* libpq finds out by itself */
	l->calls.io(l->arg);
}

static void
on_poll_closed(uv_handle_t *h)
{
	free(h);
}

static void
watch(struct link *l)
{
	l->poll = mem_zalloc(sizeof(*l->poll));
	BUG_ON(uv_poll_init(l->loop, l->poll, pg_fd(l->pg)) != 0);
	l->poll->data = l;
	uv_poll_start(l->poll, UV_READABLE, on_poll);
}

static void
unwatch(struct link *l)
{
	if (l->poll == NULL)
		return;
	uv_poll_stop(l->poll);
	uv_close((uv_handle_t *)l->poll, on_poll_closed);
	l->poll = NULL;
}

void
link_want_write(struct link *l, bool on)
{
	if (l->poll != NULL)
		uv_poll_start(l->poll,
		    on ? UV_READABLE | UV_WRITABLE : UV_READABLE, on_poll);
}

/* ---- opening ---------------------------------------------------------------
 */

static void
open_work(uv_work_t *req)
{
	struct link *l = req->data;

	l->result =
	    l->calls.open(l->pg, clock_mono_ms() + OPEN_TIMEOUT_MS, &l->error);
}

static void
pause_then_open(struct link *l)
{
	uv_timer_start(&l->pause, on_pause, (uint64_t)l->pause_ms, 0);
	l->pause_ms *= 2;
	if (l->pause_ms > PAUSE_LAST_MS)
		l->pause_ms = PAUSE_LAST_MS;
}

static void
open_done(uv_work_t *req, int status)
{
	struct link *l = req->data;

	(void)status; /* never cancelled */
	l->busy = false;
	if (l->closed) {
		free_if_gone(l);
		return;
	}
	if (l->result != ERR_OK) {
		if (!l->complained)
			log_warning(F_STR("msg", "no connection"),
			    F_STR("connection", l->name),
			    F_STR("detail", l->error.detail));
		l->complained = true;
		pause_then_open(l);
		return;
	}
	if (l->complained)
		log_notice(F_STR("msg", "connected again"),
		    F_STR("connection", l->name));
	l->complained = false;
	l->pause_ms = PAUSE_FIRST_MS;
	watch(l);
	l->calls.ready(l->arg);
}

void
link_open(struct link *l)
{
	l->busy = true;
	BUG_ON(uv_queue_work(l->loop, &l->opening, open_work, open_done) != 0);
}

static void
on_pause(uv_timer_t *t)
{
	link_open(t->data);
}

void
link_lost(struct link *l, const char *why)
{
	if (l->busy || l->closed || l->poll == NULL)
		return;
	log_warning(F_STR("msg", "connection lost"),
	    F_STR("connection", l->name), F_STR("detail", why));
	l->complained = true;
	unwatch(l);
	pg_close(l->pg);
	pause_then_open(l);
}

static void
on_timer_closed(uv_handle_t *h)
{
	struct link *l = h->data;

	l->timer_gone = true;
	free_if_gone(l);
}

void
link_close(struct link *l)
{
	if (l == NULL)
		return;
	l->closed = true;
	unwatch(l);
	uv_close((uv_handle_t *)&l->pause, on_timer_closed);
}
