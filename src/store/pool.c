#include "config.h"

#include "store/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	size_t size;
	size_t idle_count;
	struct pg **idle; /* a stack: the last used is the next used */
};

struct pool *
pool_new(
    const char *conninfo, const char *user, const char *program, size_t size)
{
	struct pool *p = mem_zalloc(sizeof(*p));
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->freed, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&p->lock, NULL);
	p->size = size;
	p->idle = mem_array(size, sizeof(*p->idle));
	for (size_t i = 0; i < size; i++)
		p->idle[p->idle_count++] = pg_new(conninfo, user, program);
	return p;
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	BUG_ON(p->idle_count != p->size);
	for (size_t i = 0; i < p->size; i++)
		pg_free(p->idle[i]);
	free(p->idle);
	pthread_cond_destroy(&p->freed);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static struct pg *
take(struct pool *p, int64_t deadline_ms)
{
	struct timespec ts = {.tv_sec = deadline_ms / 1000,
	    .tv_nsec = deadline_ms % 1000 * 1000000};
	struct pg *pg = NULL;

	pthread_mutex_lock(&p->lock);
	while (p->idle_count == 0)
		if (pthread_cond_timedwait(&p->freed, &p->lock, &ts) ==
		    ETIMEDOUT)
			break;
	if (p->idle_count != 0)
		pg = p->idle[--p->idle_count];
	pthread_mutex_unlock(&p->lock);
	return pg;
}

enum err
pool_get(
    struct pool *p, int64_t deadline_ms, struct pg **out, struct errinfo *ei)
{
	struct pg *pg = take(p, deadline_ms);
	enum err e;

	if (pg == NULL)
		return err_set(ei, ERR_UNAVAILABLE,
		    "all %zu database connections for look-ups are busy",
		    p->size);
	if (pg_is_open(pg))
		pg_notified(pg); /* finds out if the backend has died */
	e = pg_open(pg, deadline_ms, ei);
	if (e == ERR_OK)
		*out = pg;
	else
		pool_put(p, pg);
	return e;
}

void
pool_put(struct pool *p, struct pg *pg)
{
	pthread_mutex_lock(&p->lock);
	p->idle[p->idle_count++] = pg;
	pthread_cond_signal(&p->freed);
	pthread_mutex_unlock(&p->lock);
}
