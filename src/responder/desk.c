#include "config.h"

#include "responder/desk.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "domain/handled.h"
#include "responder/api.h"
#include "responder/api_bell.h"

#define STOP_MS 700
#define ANSWER_KEPT_MAX ((size_t)1 << 20) /* memory that a thread keeps */

struct desk {
	struct app *app;
	struct pool *pool;
	struct bell *bell;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct visit *waiting; /* in order of due_ms */
	size_t count;          /* with those being served */
	uint64_t rings;
	bool stop;
	pthread_t threads[DESK_THREADS];
};

static void
visit_free(struct visit *v)
{
	BUG_ON(v->request != NULL);
	if (v->free_state != NULL)
		v->free_state(v->state);
	free(v);
}

static int
by_due(const struct visit *a, const struct visit *b)
{
	return a->due_ms < b->due_ms ? -1 : a->due_ms > b->due_ms;
}

/* The bell has rung since it looked.  True: its time comes earlier now. */
static bool
hurry(struct visit *v)
{
	if (v->rung_ms == 0 || v->rung_ms >= v->due_ms)
		return false;
	v->due_ms = v->rung_ms;
	return true;
}

/* False: there is no room. */
static bool
put(struct desk *d, struct visit *v, bool again)
{
	bool room;

	pthread_mutex_lock(&d->lock);
	room = !d->stop && (again || d->count < DESK_MAX);
	if (room) {
		if (v->heard != d->rings)
			hurry(v);
		DL_INSERT_INORDER(d->waiting, v, by_due);
		d->count += !again;
		pthread_cond_signal(&d->changed);
	}
	pthread_mutex_unlock(&d->lock);
	return room;
}

static void
turn_away(struct fcgi_request **r, struct http_answer *a)
{
	struct errinfo ei;

	err_set(&ei, ERR_UNAVAILABLE,
	    "too many requests are served at this moment; try again soon");
	http_api_problem(a, &ei, NULL, NULL);
	fcgi_answer(*r, a);
	*r = NULL;
}

void
desk_take(struct desk *d, struct exchange *x)
{
	struct visit *v = mem_zalloc(sizeof(*v));

	v->request = x->request;
	v->due_ms = clock_mono_ms();
	x->request = NULL;
	if (!put(d, v, false)) {
		turn_away(&v->request, x->answer);
		visit_free(v);
	}
}

void
desk_ring(struct desk *d)
{
	struct visit *v, *tmp, *hurried = NULL;

	pthread_mutex_lock(&d->lock);
	d->rings++;
	DL_FOREACH_SAFE (d->waiting, v, tmp) {
		if (!hurry(v))
			continue;
		DL_DELETE(d->waiting, v);
		DL_APPEND(hurried, v);
	}
	DL_FOREACH_SAFE (hurried, v, tmp) {
		DL_DELETE(hurried, v);
		DL_INSERT_INORDER(d->waiting, v, by_due);
	}
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
}

uint64_t
desk_rings(struct desk *d)
{
	uint64_t n;

	bell_want(d->bell);
	pthread_mutex_lock(&d->lock);
	n = d->rings;
	pthread_mutex_unlock(&d->lock);
	return n;
}

/* The next whose time has come; NULL: it is time to end. */
static struct visit *
take(struct desk *d)
{
	struct visit *v = NULL;
	struct timespec ts;
	int64_t now_ms;

	pthread_mutex_lock(&d->lock);
	while (!d->stop) {
		now_ms = clock_mono_ms();
		v = d->waiting;
		if (v != NULL && v->due_ms <= now_ms)
			break;
		if (v == NULL) {
			pthread_cond_wait(&d->changed, &d->lock);
			continue;
		}
		ts.tv_sec = v->due_ms / 1000;
		ts.tv_nsec = v->due_ms % 1000 * 1000000;
		pthread_cond_timedwait(&d->changed, &d->lock, &ts);
		v = NULL;
	}
	if (d->stop)
		v = NULL;
	else
		DL_DELETE(d->waiting, v);
	pthread_mutex_unlock(&d->lock);
	return v;
}

static void
leave(struct desk *d, struct visit *v)
{
	visit_free(v);
	pthread_mutex_lock(&d->lock);
	d->count--;
	pthread_mutex_unlock(&d->lock);
}

static void *
run(void *arg)
{
	struct desk *d = arg;
	struct http_answer answer;
	struct visit *v;

	http_answer_init(&answer);
	answer.body.max = HANDLED_MAX;
	while ((v = take(d)) != NULL) {
		api_serve(d->app, d->pool, v, &answer);
		if (v->request != NULL) { /* parked */
			v->parked = true;
			if (put(d, v, true))
				continue;
			turn_away(&v->request, &answer);
		}
		leave(d, v);
		if (answer.body.cap > ANSWER_KEPT_MAX) {
			buf_fini(&answer.body);
			buf_init(&answer.body, HANDLED_MAX);
		}
	}
	http_answer_fini(&answer);
	return NULL;
}

struct desk *
desk_start(struct app *app)
{
	struct desk *d = mem_zalloc(sizeof(*d));
	pthread_condattr_t attr;

	d->app = app;
	d->pool = pool_new(app->settings.database, app->settings.responder_user,
	    "ewa-responder api", DESK_THREADS);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&d->changed, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&d->lock, NULL);
	d->bell = bell_start(&app->settings, d);
	for (size_t n = 0; n < DESK_THREADS; n++)
		if (pthread_create(&d->threads[n], NULL, run, d) != 0)
			fatal(F_STR("msg", "cannot start a thread of the API"));
	return d;
}

static void
turn_all_away(struct desk *d)
{
	struct http_answer answer;
	struct visit *v, *tmp;

	http_answer_init(&answer);
	DL_FOREACH_SAFE (d->waiting, v, tmp) {
		DL_DELETE(d->waiting, v);
		turn_away(&v->request, &answer);
		visit_free(v);
	}
	http_answer_fini(&answer);
}

bool
desk_stop(struct desk *d)
{
	struct timespec until;
	int64_t until_ms = clock_mono_ms() + STOP_MS;
	bool all = true;

	pthread_mutex_lock(&d->lock);
	d->stop = true;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	bell_stop(d->bell);
	until.tv_sec = until_ms / 1000;
	until.tv_nsec = until_ms % 1000 * 1000000;
	for (size_t n = 0; n < DESK_THREADS; n++)
		if (pthread_clockjoin_np(
			d->threads[n], NULL, CLOCK_MONOTONIC, &until) != 0)
			all = false;
	turn_all_away(d);
	return all;
}

void
desk_free(struct desk *d)
{
	if (d == NULL)
		return;
	bell_free(d->bell);
	pool_free(d->pool);
	pthread_cond_destroy(&d->changed);
	pthread_mutex_destroy(&d->lock);
	free(d);
}
