/*
 * When a reply is tried again: pure functions, no clock, no generator.
 *
 * 2xx is success.  408, 425, 429, every status that is neither 2xx, 3xx nor
 * 4xx, and no answer at all are tried again; 3xx (never followed) and the
 * other 4xx are final.  The waits are 1 s, 2, 5, 10, 20, 30, 60, 120, 300,
 * 600, 1800, 3600 s, and then the last for ever, each up to 20 % later and
 * never earlier.  A later Retry-After is honoured, up to the longest wait.
 */
#ifndef EWA_DOMAIN_RETRY_H
#define EWA_DOMAIN_RETRY_H

#include <stdint.h>

#include "domain/event.h"

#define RETRY_AFTER_MAX_S 3600
#define RETRY_NEVER (-1)

/* What an answer means; status 0 is no answer. */
enum attempt_outcome retry_classify(int status);

/* The wait after `made` (at least 1) attempts, in ms.  random decides the
 * jitter; after_ms <= 0 is none. */
int64_t retry_delay_ms(int made, uint32_t random, int64_t after_ms);

/* The same, or RETRY_NEVER if the next attempt could not begin before the
 * deadline, which is remaining_ms away. */
int64_t retry_plan_ms(
    int made, uint32_t random, int64_t after_ms, int64_t remaining_ms);

#endif
