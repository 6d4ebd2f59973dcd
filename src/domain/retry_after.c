#include "config.h"

#include "domain/retry_after.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define MAX_MS ((int64_t)RETRY_AFTER_MAX_S * 1000)
#define YEAR_MIN 1601
#define YEAR_MAX 9999
#define EXPONENT_MAX 400

/* ---- numbers ---------------------------------------------------------------
 */

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static int64_t
shifted(int64_t ms, int exponent)
{
	for (; exponent > 0 && ms != 0 && ms <= MAX_MS; exponent--)
		ms *= 10;
	for (; exponent < 0 && ms != 0; exponent++)
		ms /= 10;
	return ms;
}

/* "e5", "E-3", "": false if it is something else. */
static bool
read_exponent(const char *s, int *exponent)
{
	bool minus = false;
	int e = 0;

	*exponent = 0;
	if (*s == '\0')
		return true;
	if (*s != 'e' && *s != 'E')
		return false;
	s++;
	if (*s == '+' || *s == '-')
		minus = *s++ == '-';
	if (!digit(*s))
		return false;
	for (; digit(*s); s++)
		if (e < EXPONENT_MAX)
			e = e * 10 + (*s - '0');
	*exponent = minus ? -e : e;
	return *s == '\0';
}

/* Whole seconds that are too many stay so, whatever digits follow. */
static int64_t
more(int64_t v, char c)
{
	return v > MAX_MS * 1000 ? v : v * 10 + (c - '0');
}

static bool
read_number(const char *s, int64_t *ms)
{
	int64_t v = 0;
	int exponent, behind = 0;
	bool any = false;

	for (; digit(*s); s++, any = true)
		v = more(v, *s);
	if (*s == '.' || *s == ',')
		for (s++; digit(*s); s++, any = true)
			if (behind < 6 && v <= MAX_MS * 1000) {
				v = more(v, *s);
				behind++;
			}
	if (!any || !read_exponent(s, &exponent))
		return false;
	*ms = shifted(v, exponent + 3 - behind);
	return true;
}

/* ---- dates -----------------------------------------------------------------
 */

struct date {
	int year, month, day, hour, minute, second; /* month from 0 */
};

static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
    "jul", "aug", "sep", "oct", "nov", "dec"};

static const char *const days[] = {"monday", "tuesday", "wednesday", "thursday",
    "friday", "saturday", "sunday"};

/* A reader that has failed reads nothing more. */
struct reader {
	const char *s;
	bool failed;
};

static void
take(struct reader *r, char c)
{
	if (r->failed || *r->s != c)
		r->failed = true;
	else
		r->s++;
}

static int
number(struct reader *r, int digits)
{
	int v = 0;

	for (; digits > 0 && !r->failed; digits--) {
		if (!digit(*r->s))
			r->failed = true;
		else
			v = v * 10 + (*r->s++ - '0');
	}
	return v;
}

static int
month(struct reader *r)
{
	for (int i = 0; i < 12 && !r->failed; i++)
		if (strncasecmp(r->s, months[i], 3) == 0) {
			r->s += 3;
			return i;
		}
	r->failed = true;
	return 0;
}

static void
time_of_day(struct reader *r, struct date *d)
{
	d->hour = number(r, 2);
	take(r, ':');
	d->minute = number(r, 2);
	take(r, ':');
	d->second = number(r, 2);
}

/* The name of a day; its length, or 0.  `whole`: more than three letters. */
static size_t
day_name(const char *s, bool whole)
{
	for (size_t i = 0; i < 7; i++) {
		size_t n = whole ? strlen(days[i]) : 3;

		if (strncasecmp(s, days[i], n) == 0)
			return n;
	}
	return 0;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool
imf_fixdate(const char *s, struct date *d)
{
	struct reader r = {s + 3, day_name(s, false) == 0};

	take(&r, ',');
	take(&r, ' ');
	d->day = number(&r, 2);
	take(&r, ' ');
	d->month = month(&r);
	take(&r, ' ');
	d->year = number(&r, 4);
	take(&r, ' ');
	time_of_day(&r, d);
	return !r.failed && strcasecmp(r.s, " GMT") == 0;
}

/* "Sunday, 06-Nov-94 08:49:37 GMT"; two digits are the year that is not more
 * than 50 years ahead. */
static bool
rfc_850(const char *s, int this_year, struct date *d)
{
	size_t n = day_name(s, true);
	struct reader r = {s + n, n == 0};

	take(&r, ',');
	take(&r, ' ');
	d->day = number(&r, 2);
	take(&r, '-');
	d->month = month(&r);
	take(&r, '-');
	d->year = number(&r, 2) + this_year / 100 * 100;
	if (d->year > this_year + 50)
		d->year -= 100;
	else if (d->year <= this_year - 50)
		d->year += 100;
	take(&r, ' ');
	time_of_day(&r, d);
	return !r.failed && strcasecmp(r.s, " GMT") == 0;
}

/* "Sun Nov  6 08:49:37 1994" */
static bool
asctime_date(const char *s, struct date *d)
{
	struct reader r = {s + 3, day_name(s, false) == 0};

	take(&r, ' ');
	d->month = month(&r);
	take(&r, ' ');
	if (!r.failed && *r.s == ' ') {
		r.s++;
		d->day = number(&r, 1);
	} else {
		d->day = number(&r, 2);
	}
	take(&r, ' ');
	time_of_day(&r, d);
	take(&r, ' ');
	d->year = number(&r, 4);
	return !r.failed && *r.s == '\0';
}

/* Days since 1970 of a proleptic Gregorian date, month from 1. */
static int64_t
days_of(int64_t year, int month_1, int day)
{
	int64_t y = month_1 <= 2 ? year - 1 : year;
	int64_t era = y / 400, of_era = y - era * 400;
	int64_t of_year =
	    (153 * (month_1 + (month_1 > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

static int
days_in(int year, int month_0)
{
	static const int lengths[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return lengths[month_0] + (month_0 == 1 && leap ? 1 : 0);
}

static bool
is_date(const struct date *d)
{
	return d->year >= YEAR_MIN && d->year <= YEAR_MAX && d->day >= 1 &&
	       d->day <= days_in(d->year, d->month) && d->hour <= 23 &&
	       d->minute <= 59 && d->second <= 60;
}

bool
retry_after_date(const char *s, int64_t now_s, int64_t *unix_s)
{
	int this_year = (int)(1970 + now_s / 31556952);
	struct date d = {0};

	if (strlen(s) < 20 ||
	    (!imf_fixdate(s, &d) && !rfc_850(s, this_year, &d) &&
		!asctime_date(s, &d)))
		return false;
	if (!is_date(&d))
		return false;
	*unix_s = days_of(d.year, d.month + 1, d.day) * 86400 + d.hour * 3600 +
		  d.minute * 60 + d.second;
	return true;
}

int64_t
retry_after_ms(const char *value, int64_t now_s)
{
	int64_t ms = 0, at_s;

	if (retry_after_date(value, now_s, &at_s))
		ms = at_s - now_s > RETRY_AFTER_MAX_S ? MAX_MS
						      : (at_s - now_s) * 1000;
	else if (!read_number(value, &ms))
		return 0;
	if (ms < 0)
		return 0;
	return ms < MAX_MS ? ms : MAX_MS;
}
