/*
 * The bell of long polls: one thread with one connection that hears when
 * anything has changed (store/changes.h) and rings the desk, at most once each
 * BELL_GAP_MS.  It is connected, and dispatchers ring, only while somebody
 * listens.
 */
#ifndef EWA_RESPONDER_API_BELL_H
#define EWA_RESPONDER_API_BELL_H

#include "domain/settings.h"
#include "responder/desk.h"

#define BELL_GAP_MS 100

struct bell;

struct bell *bell_start(const struct settings *s, struct desk *d);
void bell_stop(struct bell *b);
void bell_free(struct bell *b); /* stopped */

/* Somebody listens for the next BELL_HELD_MS; any thread, never blocks. */
#define BELL_HELD_MS 10000
void bell_want(struct bell *b);

#endif
