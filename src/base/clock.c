#include "config.h"

#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#include "base/err.h"

static int64_t
now_us(clockid_t id)
{
	struct timespec ts;

	BUG_ON(clock_gettime(id, &ts) != 0);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_mono_us(void)
{
	return now_us(CLOCK_MONOTONIC);
}

int64_t
clock_mono_ms(void)
{
	return now_us(CLOCK_MONOTONIC) / 1000;
}

int64_t
clock_wall_us(void)
{
	return now_us(CLOCK_REALTIME);
}

void
clock_format(int64_t unix_us, char *out)
{
	int64_t s = unix_us / 1000000;
	int us = (int)(unix_us % 1000000);
	time_t t;
	struct tm tm;

	if (us < 0) { /* before 1970 */
		s -= 1;
		us += 1000000;
	}
	t = (time_t)s;
	BUG_ON(gmtime_r(&t, &tm) == NULL);
	snprintf(out, CLOCK_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
	    (tm.tm_year + 1900) % 10000, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, us / 1000);
}
