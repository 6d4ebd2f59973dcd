/* Times as RFC 3339 writes them. */
#ifndef EWA_BASE_RFC3339_H
#define EWA_BASE_RFC3339_H

#include <stdint.h>

#include "base/err.h"

/* As 2026-01-31T08:00:00Z or with +01:00 (a blank for the T is taken; digits
 * behind the microseconds don't count).  ERR_INVALID with a sentence. */
enum err rfc3339_parse(const char *s, int64_t *unix_us, struct errinfo *ei);

#endif
