/*
 * The connection that listens, and rings: it never opens a transaction, so that
 * it never holds up the notification queue.
 *
 * listen_open blocks (for a thread of its own); the rest never does.  A
 * notification carries no data: how often a channel was rung between two
 * reads does not matter.
 */
#ifndef EWA_STORE_LISTEN_H
#define EWA_STORE_LISTEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/pg.h"

struct listen_news {
	bool event;    /* ewa_event */
	bool settings; /* ewa_settings */
	bool wait;     /* ewa_wait */
	bool answered; /* the server has answered something */
};

/* Connect and LISTEN to all channels.  ERR_UNAVAILABLE. */
enum err listen_open(struct pg *pg, int64_t deadline_ms, struct errinfo *ei);

/* Ask for a sign of life.  False: the connection is lost (and closed). */
bool listen_probe(struct pg *pg);

/* Ring ewa_done.  *rung false: the server has something else to answer first;
 * try again when it has.  False: lost (and closed). */
bool listen_ring(struct pg *pg, bool *rung);

/* Take what has arrived.  False: lost (and closed). */
bool listen_read(struct pg *pg, struct listen_news *out);

#endif
