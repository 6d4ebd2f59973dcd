#include "config.h"

#include "responder/rate.h"

#include <pthread.h>
#include <stdlib.h>

/* The table's memory must not run out quietly. */
#define uthash_fatal(msg) err_bug(__FILE__, __LINE__, msg)
#include <uthash.h>

#include "base/mem.h"

struct bucket {
	int32_t integration_id;
	int64_t full_us; /* when it will be full again */
	UT_hash_handle hh;
};

struct rate {
	pthread_mutex_t lock;
	struct bucket *table;
};

struct rate *
rate_new(void)
{
	struct rate *r = mem_zalloc(sizeof(*r));

	pthread_mutex_init(&r->lock, NULL);
	return r;
}

void
rate_free(struct rate *r)
{
	struct bucket *b, *next;

	if (r == NULL)
		return;
	HASH_ITER (hh, r->table, b, next) {
		HASH_DEL(r->table, b);
		free(b);
	}
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static struct bucket *
bucket_of(struct rate *r, int32_t integration_id)
{
	struct bucket *b;

	HASH_FIND_INT(r->table, &integration_id, b);
	if (b == NULL) {
		b = mem_zalloc(sizeof(*b));
		b->integration_id = integration_id;
		HASH_ADD_INT(r->table, integration_id, b);
	}
	return b;
}

/* One event takes the time that the rate needs to put one back. */
static bool
take(struct bucket *b, int64_t each_us, int64_t burst, int64_t now_us)
{
	if (b->full_us < now_us)
		b->full_us = now_us;
	if (b->full_us - now_us > each_us * (burst - 1))
		return false;
	b->full_us += each_us;
	return true;
}

enum err
rate_take(struct rate *r, const struct integration *i, int64_t now_us,
    struct errinfo *ei)
{
	int64_t burst = i->rate_burst != 0 ? i->rate_burst : i->rate_limit;
	bool ok;

	if (i->rate_limit == 0)
		return ERR_OK;
	pthread_mutex_lock(&r->lock);
	ok = take(bucket_of(r, i->id), 1000000 / i->rate_limit, burst, now_us);
	pthread_mutex_unlock(&r->lock);
	if (ok)
		return ERR_OK;
	return err_set(ei, ERR_RATE,
	    "more than the %d events a second that this integration takes; "
	    "try again in a second",
	    (int)i->rate_limit);
}
