#include "config.h"

#include "base/json.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

/* What may come next, white space aside. */
enum want {
	WANT_VALUE,
	WANT_VALUE_OR_END, /* just behind [ */
	WANT_NAME,
	WANT_NAME_OR_END, /* just behind { */
	WANT_COMMA_OR_END /* behind a value; at depth 0, nothing */
};

struct scan {
	const uint8_t *end;
	const uint8_t *at; /* where the fault is */
	const char *why;   /* and what it is */
	enum want want;
	unsigned depth;
	uint64_t
	    objects[JSON_DEPTH_MAX / 64]; /* bit: this level is an object */
};

/*
 * The steps below take the place they begin at and return the place behind
 * what they read, or NULL after fault().
 */
static const uint8_t *
fault(struct scan *c, const uint8_t *at, const char *why)
{
	c->at = at;
	c->why = why;
	return NULL;
}

static bool
is_digit(uint8_t c)
{
	return (uint8_t)(c - '0') <= 9;
}

static bool
is_hex(uint8_t c)
{
	return is_digit(c) || (uint8_t)((c | 0x20) - 'a') <= 5;
}

static const uint8_t *
skip_blanks(const uint8_t *p, const uint8_t *end)
{
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	return p;
}

/*
 * Pass over bytes that need no look in a string, eight at once.  In `odd`
 * the top bit of a byte is set if that byte is not ASCII, a control, a quote
 * or a backslash; a borrow can only spoil bytes behind the first such one.
 */
static const uint8_t *
skip_plain(const uint8_t *p, const uint8_t *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t v, odd;

	while (end - p >= 8) {
		memcpy(&v, p, 8);
		v = le64toh(v);
		odd = (v | (v - ones * 0x20) | ((v ^ ones * '"') - ones) |
			  ((v ^ ones * '\\') - ones)) &
		      ones * 0x80;
		if (odd != 0)
			return p + __builtin_ctzll(odd) / 8;
		p += 8;
	}
	while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\')
		p++;
	return p;
}

static const uint8_t *
escape(struct scan *c, const uint8_t *p)
{
	if (c->end - p < 2)
		return fault(c, c->end, "the text ends inside a string");
	switch (p[1]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		return p + 2;
	case 'u':
		for (int i = 2; i < 6; i++) {
			if (p + i == c->end)
				return fault(
				    c, c->end, "the text ends inside a string");
			if (!is_hex(p[i]))
				return fault(c, p,
				    "\\u without four hexadecimal digits");
		}
		return p + 6;
	default:
		return fault(c, p,
		    "no such escape; a backslash itself is written as \\\\");
	}
}

/* p is behind the opening quote. */
static const uint8_t *
string(struct scan *c, const uint8_t *p)
{
	size_t w;

	while ((p = skip_plain(p, c->end)) < c->end) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\') {
			p = escape(c, p);
			if (p == NULL)
				return NULL;
			continue;
		}
		if (*p < 0x20)
			return fault(c, p,
			    "a raw control character in a string; it must be "
			    "written as an escape such as \\n");
		w = utf8_width((const char *)p, (size_t)(c->end - p));
		if (w == 0)
			return fault(c, p, "a byte that is not UTF-8");
		p += w;
	}
	return fault(c, p, "the text ends inside a string");
}

static const uint8_t *
digits(struct scan *c, const uint8_t *p)
{
	if (p == c->end || !is_digit(*p))
		return fault(c, p,
		    p == c->end ? "the text ends inside a number"
				: "a digit is expected here");
	do
		p++;
	while (p < c->end && is_digit(*p));
	return p;
}

/* Digits, the first not a zero if there are several. */
static const uint8_t *
whole(struct scan *c, const uint8_t *p)
{
	if (p == c->end || *p != '0')
		return digits(c, p);
	p++;
	if (p < c->end && is_digit(*p))
		return fault(c, p, "a number must not begin with a zero");
	return p;
}

static const uint8_t *
exponent(struct scan *c, const uint8_t *p)
{
	if (p < c->end && (*p == '+' || *p == '-'))
		p++;
	return digits(c, p);
}

static const uint8_t *
number(struct scan *c, const uint8_t *p)
{
	p = whole(c, *p == '-' ? p + 1 : p);
	if (p != NULL && p < c->end && *p == '.')
		p = digits(c, p + 1);
	if (p != NULL && p < c->end && (*p | 0x20) == 'e')
		p = exponent(c, p + 1);
	return p;
}

static const uint8_t *
literal(struct scan *c, const uint8_t *p, const char *word, size_t len)
{
	size_t have = (size_t)(c->end - p);

	if (memcmp(p, word, have < len ? have : len) != 0)
		return fault(c, p,
		    "only true, false and null are written without quotes");
	if (have < len)
		return fault(c, c->end, "the text ends inside a word");
	return p + len;
}

static bool
in_object(const struct scan *c)
{
	unsigned level = c->depth - 1;

	return (c->objects[level / 64] >> (level % 64) & 1) != 0;
}

static const uint8_t *
open_level(struct scan *c, const uint8_t *p)
{
	uint64_t bit = UINT64_C(1) << (c->depth % 64);

	if (c->depth == JSON_DEPTH_MAX)
		return fault(c, p, "nested deeper than 512 levels");
	if (*p == '{') {
		c->objects[c->depth / 64] |= bit;
		c->want = WANT_NAME_OR_END;
	} else {
		c->objects[c->depth / 64] &= ~bit;
		c->want = WANT_VALUE_OR_END;
	}
	c->depth++;
	return p + 1;
}

static const uint8_t *
close_level(struct scan *c, const uint8_t *p)
{
	c->depth--;
	c->want = WANT_COMMA_OR_END;
	return p + 1;
}

static const uint8_t *
no_value(struct scan *c, const uint8_t *p)
{
	static const uint8_t mark[] = {0xef, 0xbb, 0xbf};

	switch (*p) {
	case '\'':
		return fault(c, p, "a string is written in double quotes");
	case '+':
		return fault(c, p, "a number must not begin with +");
	case '.':
		return fault(c, p, "a number must begin with a digit");
	case '/':
	case '#':
		return fault(c, p, "there are no comments in JSON");
	case ']':
	case '}':
		return fault(c, p, "a value is expected before this bracket");
	default:
		break;
	}
	if ((uint8_t)((*p | 0x20) - 'a') < 26)
		return fault(c, p,
		    "only true, false and null are written without quotes");
	if (c->end - p >= 3 && memcmp(p, mark, sizeof(mark)) == 0)
		return fault(c, p, "a byte order mark is not JSON");
	if (utf8_width((const char *)p, (size_t)(c->end - p)) == 0)
		return fault(c, p, "a byte that is not UTF-8");
	return fault(c, p, "a value is expected here");
}

static const uint8_t *
value(struct scan *c, const uint8_t *p)
{
	c->want = WANT_COMMA_OR_END;
	switch (*p) {
	case '"':
		return string(c, p + 1);
	case '{':
	case '[':
		return open_level(c, p);
	case 't':
		return literal(c, p, "true", 4);
	case 'f':
		return literal(c, p, "false", 5);
	case 'n':
		return literal(c, p, "null", 4);
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		return number(c, p);
	default:
		return no_value(c, p);
	}
}

/* A name and its colon. */
static const uint8_t *
name(struct scan *c, const uint8_t *p)
{
	if (*p != '"')
		return fault(c, p,
		    *p == '}' ? "a name is expected between , and }"
			      : "a name in double quotes is expected here");
	p = string(c, p + 1);
	if (p == NULL)
		return NULL;
	p = skip_blanks(p, c->end);
	if (p == c->end)
		return fault(c, p, "the text ends before a :");
	if (*p != ':')
		return fault(c, p, "a : is expected here");
	c->want = WANT_VALUE;
	return p + 1;
}

static const uint8_t *
comma_or_end(struct scan *c, const uint8_t *p)
{
	bool object;

	if (c->depth == 0)
		return fault(c, p, "nothing may follow the JSON value");
	object = in_object(c);
	if (*p == ',') {
		c->want = object ? WANT_NAME : WANT_VALUE;
		return p + 1;
	}
	if (*p == (object ? '}' : ']'))
		return close_level(c, p);
	return fault(c, p,
	    object ? "a , or } is expected here" : "a , or ] is expected here");
}

static const uint8_t *
step(struct scan *c, const uint8_t *p)
{
	switch (c->want) {
	case WANT_VALUE_OR_END:
		if (*p == ']')
			return close_level(c, p);
		return value(c, p);
	case WANT_VALUE:
		return value(c, p);
	case WANT_NAME_OR_END:
		if (*p == '}')
			return close_level(c, p);
		return name(c, p);
	case WANT_NAME:
		return name(c, p);
	case WANT_COMMA_OR_END:
		break;
	}
	return comma_or_end(c, p);
}

static const char *
ended(const struct scan *c)
{
	if (c->depth != 0)
		return in_object(c) ? "the text ends inside an object"
				    : "the text ends inside an array";
	return c->want == WANT_VALUE ? "there is no JSON value" : NULL;
}

/* Everything before `at` has been read as UTF-8 already. */
static enum err
report(const struct scan *c, const uint8_t *from, struct errinfo *ei)
{
	size_t line = 1, column = 1;

	if (ei == NULL)
		return ERR_INVALID;
	for (const uint8_t *p = from; p < c->at; p++) {
		if (*p == '\n') {
			line++;
			column = 1;
		} else if ((*p & 0xc0) != 0x80) {
			column++;
		}
	}
	err_set(ei, ERR_INVALID, "%s", c->why);
	return err_where(ei, "line %zu, column %zu", line, column);
}

enum err
json_check(const char *s, size_t n, struct errinfo *ei)
{
	const uint8_t *from = (const uint8_t *)(n != 0 ? s : "");
	const uint8_t *p = from;
	struct scan c; /* objects[] need no clearing */

	c.end = from + n;
	c.want = WANT_VALUE;
	c.depth = 0;
	while ((p = skip_blanks(p, c.end)) < c.end) {
		p = step(&c, p);
		if (p == NULL)
			return report(&c, from, ei);
	}
	c.at = p;
	c.why = ended(&c);
	return c.why == NULL ? ERR_OK : report(&c, from, ei);
}

size_t
json_bom(const char *s, size_t n)
{
	return n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}
