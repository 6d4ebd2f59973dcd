#include "config.h"

#include "base/duration.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

struct unit {
	char letter;
	bool time; /* stands behind the T */
	int64_t ms;
};

/* In the order in which they must come. */
static const struct unit units[] = {
    {'D', false, DAY   },
    {'H', true,  HOUR  },
    {'M', true,  MINUTE},
    {'S', true,  SECOND},
};
#define UNITS (sizeof(units) / sizeof(units[0]))

struct scan {
	const char *p;
	bool time;     /* the T has been read */
	size_t next;   /* the first unit that may still come */
	int64_t total; /* ms */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* The steps return NULL or what is wrong. */
static const char *
read_whole(struct scan *d, int64_t *n)
{
	*n = 0;
	if (*d->p == '+' || *d->p == '-')
		return "a duration has no sign";
	if (!is_digit(*d->p))
		return *d->p == '\0' ? "a number is missing at the end"
				     : "a number is expected before each unit";
	for (; is_digit(*d->p); d->p++)
		if (__builtin_mul_overflow(*n, 10, n) ||
		    __builtin_add_overflow(*n, *d->p - '0', n))
			return "longer than can be counted";
	return NULL;
}

/* Milliseconds of a fraction of a second; what is finer is cut off. */
static const char *
read_fraction(struct scan *d, int64_t *ms, bool *present)
{
	int64_t place = 100;

	*ms = 0;
	*present = *d->p == '.' || *d->p == ',';
	if (!*present)
		return NULL;
	d->p++;
	if (!is_digit(*d->p))
		return "digits are missing behind the decimal sign";
	for (; is_digit(*d->p); d->p++, place /= 10)
		*ms += (*d->p - '0') * place;
	return NULL;
}

static const char *
find_unit(struct scan *d, size_t *i)
{
	char c = upper(*d->p);

	if (c == '\0')
		return "the unit is missing behind the last number";
	if (c == 'Y' || c == 'W' || (c == 'M' && !d->time))
		return "years, months and weeks have no fixed length here; "
		       "use days, or minutes behind a T";
	for (*i = 0; *i < UNITS && units[*i].letter != c; ++*i)
		;
	if (*i == UNITS)
		return "the units are D, H, M and S";
	if (units[*i].time && !d->time)
		return "hours, minutes and seconds stand behind a T";
	if (!units[*i].time && d->time)
		return "days stand before the T";
	if (*i < d->next)
		return "each unit may come once, the longest first";
	d->next = *i + 1;
	d->p++;
	return NULL;
}

static const char *
read_component(struct scan *d)
{
	const char *why;
	int64_t n, ms;
	bool fraction;
	size_t i;

	if ((why = read_whole(d, &n)) != NULL ||
	    (why = read_fraction(d, &ms, &fraction)) != NULL ||
	    (why = find_unit(d, &i)) != NULL)
		return why;
	if (fraction && units[i].letter != 'S')
		return "only the seconds may have a fraction";
	if (__builtin_mul_overflow(n, units[i].ms, &n) ||
	    __builtin_add_overflow(n, ms, &n) ||
	    __builtin_add_overflow(d->total, n, &d->total))
		return "longer than can be counted";
	return NULL;
}

static const char *
read_all(struct scan *d)
{
	const char *why;

	if (upper(*d->p) != 'P')
		return "a duration begins with P";
	d->p++;
	do {
		if (!d->time && upper(*d->p) == 'T') {
			d->time = true;
			d->p++;
		}
		if ((why = read_component(d)) != NULL)
			return why;
	} while (*d->p != '\0');
	return d->total == 0 ? "a duration must be at least a millisecond"
			     : NULL;
}

enum err
duration_parse(const char *s, int64_t *ms, struct errinfo *ei)
{
	struct scan d = {.p = s};
	const char *why = read_all(&d);

	if (why != NULL)
		return err_set(
		    ei, ERR_INVALID, "%s; write PT60S for 60 seconds", why);
	*ms = d.total;
	return ERR_OK;
}

void
duration_format(int64_t ms, char *out)
{
	int64_t days = ms / DAY, hours = ms / HOUR % 24;
	int64_t minutes = ms / MINUTE % 60, rest = ms % MINUTE;
	size_t len = 0;

	BUG_ON(ms <= 0);
#define ADD(...) \
	len += (size_t)snprintf(out + len, DURATION_TEXT_MAX - len, __VA_ARGS__)
	ADD("P");
	if (days != 0)
		ADD("%" PRId64 "D", days);
	if (ms % DAY != 0)
		ADD("T");
	if (hours != 0)
		ADD("%" PRId64 "H", hours);
	if (minutes != 0)
		ADD("%" PRId64 "M", minutes);
	if (rest % SECOND != 0) {
		int digits = rest % 100 == 0 ? 1 : rest % 10 == 0 ? 2 : 3;
		int64_t part = rest % SECOND;

		for (int i = digits; i < 3; i++)
			part /= 10;
		ADD("%" PRId64 ".%0*" PRId64 "S", rest / SECOND, digits, part);
	} else if (rest != 0) {
		ADD("%" PRId64 "S", rest / SECOND);
	}
#undef ADD
}
