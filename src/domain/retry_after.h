/*
 * Retry-After (RFC 9110, 10.2.3) as receivers really send it: pure.
 *
 * Seconds, also with a fraction or an exponent, or a date in any of the three
 * forms of RFC 9110, 5.6.7.  A date is measured from the answer's own Date,
 * so that a receiver's wrong clock does no harm, else from ours.
 */
#ifndef EWA_DOMAIN_RETRY_AFTER_H
#define EWA_DOMAIN_RETRY_AFTER_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/retry.h"

/* The wait it asks for in ms, from 0 to RETRY_AFTER_MAX_S; 0 for what is
 * negative, past or not understood.  now_s: seconds since 1970. */
int64_t retry_after_ms(const char *value, int64_t now_s);

/* IMF-fixdate, RFC 850's, or asctime's; false if it is none of them. */
bool retry_after_date(const char *s, int64_t now_s, int64_t *unix_s);

#endif
