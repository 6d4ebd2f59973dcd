/*
 * Attempts at replies: when one may begin, what it sends, what its end means.
 *
 * An attempt begins when the lane's window has room, before the deadline and
 * while the lease is ours.  Its own timeout is cut to what is left of the
 * deadline.
 */
#ifndef EWA_DISPATCHER_REPLY_H
#define EWA_DISPATCHER_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dispatcher;
struct work;

/* A handled event: its reply, if it has one. */
void reply_begin(struct dispatcher *d, struct work *w);

/* Its body has come (NULL: it is gone). */
void reply_fetched(
    struct dispatcher *d, struct work *w, const char *body, size_t len);

/* Another has it: stop. */
void reply_lost(struct dispatcher *d, struct work *w);

/* Each 200 ms or so: what waits too long, or in vain. */
void reply_tick(struct dispatcher *d, int64_t now_ms);

/* Give back what no attempt is under way for; and the rest too. */
void reply_give_back(struct dispatcher *d, bool all);

#endif
