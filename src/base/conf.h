/*
 * Configuration: one file (INI without sections, read by libinih) and
 * environment variables over it, by one table of keys that the product
 * supplies.
 *
 * The same table parses, checks, and shows (--show-config).  Values are
 * written into the caller's struct at the key's offset.  A key `name` is read
 * from the variable PREFIX_NAME in upper case ("EWA_DATABASE").  Lines are
 * "name = value", a value goes on to the end of its line, lines that begin
 * with # or ; are comments; a key may come once.  Not thread-safe (libinih's
 * options and the environment are global): load from one thread.
 */
#ifndef EWA_BASE_CONF_H
#define EWA_BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

#define CONF_KEYS_MAX 64
#define CONF_FILE_MAX (256 * 1024) /* bytes */
#define CONF_LINE_MAX 4096         /* bytes */

enum conf_type {
	CONF_STR,      /* char *, owned by the struct */
	CONF_INT,      /* int64_t, within min and max */
	CONF_DURATION, /* int64_t in ms: "3s", "500ms", "5m", "24h", "30d" */
	CONF_SIZE,     /* int64_t in bytes: "64k", "16M", or a plain number */
	CONF_BOOL,     /* bool: yes, no, true, false, on, off */
	CONF_CHOICE    /* int, the index in choices */
};

struct conf_key {
	const char *name; /* NULL ends the table */
	enum conf_type type;
	size_t offset;
	const char *fallback; /* as text */
	int64_t min, max;     /* INT, DURATION (ms), SIZE; both included */
	const char *const *choices; /* NULL ends them */
	bool secret;                /* shown as "# name = (set)" */
	/* A further check of the text, or NULL. */
	enum err (*check)(const char *value, struct errinfo *ei);
	const char *help; /* one line */
};

/*
 * Defaults, then the file (path NULL: none), then the environment.
 * ERR_INVALID says in `where` the file and line or the variable, and in
 * `detail` the key and what is wrong.  On error the struct holds what was
 * read so far; conf_free it all the same.  The target's strings must be NULL
 * or its own at the call.
 */
enum err conf_load(const struct conf_key *table, const char *path,
    const char *env_prefix, void *target, struct errinfo *ei);

/* "# help (from FILE:LINE | NAME | default)\nname = value\n" for each key, so
 * that the output can be the file, secrets left out. */
void conf_show(const struct conf_key *table, const char *path,
    const char *env_prefix, const void *target, FILE *out);

void conf_free(const struct conf_key *table, void *target);

#endif
