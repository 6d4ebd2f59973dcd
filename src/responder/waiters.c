#include "config.h"

#include "responder/waiters.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "responder/waiters_impl.h"
#include "store/waits.h"

#define CALL_MS 1000  /* for one call of the database */
#define SWEEP_MS 1000 /* without being rung */
#define AGAIN_MS 200  /* to try the database again */
#define GAP_MS 3      /* between two questions ... */
#define GAP_TIMES 4   /* ... or so many times what the last one took */

struct waiters {
	pthread_t thread;
	pthread_mutex_t lock;
	struct wait *incoming; /* parked since the thread last looked */
	size_t count;          /* parked, with those of the clerk not */
	bool stop;
	atomic_bool expected; /* a request will be parked: say so */
	int wake_fd;
	struct clerk *clerk;
	/* the thread's own */
	struct pg *pg;
	struct wait *all;
	struct http_answer answer;
	bool ask; /* something may have finished */
	bool said_lost;
	int64_t ask_at_ms; /* not before */
	int64_t swept_ms;
	int64_t told_ms; /* the dispatchers, that somebody waits */
};

/* ---- a wish to wait --------------------------------------------------------
 */

static void
wake(struct waiters *w)
{
	uint64_t one = 1;

	if (write(w->wake_fd, &one, sizeof(one)) < 0)
		return; /* it is awake */
}

static struct wait *
wait_new(struct waiters *of, const struct prefer *p,
    const struct integration *i, int64_t ms)
{
	struct wait *w = mem_zalloc(sizeof(*w));

	w->of = of;
	w->prefer = *p;
	w->integration_id = i->id;
	memcpy(w->key, i->key, sizeof(w->key));
	w->name = mem_strdup(i->name);
	w->until_ms = clock_mono_ms() + ms;
	http_answer_init(&w->late);
	if (!atomic_exchange(&of->expected, true))
		wake(of);
	return w;
}

struct wait *
wait_post(
    struct waiters *of, const struct prefer *p, const struct integration *i)
{
	int64_t ms = 0, max_ms = (int64_t)PREFER_WAIT_MAX_S * 1000;

	if (p->wait_s != PREFER_NO_WAIT)
		ms = (int64_t)p->wait_s * 1000;
	else if (i->sync && !p->respond_async)
		ms =
		    i->request_timeout_ms != 0 && i->request_timeout_ms < max_ms
			? i->request_timeout_ms
			: max_ms;
	return ms != 0 ? wait_new(of, p, i, ms) : NULL;
}

struct wait *
wait_status(
    struct waiters *of, const struct prefer *p, const struct integration *i)
{
	struct wait *w;

	if (p->wait_s <= 0) /* PREFER_NO_WAIT is less */
		return NULL;
	w = wait_new(of, p, i, (int64_t)p->wait_s * 1000);
	w->status = true;
	return w;
}

void
wait_free(struct wait *w)
{
	if (w == NULL)
		return;
	BUG_ON(w->request != NULL);
	http_answer_fini(&w->late);
	free(w->name);
	free(w);
}

struct http_answer *
wait_late(struct wait *w)
{
	return &w->late;
}

void
wait_park(
    struct wait *w, struct fcgi_request *r, const struct uuid *id, bool head)
{
	struct waiters *of = w->of;
	bool parked, first;

	w->request = r;
	w->id = *id;
	w->head = head;
	pthread_mutex_lock(&of->lock);
	parked = !of->stop && of->count < WAITERS_MAX;
	first = of->incoming == NULL;
	if (parked) {
		of->count++;
		DL_APPEND(of->incoming, w);
	}
	pthread_mutex_unlock(&of->lock);
	if (!parked)
		wait_answer_late(w);
	else if (first)
		wake(of);
}

/* ---- letting go ------------------------------------------------------------
 */

static void
unlist(struct waiters *w, struct wait *x)
{
	DL_DELETE(w->all, x);
	pthread_mutex_lock(&w->lock);
	w->count--;
	pthread_mutex_unlock(&w->lock);
}

static void
finish(struct waiters *w, struct wait *x, const struct waits_row *r)
{
	unlist(w, x);
	x->finished = true;
	if (x->status || r->body == NULL || r->has_results ||
	    wait_render(x, r, NULL, &w->answer) != ERR_OK ||
	    w->answer.body.len > CLERK_BYTES_MIN)
		clerk_take(w->clerk, x);
	else
		wait_answer(x, &w->answer);
}

static void
answer_late(struct waiters *w, int64_t now_ms)
{
	struct wait *x, *tmp;

	DL_FOREACH_SAFE (w->all, x, tmp) {
		if (now_ms < x->until_ms)
			continue;
		unlist(w, x);
		if (x->status) /* with the present state */
			clerk_take(w->clerk, x);
		else
			wait_answer_late(x);
	}
}

/* Of those whose web server has closed the connection nobody reads. */
static void
drop_gone(struct waiters *w)
{
	static struct pollfd p[WAITERS_MAX];
	struct wait *x, *tmp;
	nfds_t n = 0;

	DL_FOREACH (w->all, x)
		p[n++] = (struct pollfd){.fd = fcgi_fd(x->request)};
	if (n == 0 || poll(p, n, 0) <= 0)
		return;
	n = 0;
	DL_FOREACH_SAFE (w->all, x, tmp) {
		if ((p[n++].revents & (POLLHUP | POLLERR)) == 0)
			continue;
		unlist(w, x);
		fcgi_drop(x->request);
		x->request = NULL;
		wait_free(x);
	}
}

/* ---- the database ----------------------------------------------------------
 */

static int64_t
call_deadline(void)
{
	return clock_mono_ms() + CALL_MS;
}

static int
by_id(const void *a, const void *b)
{
	return memcmp(&((const struct waits_row *)a)->id,
	    &((const struct waits_row *)b)->id, sizeof(struct uuid));
}

static void
take_finished(struct waiters *w, const struct waits *found)
{
	struct wait *x, *tmp;

	DL_FOREACH_SAFE (w->all, x, tmp) {
		struct waits_row key = {.id = x->id};
		const struct waits_row *r = bsearch(&key, found->rows,
		    found->count, sizeof(found->rows[0]), by_id);

		if (r != NULL)
			finish(w, x, r);
	}
}

/* One question for all. */
static enum err
ask(struct waiters *w, struct errinfo *ei)
{
	static struct uuid ids[WAITERS_MAX];
	int64_t began_ms = clock_mono_ms(), now_ms;
	struct waits found;
	struct wait *x;
	size_t n = 0;
	enum err e;

	w->ask = false;
	DL_FOREACH (w->all, x)
		ids[n++] = x->id;
	e = n == 0 ? ERR_OK
		   : waits_finished(w->pg, ids, n, call_deadline(), &found, ei);
	now_ms = clock_mono_ms();
	w->swept_ms = now_ms;
	w->ask_at_ms = now_ms + GAP_TIMES * (now_ms - began_ms);
	if (w->ask_at_ms < now_ms + GAP_MS)
		w->ask_at_ms = now_ms + GAP_MS;
	if (e != ERR_OK || n == 0)
		return e;
	/* there may be more, or they have rung since it was sent */
	w->ask = found.count == WAITS_ROWS_MAX || pg_notified(w->pg) != 0;
	take_finished(w, &found);
	waits_fini(&found);
	return ERR_OK;
}

/* The dispatchers ring only as long as somebody waits. */
static enum err
tell(struct waiters *w, bool fresh, struct errinfo *ei)
{
	int64_t now_ms = clock_mono_ms();
	bool expected = atomic_exchange(&w->expected, false);

	if (!expected && w->all == NULL)
		return ERR_OK;
	if (!fresh && now_ms - w->told_ms < WAITS_SAY_EVERY_MS)
		return ERR_OK;
	w->told_ms = now_ms;
	return waits_say(w->pg, call_deadline(), ei);
}

static enum err
work(struct waiters *w, struct errinfo *ei)
{
	int64_t now_ms;
	bool fresh;
	enum err e;

	if (w->all == NULL && !atomic_load(&w->expected) && !pg_is_open(w->pg))
		return ERR_OK; /* nobody has ever waited */
	e = waits_open(w->pg, call_deadline(), &fresh, ei);
	if (e != ERR_OK)
		return e;
	e = tell(w, fresh, ei);
	if (pg_notified(w->pg) != 0 || fresh)
		w->ask = true;
	now_ms = clock_mono_ms();
	if (e == ERR_OK && (w->ask || now_ms - w->swept_ms >= SWEEP_MS) &&
	    now_ms >= w->ask_at_ms)
		e = ask(w, ei);
	return e;
}

/* ---- the thread ------------------------------------------------------------
 */

/* False: it is time to end. */
static bool
take_incoming(struct waiters *w)
{
	struct wait *in;
	bool stop;

	pthread_mutex_lock(&w->lock);
	in = w->incoming;
	w->incoming = NULL;
	stop = w->stop;
	pthread_mutex_unlock(&w->lock);
	if (in != NULL) {
		DL_CONCAT(w->all, in);
		w->ask = true; /* it may be finished already */
	}
	return !stop;
}

static int64_t
next_ms(const struct waiters *w, bool ok)
{
	int64_t at = w->swept_ms + SWEEP_MS;
	const struct wait *x;

	if (!ok)
		at = clock_mono_ms() + AGAIN_MS;
	else if (w->ask && w->ask_at_ms < at)
		at = w->ask_at_ms;
	DL_FOREACH (w->all, x)
		if (x->until_ms < at)
			at = x->until_ms;
	return at;
}

static void
sleep_until_needed(struct waiters *w, bool ok)
{
	struct pollfd p[2] = {
	    {.fd = w->wake_fd,             .events = POLLIN},
	    {.fd = ok ? pg_fd(w->pg) : -1, .events = POLLIN}
        };
	int64_t ms = -1;
	uint64_t count;

	if (w->all != NULL) {
		ms = next_ms(w, ok) - clock_mono_ms();
		if (ms < 0)
			ms = 0;
	}
	if (poll(p, 2, (int)ms) > 0 && p[0].revents != 0 &&
	    read(w->wake_fd, &count, sizeof(count)) < 0)
		return;
}

static void
say(struct waiters *w, bool ok, const struct errinfo *ei)
{
	if (!ok && !w->said_lost)
		log_warning(F_STR("msg", "waiters: database is away"),
		    F_STR("reason", ei->detail));
	else if (ok && w->said_lost)
		log_notice(F_STR("msg", "waiters: database is back"));
	w->said_lost = !ok;
}

static void *
run(void *arg)
{
	struct waiters *w = arg;
	struct errinfo ei;
	int64_t looked_ms = 0;
	struct wait *x, *tmp;

	while (take_incoming(w)) {
		bool ok = work(w, &ei) == ERR_OK;
		int64_t now_ms = clock_mono_ms();

		say(w, ok, &ei);
		answer_late(w, now_ms);
		if (now_ms - looked_ms >= SWEEP_MS) {
			drop_gone(w);
			looked_ms = now_ms;
		}
		sleep_until_needed(w, ok);
	}
	DL_FOREACH_SAFE (w->all, x, tmp) {
		unlist(w, x);
		wait_answer_late(x);
	}
	return NULL;
}

struct waiters *
waiters_start(const struct settings *s, struct pool *pool)
{
	struct waiters *w = mem_zalloc(sizeof(*w));

	pthread_mutex_init(&w->lock, NULL);
	w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	BUG_ON(w->wake_fd < 0);
	w->pg = pg_new(s->database, s->responder_user, "ewa-responder wait");
	w->told_ms = -WAITS_SAY_EVERY_MS;
	http_answer_init(&w->answer);
	w->clerk = clerk_start(pool);
	if (pthread_create(&w->thread, NULL, run, w) != 0)
		fatal(F_STR("msg", "cannot start the waiters thread"));
	return w;
}

bool
waiters_stop(struct waiters *w)
{
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_mutex_unlock(&w->lock);
	wake(w);
	pthread_join(w->thread, NULL);
	return clerk_stop(w->clerk);
}

void
waiters_free(struct waiters *w)
{
	if (w == NULL)
		return;
	clerk_free(w->clerk);
	http_answer_fini(&w->answer);
	pg_free(w->pg);
	close(w->wake_fd);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
