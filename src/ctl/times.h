/* Times on the command line and in its output. */
#ifndef EWA_CTL_TIMES_H
#define EWA_CTL_TIMES_H

#include <stdint.h>

#include "base/err.h"

#define TIMES_TEXT_MAX 64

/* RFC 3339, as 2026-01-31T08:00:00Z or with +01:00 (a blank for the T is
 * taken).  ERR_INVALID with a sentence. */
enum err times_parse(const char *s, int64_t *unix_us, struct errinfo *ei);

/* "1.234 s", "3 m 02 s", "5 h 01 m", "2 d 03 h"; us >= 0. */
void times_span(int64_t us, char *out);

#endif
