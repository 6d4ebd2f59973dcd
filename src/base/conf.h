/*
 * Configuration: one file (INI, read by libinih) and environment variables
 * over it, by one table of keys that the product supplies.
 *
 * The same table parses, checks, and shows (--show-config).  Values are
 * written into the caller's struct at the key's offset.  A key `name` is read
 * from the variable PREFIX_NAME in upper case ("EWA_DATABASE").
 */
#ifndef EWA_BASE_CONF_H
#define EWA_BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

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
	int64_t min, max;     /* INT, DURATION (ms), SIZE */
	const char *const *choices;
	bool secret; /* shown as "(set)" */
	/* A further check of the text, or NULL. */
	enum err (*check)(const char *value, struct errinfo *ei);
	const char *help; /* one line */
};

/*
 * Defaults, then the file (path NULL: none), then the environment.
 * ERR_INVALID names the file and line, or the variable, and what is wrong.
 * On error the struct holds what was read so far; conf_free it all the same.
 */
enum err conf_load(const struct conf_key *table, const char *path,
    const char *env_prefix, void *target, struct errinfo *ei);

/* "# help\nname = value  (from FILE:LINE | NAME | default)" for each key. */
void conf_show(const struct conf_key *table, const char *path,
    const char *env_prefix, const void *target, FILE *out);

void conf_free(const struct conf_key *table, void *target);

#endif
