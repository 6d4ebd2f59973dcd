/*
 * What json_check takes, utf8_valid and json-c (which is laxer) take too,
 * it stays JSON with white space or an array around it, and it is no JSON
 * with anything behind it.  What it refuses has a place inside the input.
 */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include <json-c/json.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

#include "fuzz.h"

#define WRAPPED_MAX (1u << 20)

static bool
json_c_takes(const char *s, size_t n)
{
	struct json_tokener *t = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
	enum json_tokener_error e;
	struct buf copy;

	buf_init(&copy, WRAPPED_MAX);
	buf_add(&copy, s, n);
	CHECK(t != NULL && !buf_failed(&copy));
	json_tokener_set_flags(
	    t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* with the NUL, or a number at the end could go on */
	json_object_put(json_tokener_parse_ex(t, copy.data, (int)n + 1));
	e = json_tokener_get_error(t);
	json_tokener_free(t);
	buf_fini(&copy);
	return e == json_tokener_success;
}

static bool
wrapped(const char *head, const char *s, size_t n, const char *tail)
{
	struct buf b;
	bool ok;

	buf_init(&b, WRAPPED_MAX);
	buf_adds(&b, head);
	buf_add(&b, s, n);
	buf_adds(&b, tail);
	CHECK(!buf_failed(&b));
	ok = json_check(b.data, b.len, NULL) == ERR_OK;
	buf_fini(&b);
	return ok;
}

static void
check_place(const struct errinfo *ei, const char *s, size_t n)
{
	size_t lines = 1, line, column;
	char again[64], *p;

	for (size_t i = 0; i < n; i++)
		lines += s[i] == '\n';
	CHECK(strncmp(ei->where, "line ", 5) == 0);
	line = strtoul(ei->where + 5, &p, 10);
	CHECK(strncmp(p, ", column ", 9) == 0);
	column = strtoul(p + 9, &p, 10);
	CHECK(*p == '\0');
	CHECK(line >= 1 && line <= lines && column >= 1 && column <= n + 1);
	snprintf(again, sizeof(again), "line %zu, column %zu", line, column);
	CHECK(strcmp(again, ei->where) == 0);
	CHECK(*ei->detail != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	struct errinfo ei = {.where = ""};

	if (size > WRAPPED_MAX / 2)
		return 0;
	if (json_check(s, size, &ei) != ERR_OK) {
		check_place(&ei, s, size);
		CHECK(!wrapped(" ", s, size, "\n"));
		return 0;
	}
	CHECK(utf8_valid(s, size, NULL));
	CHECK(json_c_takes(s, size));
	CHECK(json_bom(s, size) == 0);
	CHECK(wrapped(" \t\r\n", s, size, "\n\r\t "));
	CHECK(!wrapped("", s, size, ","));
	CHECK(!wrapped("[", s, size, ""));
	CHECK(wrapped("[", s, size, "]") || memchr(s, '[', size) != NULL ||
	      memchr(s, '{', size) != NULL); /* else: at the greatest depth */
	return 0;
}
