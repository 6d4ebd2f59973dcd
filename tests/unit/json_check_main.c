/*
 * Is it JSON?  For the JSON test suite, and by hand.
 *
 *	json-check < FILE	exit 0 if it is, 1 (and why) if it is not
 *	json-check --many	reads "LENGTH\n" and as many bytes, again and
 *				again; writes a line for each: "ok" or why not
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"

#define INPUT_MAX (64u << 20)

static bool
check(const char *s, size_t n)
{
	struct errinfo ei;

	if (json_check(s, n, &ei) == ERR_OK) {
		puts("ok");
		return true;
	}
	printf("%s: %s\n", ei.where, ei.detail);
	return false;
}

static int
check_one(void)
{
	struct buf b;
	size_t n;
	char *room;
	bool ok;

	buf_init(&b, INPUT_MAX);
	do {
		room = buf_room(&b, 65536);
		if (room == NULL) {
			fputs("json-check: the input is too long\n", stderr);
			return 2;
		}
		n = fread(room, 1, 65536, stdin);
		buf_grew(&b, n);
	} while (n > 0);
	ok = check(b.data, b.len);
	buf_fini(&b);
	return ok ? 0 : 1;
}

static int
check_many(void)
{
	char line[32], *end;
	unsigned long n;
	char *text;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		n = strtoul(line, &end, 10);
		if (end == line || *end != '\n' || n > INPUT_MAX) {
			fputs("json-check: not a length\n", stderr);
			return 2;
		}
		text = mem_alloc(n); /* not a byte more, for sanitizers */
		if (fread(text, 1, n, stdin) != n) {
			fputs("json-check: the input ends early\n", stderr);
			free(text);
			return 2;
		}
		check(text, n);
		free(text);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 1)
		return check_one();
	if (argc == 2 && strcmp(argv[1], "--many") == 0)
		return check_many();
	fputs("usage: json-check [--many] < INPUT\n", stderr);
	return 2;
}
