/*
 * Integrations by key, in memory, at most a second behind the database.
 *
 * A watcher thread (watch.h) refreshes it; requests look up without touching
 * the database.  Thread-safe.
 */
#ifndef EWA_RESPONDER_CACHE_H
#define EWA_RESPONDER_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/keyring.h"
#include "domain/integration.h"
#include "store/pg.h"

struct cache;

/* keys open the signing secrets. */
struct cache *cache_new(const struct keyring *keys);
void cache_free(struct cache *c);

/* Take over what has changed since the last time.  ERR_UNAVAILABLE: the
 * database is away; what is cached stays. */
enum err cache_refresh(
    struct cache *c, struct pg *pg, int64_t deadline_ms, struct errinfo *ei);

/* False until the first refresh has succeeded; waits for it to the
 * deadline. */
bool cache_wait(struct cache *c, int64_t deadline_ms);

/* A reference, or NULL for an unknown or deleted key. */
struct integration *cache_find(struct cache *c, const char *key);

#endif
