/*
 * One connection to PostgreSQL: opening, losing and opening again, LISTEN.
 *
 * A struct pg is used by one thread at a time.  Every blocking call takes a
 * deadline on the monotonic clock (clock_mono_ms); when it passes, the
 * connection is closed, since its state is unknown, and ERR_UNAVAILABLE is
 * returned.  A lost connection is opened again by the next pg_open; prepared
 * statements are prepared anew as they are used, LISTEN must be said again
 * (pg_generation tells).
 *
 * Programs see only this header; statements, parameters and results are
 * store/pgval.h, for the files of this layer.
 */
#ifndef EWA_STORE_PG_H
#define EWA_STORE_PG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct pg;

enum pg_wait { PG_WAIT_READ, PG_WAIT_WRITE, PG_READY, PG_LOST };

/* conninfo without a user; user "" leaves it to libpq.  Opens nothing. */
struct pg *pg_new(const char *conninfo, const char *user, const char *program);
void pg_free(struct pg *pg); /* NULL is fine */

/* Connect if not connected.  ERR_OK, or ERR_UNAVAILABLE with libpq's reason
 * (which holds no password). */
enum err pg_open(struct pg *pg, int64_t deadline_ms, struct errinfo *ei);
void pg_close(struct pg *pg);

/* The same without blocking: start, then step whenever the socket is ready as
 * told, until PG_READY or PG_LOST (closed, *ei says why).  The socket may
 * change between two steps. */
enum pg_wait pg_open_start(struct pg *pg, struct errinfo *ei);
enum pg_wait pg_open_step(struct pg *pg, struct errinfo *ei);

bool pg_is_open(const struct pg *pg);
int pg_fd(const struct pg *pg);              /* -1 when closed */
uint64_t pg_generation(const struct pg *pg); /* rises with every connect */

/* LISTEN; channel is an identifier of ours. */
enum err pg_listen(struct pg *pg, const char *channel, int64_t deadline_ms,
    struct errinfo *ei);

/* Read what has arrived and drop all notifications; how many there were since
 * the last time, those that came with the results of a query too, or -1 when
 * the connection is lost (it is closed then). */
int pg_notified(struct pg *pg);

/* NOTIFY without payload. */
enum err pg_notify(struct pg *pg, const char *channel, int64_t deadline_ms,
    struct errinfo *ei);

/* SELECT 1. */
enum err pg_ping(struct pg *pg, int64_t deadline_ms, struct errinfo *ei);

#endif
