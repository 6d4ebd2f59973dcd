/*
 * Talks to the queue: what has come together since the last round goes in one
 * pipeline with one sync.
 *
 * A round begins at the end of a pass of the loop, so that all that the pass
 * has finished goes along; while one is under way the next gathers.  When the
 * connection is lost, completions are kept and sent again.
 */
#ifndef EWA_DISPATCHER_ROUND_H
#define EWA_DISPATCHER_ROUND_H

#include <stdbool.h>
#include <stdint.h>

struct dispatcher;
struct round;
struct work;

struct round *round_new(struct dispatcher *d);
void round_close(struct round *r); /* NULL is fine */

/* What became of w (w->done) is to be recorded; w is the round's. */
void round_done(struct round *r, struct work *w);

/* w is to be given back, untouched; w is the round's. */
void round_back(struct round *r, struct work *w);

/* Nothing to record or give back, and no round under way. */
bool round_idle(const struct round *r);

/* Each second or so. */
void round_tick(struct round *r, int64_t now_ms);

#endif
