#include "config.h"

#include "ctl/times.h"

#include <stdio.h>

#include "base/rfc3339.h"

#define SECOND_US ((int64_t)1000000)

enum err
times_parse(const char *s, int64_t *unix_us, struct errinfo *ei)
{
	return rfc3339_parse(s, unix_us, ei);
}

void
times_span(int64_t us, char *out)
{
	long long s = (long long)(us / SECOND_US);

	if (s < 60)
		snprintf(out, TIMES_TEXT_MAX, "%lld.%03lld s", s,
		    (long long)(us % SECOND_US / 1000));
	else if (s < 3600)
		snprintf(
		    out, TIMES_TEXT_MAX, "%lld m %02lld s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(out, TIMES_TEXT_MAX, "%lld h %02lld m", s / 3600,
		    s / 60 % 60);
	else
		snprintf(out, TIMES_TEXT_MAX, "%lld d %02lld h", s / 86400,
		    s / 3600 % 24);
}
