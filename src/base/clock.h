/* Two clocks: a monotonic one for waiting, the wall's for people. */
#ifndef EWA_BASE_CLOCK_H
#define EWA_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
int64_t clock_wall_us(void); /* since 1970, UTC */

#define CLOCK_TEXT_MAX 80 /* whatever the year */

/* RFC 3339 in UTC with milliseconds: 2026-01-31T08:00:00.123Z */
void clock_format(int64_t unix_us, char *out);

#endif
