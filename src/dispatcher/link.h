/*
 * A connection to the database on the loop.
 *
 * It is opened on a worker thread (connecting resolves names, which blocks),
 * watched on the loop, and opened again when it is lost, after a pause of
 * 100 ms that doubles up to 2 s.  The pg belongs to the worker between the
 * opening's begin and end and to the loop otherwise; link_ready tells.
 */
#ifndef EWA_DISPATCHER_LINK_H
#define EWA_DISPATCHER_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "base/err.h"
#include "store/pg.h"

struct link;

struct link_calls {
	/* On a worker thread; blocks until its deadline at most. */
	enum err (*open)(
	    struct pg *pg, int64_t deadline_ms, struct errinfo *ei);
	void (*ready)(void *arg); /* it is open (again) */
	void (*io)(void *arg);    /* there is something to read or write */
};

/* Takes pg. name is for the log. */
struct link *link_new(uv_loop_t *loop, const char *name, struct pg *pg,
    const struct link_calls *calls, void *arg);
void link_open(struct link *l); /* begin */

bool link_ready(const struct link *l);
struct pg *link_pg(struct link *l);
void link_want_write(struct link *l, bool on);

/* The connection is lost or can't be trusted: close it, open it again. */
void link_lost(struct link *l, const char *why);

/* No more calls; freed when the loop lets go of it. */
void link_close(struct link *l); /* NULL is fine */

#endif
