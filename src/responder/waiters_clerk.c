#include "config.h"

#include "responder/waiters_impl.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "domain/handled.h"
#include "responder/api_event.h"
#include "store/events.h"

#define READ_MS 2000
#define STOP_MS 700

struct clerk {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct wait *list;
	bool stop;
	struct pool *pool;
};

/* ---- answers ---------------------------------------------------------------
 */

void
wait_answer(struct wait *w, struct http_answer *a)
{
	a->no_body = w->head;
	fcgi_answer(w->request, a);
	w->request = NULL;
	wait_free(w);
}

void
wait_answer_late(struct wait *w)
{
	wait_answer(w, &w->late);
}

enum err
wait_render(const struct wait *w, const struct waits_row *r,
    const struct buf *results, struct http_answer *a)
{
	struct handled h = {.event_id = r->id,
	    .failed = r->failed,
	    .test = r->test,
	    .results = results != NULL ? results->data : NULL,
	    .results_len = results != NULL ? results->len : 0,
	    .integration_key = w->key,
	    .integration_name = w->name,
	    .received_us = r->received_us,
	    .handled_us = r->handled_us,
	    .kind = r->kind,
	    .content_type = r->content_type,
	    .body = r->body,
	    .body_len = r->body_len};

	http_start(a, HTTP_OK);
	prefer_applied(&w->prefer, false, a);
	handled_write(&h, http_json(a));
	buf_addc(&a->body, '\n');
	return buf_failed(&a->body) ? ERR_TOO_LARGE : ERR_OK;
}

/* ---- the thread ------------------------------------------------------------
 */

static enum err
read_status(struct wait *w, struct pg *pg, struct http_answer *a)
{
	struct event e;
	enum err rc;

	rc = events_get(
	    pg, &w->id, w->integration_id, clock_mono_ms() + READ_MS, &e, NULL);
	if (rc != ERR_OK)
		return rc;
	api_event_render(a, &e);
	prefer_applied(&w->prefer, false, a);
	event_fini(&e);
	return ERR_OK;
}

/* As in the reply, by commas. */
static enum err
read_results(struct wait *w, struct pg *pg, struct buf *out)
{
	struct event e;
	enum err rc;

	rc = events_get(
	    pg, &w->id, w->integration_id, clock_mono_ms() + READ_MS, &e, NULL);
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < e.result_count; i++) {
		const struct event_result *from = &e.results[i];
		struct handled_result r = {.automation = from->automation,
		    .status = from->status,
		    .output = from->output,
		    .output_len = from->output_len,
		    .error = from->error,
		    .duration_ms = from->duration_ms};

		if (i != 0)
			buf_addc(out, ',');
		handled_write_result(&r, out);
	}
	event_fini(&e);
	return ERR_OK;
}

static enum err
read_handled(struct wait *w, struct pg *pg, struct http_answer *a)
{
	struct waits found;
	struct buf results;
	enum err rc;

	rc = waits_one(pg, &w->id, clock_mono_ms() + READ_MS, &found, NULL);
	if (rc != ERR_OK)
		return rc;
	buf_init(&results, HANDLED_MAX);
	if (found.rows[0].has_results)
		rc = read_results(w, pg, &results);
	if (rc == ERR_OK)
		rc = wait_render(w, &found.rows[0], &results, a);
	buf_fini(&results);
	waits_fini(&found);
	return rc;
}

static void
serve(struct clerk *c, struct wait *w)
{
	struct http_answer a;
	struct pg *pg;
	enum err rc;

	http_answer_init(&a);
	a.body.max = HANDLED_MAX;
	rc = pool_get(c->pool, clock_mono_ms() + READ_MS, &pg, NULL);
	if (rc == ERR_OK) {
		rc = w->status ? read_status(w, pg, &a)
			       : read_handled(w, pg, &a);
		pool_put(c->pool, pg);
	}
	if (rc == ERR_OK)
		wait_answer(w, &a);
	else
		wait_answer_late(w);
	http_answer_fini(&a);
}

static struct wait *
next(struct clerk *c, bool *stop)
{
	struct wait *w;

	pthread_mutex_lock(&c->lock);
	while (c->list == NULL && !c->stop)
		pthread_cond_wait(&c->filled, &c->lock);
	w = c->list;
	if (w != NULL)
		DL_DELETE(c->list, w);
	*stop = c->stop;
	pthread_mutex_unlock(&c->lock);
	return w;
}

static void *
run(void *arg)
{
	struct clerk *c = arg;
	struct wait *w;
	bool stop;

	while ((w = next(c, &stop)) != NULL) {
		if (stop)
			wait_answer_late(w);
		else
			serve(c, w);
	}
	return NULL;
}

void
clerk_take(struct clerk *c, struct wait *w)
{
	pthread_mutex_lock(&c->lock);
	DL_APPEND(c->list, w);
	pthread_cond_signal(&c->filled);
	pthread_mutex_unlock(&c->lock);
}

struct clerk *
clerk_start(struct pool *pool)
{
	struct clerk *c = mem_zalloc(sizeof(*c));

	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->filled, NULL);
	c->pool = pool;
	if (pthread_create(&c->thread, NULL, run, c) != 0)
		fatal(F_STR("msg", "cannot start the clerk thread"));
	return c;
}

bool
clerk_stop(struct clerk *c)
{
	struct timespec until;

	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->filled);
	pthread_mutex_unlock(&c->lock);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += STOP_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	return pthread_clockjoin_np(c->thread, NULL, CLOCK_MONOTONIC, &until) ==
	       0;
}

void
clerk_free(struct clerk *c)
{
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->filled);
	free(c);
}
