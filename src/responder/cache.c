#include "config.h"

#include "responder/cache.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The table's memory must not run out quietly. */
#define uthash_fatal(msg) err_bug(__FILE__, __LINE__, msg)
#include <uthash.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/integrations.h"

struct entry {
	struct integration *integration;
	UT_hash_handle hh;
};

struct cache {
	pthread_rwlock_t lock; /* the table */
	struct entry *table;
	const struct keyring *keys;
	int64_t version;       /* the watcher's alone */
	pthread_mutex_t first; /* loaded */
	pthread_cond_t loading;
	bool loaded;
};

struct cache *
cache_new(const struct keyring *keys)
{
	struct cache *c = mem_zalloc(sizeof(*c));
	pthread_condattr_t attr;

	c->keys = keys;
	pthread_rwlock_init(&c->lock, NULL);
	pthread_mutex_init(&c->first, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->loading, &attr);
	pthread_condattr_destroy(&attr);
	return c;
}

static void
remove_entry(struct cache *c, struct entry *e)
{
	HASH_DEL(c->table, e);
	integration_unref(e->integration);
	free(e);
}

void
cache_free(struct cache *c)
{
	struct entry *e, *next;

	if (c == NULL)
		return;
	HASH_ITER (hh, c->table, e, next)
		remove_entry(c, e);
	pthread_rwlock_destroy(&c->lock);
	pthread_mutex_destroy(&c->first);
	pthread_cond_destroy(&c->loading);
	free(c);
}

static void
replace(struct cache *c, struct integration *i)
{
	struct entry *e;

	HASH_FIND(hh, c->table, i->key, INTEGRATION_KEY_LEN, e);
	if (e != NULL)
		remove_entry(c, e);
	if (i->deleted)
		return;
	e = mem_zalloc(sizeof(*e));
	e->integration = integration_ref(i);
	HASH_ADD_KEYPTR(
	    hh, c->table, e->integration->key, INTEGRATION_KEY_LEN, e);
}

static void
set_loaded(struct cache *c)
{
	pthread_mutex_lock(&c->first);
	c->loaded = true;
	pthread_cond_broadcast(&c->loading);
	pthread_mutex_unlock(&c->first);
}

enum err
cache_refresh(
    struct cache *c, struct pg *pg, int64_t deadline_ms, struct errinfo *ei)
{
	struct integration_list l;
	enum err e;

	/* reply headers stay sealed: the responder has no use for them */
	e = integrations_changed_intake(
	    pg, c->keys, c->version, deadline_ms, &l, ei);
	if (e != ERR_OK)
		return e;
	if (l.count != 0) {
		pthread_rwlock_wrlock(&c->lock);
		for (size_t i = 0; i < l.count; i++)
			replace(c, l.items[i]);
		pthread_rwlock_unlock(&c->lock);
		c->version = l.items[l.count - 1]->settings_version;
		log_debug(F_STR("msg", "settings changed"),
		    F_INT("integrations", l.count));
	}
	integration_list_fini(&l);
	set_loaded(c);
	return ERR_OK;
}

bool
cache_wait(struct cache *c, int64_t deadline_ms)
{
	struct timespec ts = {.tv_sec = deadline_ms / 1000,
	    .tv_nsec = deadline_ms % 1000 * 1000000};
	bool loaded;

	pthread_mutex_lock(&c->first);
	while (!c->loaded)
		if (pthread_cond_timedwait(&c->loading, &c->first, &ts) ==
		    ETIMEDOUT)
			break;
	loaded = c->loaded;
	pthread_mutex_unlock(&c->first);
	return loaded;
}

struct integration *
cache_find(struct cache *c, const char *key)
{
	struct integration *i = NULL;
	struct entry *e;

	if (strlen(key) != INTEGRATION_KEY_LEN)
		return NULL;
	pthread_rwlock_rdlock(&c->lock);
	HASH_FIND(hh, c->table, key, INTEGRATION_KEY_LEN, e);
	if (e != NULL)
		i = integration_ref(e->integration);
	pthread_rwlock_unlock(&c->lock);
	return i;
}
