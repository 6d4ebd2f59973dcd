/*
 * Rate limits of integrations, counted by this process alone: with several
 * responders each lets the whole rate through.
 *
 * A bucket of `burst` events that fills by `rate` a second, kept as the one
 * time at which it will be full (GCRA).  Thread-safe; memory grows with the
 * number of integrations that have a limit.
 */
#ifndef EWA_RESPONDER_RATE_H
#define EWA_RESPONDER_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/integration.h"

struct rate;

struct rate *rate_new(void);
void rate_free(struct rate *r); /* NULL is fine */

/* Takes one event out of the integration's bucket.  ERR_RATE: it is empty.
 * Without a limit nothing is locked. */
enum err rate_take(struct rate *r, const struct integration *i, int64_t now_us,
    struct errinfo *ei);

#endif
