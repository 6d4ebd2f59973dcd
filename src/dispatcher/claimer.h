/*
 * Decides what is claimed: of which integrations how many rows, and when to
 * look which of them have any.
 *
 * An integration gets as many rows as its window has room for, and up to
 * three windows' worth ahead while its attempts end quickly; no integration
 * gets more than a quarter of what is free of active_max.  Disabled and paused
 * ones are not named at all.  Rows whose deadline has passed need no room: they
 * are claimed besides, so that they come to their end though their destination
 * hangs, and those that can still be answered go first.
 */
#ifndef EWA_DISPATCHER_CLAIMER_H
#define EWA_DISPATCHER_CLAIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/queue.h"

struct claimer;
struct dispatcher;

struct claimer *claimer_new(struct dispatcher *d);
void claimer_free(struct claimer *c); /* NULL is fine */

/* There is, or may be, something new. */
void claimer_ring(struct claimer *c);

/* Settings have been read: what waited for them goes on. */
void claimer_settings(struct claimer *c);

/* For a round that may begin now: what to claim (up to QUEUE_WANTS_MAX), and
 * whether to look.  Returns when to ask again if nothing happens. */
int64_t claimer_wants(struct claimer *c, int64_t now_ms,
    struct queue_want *wants, size_t *count, bool *look);

/* That round begins. */
void claimer_began(struct claimer *c, int64_t now_ms);

/* The last claim was full: the next should not wait. */
bool claimer_hungry(const struct claimer *c);

/* What a round has brought, in this order. */
void claimer_claimed(
    struct claimer *c, const struct queue_event *e, int64_t claimed_ms);
void claimer_expired(struct claimer *c, int32_t integration_id, int64_t count);
void claimer_claim_end(struct claimer *c);
void claimer_look_begin(struct claimer *c);
void claimer_looked(
    struct claimer *c, const struct queue_scan *row, int64_t now_ms);
void claimer_look_end(struct claimer *c, int64_t now_ms);
void claimer_failed(struct claimer *c); /* ... or nothing */

#endif
