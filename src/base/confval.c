#include "config.h"

#include "base/confval.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

#define VALUE_TEXT_MAX 64

struct unit {
	const char *name;
	int64_t factor;
};

/* The longest first, as values are shown in the longest that fits. */
static const struct unit duration_units[] = {
    {"d",  86400000},
    {"h",  3600000 },
    {"m",  60000   },
    {"s",  1000    },
    {"ms", 1       },
    {NULL, 0       }
};

static const struct unit size_units[] = {
    {"G",  INT64_C(1) << 30},
    {"M",  INT64_C(1) << 20},
    {"k",  INT64_C(1) << 10},
    {"",   1	       },
    {NULL, 0               }
};

static const struct unit plain_units[] = {
    {"",   1},
    {NULL, 0}
};

static char **
str_at(const struct conf_key *k, void *target)
{
	return (char **)((char *)target + k->offset);
}

static void
store(const struct conf_key *k, void *target, const void *v, size_t size)
{
	memcpy((char *)target + k->offset, v, size);
}

static const struct unit *
units_of(const struct conf_key *k)
{
	if (k->type == CONF_DURATION)
		return duration_units;
	return k->type == CONF_SIZE ? size_units : plain_units;
}

static void
format_number(const struct conf_key *k, int64_t v, char *out)
{
	const struct unit *u = units_of(k);

	while (u->factor != 1 && (v == 0 || v % u->factor != 0))
		u++;
	snprintf(out, VALUE_TEXT_MAX, "%" PRId64 "%s", v / u->factor, u->name);
}

/* In either case: no unit's name is another's in capitals. */
static const struct unit *
find_unit(const struct conf_key *k, const char *name)
{
	const struct unit *u;

	for (u = units_of(k); u->name != NULL; u++)
		if (strcasecmp(u->name, name) == 0)
			return u;
	return NULL;
}

static enum err
not_a_number(const struct conf_key *k, const char *v, struct errinfo *ei)
{
	static const char *const forms[] = {
	    [CONF_INT] = "a whole number",
	    [CONF_DURATION] = "a number with its unit, such as 500ms, 3s, 5m, "
			      "24h or 30d",
	    [CONF_SIZE] = "a number of bytes, such as 65536, 64k or 16M",
	};

	return err_set(ei, ERR_INVALID, "%s: '%.64s' is not %s", k->name, v,
	    forms[k->type]);
}

static enum err
set_number(
    const struct conf_key *k, const char *v, void *target, struct errinfo *ei)
{
	char low[VALUE_TEXT_MAX], high[VALUE_TEXT_MAX];
	const struct unit *u;
	long long n;
	int64_t value;
	char *end;

	if (*v != '-' && (*v < '0' || *v > '9'))
		return not_a_number(k, v, ei); /* strtoll takes blanks, + */
	errno = 0;
	n = strtoll(v, &end, 10);
	u = find_unit(k, end);
	if (end == v || (u == NULL && strcmp(v, "0") != 0))
		return not_a_number(k, v, ei);
	if (errno != 0 ||
	    __builtin_mul_overflow(n, u != NULL ? u->factor : 1, &value) ||
	    value < k->min || value > k->max) {
		format_number(k, k->min, low);
		format_number(k, k->max, high);
		return err_set(ei, ERR_INVALID,
		    "%s: '%.64s' is out of range; it must be from %s to %s",
		    k->name, v, low, high);
	}
	store(k, target, &value, sizeof(value));
	return ERR_OK;
}

static enum err
set_bool(
    const struct conf_key *k, const char *v, void *target, struct errinfo *ei)
{
	static const char *const words[] = {
	    "no", "yes", "false", "true", "off", "on"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(v, words[i]) == 0) {
			bool on = i % 2 == 1;

			store(k, target, &on, sizeof(on));
			return ERR_OK;
		}
	return err_set(
	    ei, ERR_INVALID, "%s: '%.64s' is neither yes nor no", k->name, v);
}

static enum err
set_choice(
    const struct conf_key *k, const char *v, void *target, struct errinfo *ei)
{
	struct buf names;

	for (int i = 0; k->choices[i] != NULL; i++)
		if (strcmp(v, k->choices[i]) == 0) {
			store(k, target, &i, sizeof(i));
			return ERR_OK;
		}
	buf_init(&names, 256);
	for (int i = 0; k->choices[i] != NULL; i++)
		buf_addf(&names, "%s%s", i != 0 ? ", " : "", k->choices[i]);
	err_set(ei, ERR_INVALID, "%s: '%.64s' is none of %s", k->name, v,
	    names.data);
	buf_fini(&names);
	return ERR_INVALID;
}

void
confval_free(const struct conf_key *k, void *target)
{
	char **s;

	if (k->type != CONF_STR)
		return;
	s = str_at(k, target);
	if (k->secret)
		mem_free_secret(*s);
	else
		free(*s);
	*s = NULL;
}

static enum err
set_str(
    const struct conf_key *k, const char *v, void *target, struct errinfo *ei)
{
	if (!utf8_valid(v, strlen(v), NULL))
		return err_set(
		    ei, ERR_INVALID, "%s: the value is not UTF-8", k->name);
	confval_free(k, target);
	*str_at(k, target) = mem_strdup(v);
	return ERR_OK;
}

static enum err
run_check(const struct conf_key *k, const char *v, struct errinfo *ei)
{
	struct errinfo why = {.detail = ""};

	if (k->check == NULL || k->check(v, &why) == ERR_OK)
		return ERR_OK;
	return err_set(ei, ERR_INVALID, "%s: %.400s", k->name, why.detail);
}

enum err
confval_set(
    const struct conf_key *k, const char *v, void *target, struct errinfo *ei)
{
	enum err e = ERR_OK;

	switch (k->type) {
	case CONF_STR:
		e = set_str(k, v, target, ei);
		break;
	case CONF_INT:
	case CONF_DURATION:
	case CONF_SIZE:
		e = set_number(k, v, target, ei);
		break;
	case CONF_BOOL:
		e = set_bool(k, v, target, ei);
		break;
	case CONF_CHOICE:
		e = set_choice(k, v, target, ei);
		break;
	}
	return e == ERR_OK ? run_check(k, v, ei) : e;
}

void
confval_show(const struct conf_key *k, const void *target, FILE *out)
{
	const char *at = (const char *)target + k->offset;
	char text[VALUE_TEXT_MAX];
	const char *str = NULL;
	int64_t number;
	int choice;
	bool on;

	switch (k->type) {
	case CONF_STR:
		memcpy(&str, at, sizeof(str));
		if (k->secret && str != NULL && *str != '\0') {
			fprintf(out, "# %s = (set)\n", k->name);
			return;
		}
		break;
	case CONF_BOOL:
		memcpy(&on, at, sizeof(on));
		str = on ? "yes" : "no";
		break;
	case CONF_CHOICE:
		memcpy(&choice, at, sizeof(choice));
		str = k->choices[choice];
		break;
	case CONF_INT:
	case CONF_DURATION:
	case CONF_SIZE:
		memcpy(&number, at, sizeof(number));
		format_number(k, number, text);
		str = text;
		break;
	}
	fprintf(out, "%s = %s\n", k->name, str != NULL ? str : "");
}
