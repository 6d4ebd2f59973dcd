/*
 * The watcher: one thread with one connection that keeps the cache fresh
 * (LISTEN ewa_settings, and a look each second in case a notification is
 * lost), writes the counts of refusals each second, and rings the dispatchers'
 * doorbell (NOTIFY ewa_event), at most once each WATCH_BELL_MS with a trailing
 * ring.
 */
#ifndef EWA_RESPONDER_WATCH_H
#define EWA_RESPONDER_WATCH_H

#include "domain/settings.h"
#include "responder/cache.h"
#include "responder/refusals.h"

#define WATCH_BELL_MS 10
#define WATCH_POLL_MS 1000

struct watch;

struct watch *watch_start(
    const struct settings *s, struct cache *c, struct refusals *refusals);
void watch_stop(struct watch *w); /* rings and writes a last time */
void watch_free(struct watch *w); /* stopped; NULL is fine */

/* There is something to claim; any thread, never blocks. */
void watch_ring(struct watch *w);

#endif
