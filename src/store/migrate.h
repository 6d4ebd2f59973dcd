/*
 * The schema's versions: migrations run once and in order, functions and
 * views are replaced whenever their text has changed.  Everything is embedded
 * (sql_files.c, made from sql/ at build time).
 */
#ifndef EWA_STORE_MIGRATE_H
#define EWA_STORE_MIGRATE_H

#include <stdint.h>

#include "base/err.h"
#include "store/pg.h"

/* One embedded file; the table ends with a NULL path.  The text is
 * NUL-terminated. */
struct sql_file {
	const char *path; /* "migrations/0001_schema.sql" */
	const char *text;
};
extern const struct sql_file sql_files[];

/* The number of the newest migration in this binary. */
int migrate_version(void);

/* The number of the newest one applied, 0 for none. */
enum err migrate_current(
    struct pg *pg, int64_t deadline_ms, int *version, struct errinfo *ei);

/*
 * Apply what is missing, each file in one transaction, under an advisory
 * lock; `said` is called with a line for each.  ERR_CONFLICT: an applied
 * migration's text differs from ours, or the database is newer than this
 * binary.
 */
enum err migrate_apply(struct pg *pg, int64_t deadline_ms,
    void (*said)(const char *line), struct errinfo *ei);

#endif
