#include "config.h"

#include "base/rfc3339.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#define SECOND_US ((int64_t)1000000)

/* Exactly n digits. */
static bool
digits(const char **s, int n, int *out)
{
	*out = 0;
	for (; n > 0; n--, ++*s) {
		if (**s < '0' || **s > '9')
			return false;
		*out = *out * 10 + (**s - '0');
	}
	return true;
}

static bool
skip(const char **s, const char *one_of)
{
	if (**s == '\0' || strchr(one_of, **s) == NULL)
		return false;
	++*s;
	return true;
}

static bool
parse_date_time(const char **s, struct tm *tm)
{
	return digits(s, 4, &tm->tm_year) && skip(s, "-") &&
	       digits(s, 2, &tm->tm_mon) && skip(s, "-") &&
	       digits(s, 2, &tm->tm_mday) && skip(s, "Tt ") &&
	       digits(s, 2, &tm->tm_hour) && skip(s, ":") &&
	       digits(s, 2, &tm->tm_min) && skip(s, ":") &&
	       digits(s, 2, &tm->tm_sec);
}

/* Digits behind the point; the ones behind the sixth don't count. */
static bool
parse_fraction(const char **s, int64_t *us)
{
	int64_t unit = SECOND_US / 10;
	const char *start;

	*us = 0;
	if (!skip(s, "."))
		return true;
	for (start = *s; **s >= '0' && **s <= '9'; ++*s, unit /= 10)
		*us += (**s - '0') * unit;
	return *s != start;
}

static bool
parse_offset(const char **s, int *offset_s)
{
	int hours, minutes;
	bool west;

	*offset_s = 0;
	if (skip(s, "Zz"))
		return **s == '\0';
	west = **s == '-';
	if (!skip(s, "+-") || !digits(s, 2, &hours) || !skip(s, ":") ||
	    !digits(s, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*offset_s = (hours * 60 + minutes) * 60 * (west ? -1 : 1);
	return **s == '\0';
}

/* Is there such a day and time?  Turns tm into what timegm wants. */
static bool
exists(struct tm *tm, time_t *t)
{
	struct tm back;

	tm->tm_year -= 1900;
	tm->tm_mon -= 1;
	if (tm->tm_hour > 23 || tm->tm_min > 59 || tm->tm_sec > 59)
		return false;
	back = *tm;
	*t = timegm(&back);
	return back.tm_mon == tm->tm_mon && back.tm_mday == tm->tm_mday;
}

enum err
rfc3339_parse(const char *s, int64_t *unix_us, struct errinfo *ei)
{
	const char *p = s;
	struct tm tm = {0};
	int64_t fraction_us;
	int offset_s;
	time_t t;

	if (!parse_date_time(&p, &tm) || !parse_fraction(&p, &fraction_us) ||
	    !parse_offset(&p, &offset_s) || !exists(&tm, &t))
		return err_set(ei, ERR_INVALID,
		    "\"%.100s\" is not a time; write it with its zone, as "
		    "2026-01-31T08:00:00Z or 2026-01-31T09:00:00+01:00",
		    s);
	*unix_us = ((int64_t)t - offset_s) * SECOND_US + fraction_us;
	return ERR_OK;
}
