/*
 * The connection that only listens: it never opens a transaction, so that it
 * never holds up the notification queue.
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
	bool answered; /* the probe's answer has come */
};

/* Connect and LISTEN to both channels.  ERR_UNAVAILABLE. */
enum err listen_open(struct pg *pg, int64_t deadline_ms, struct errinfo *ei);

/* Ask for a sign of life.  False: the connection is lost (and closed). */
bool listen_probe(struct pg *pg);

/* Take what has arrived.  False: lost (and closed). */
bool listen_read(struct pg *pg, struct listen_news *out);

#endif
