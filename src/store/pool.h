/*
 * A few connections shared by many threads, for short look-ups.
 */
#ifndef EWA_STORE_POOL_H
#define EWA_STORE_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/pg.h"

struct pool;

/* size connections, opened as they are needed. */
struct pool *pool_new(
    const char *conninfo, const char *user, const char *program, size_t size);
void pool_free(struct pool *p); /* all must have been put back */

/* An open connection, for the caller alone until pool_put.
 * ERR_UNAVAILABLE: none became free, or the database is away. */
enum err pool_get(
    struct pool *p, int64_t deadline_ms, struct pg **out, struct errinfo *ei);
void pool_put(struct pool *p, struct pg *pg);

#endif
