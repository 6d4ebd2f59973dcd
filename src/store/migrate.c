#include "config.h"

#include "store/migrate.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "store/pgval.h"

#define CHECKSUM_LEN 64 /* SHA-256 in hexadecimal */
#define LINE_MAX_LEN 256

#define DIR_MIGRATIONS "migrations/"
#define DIR_FUNCTIONS "functions/"
#define DIR_VIEWS "views/"
#define FILE_BOOKKEEPING "bookkeeping.sql"
#define FILE_GRANTS "grants.sql"

/* One call of migrate_apply. */
struct run {
	struct pg *pg;
	int64_t deadline_ms;
	void (*said)(const char *line);
	struct errinfo *ei;
	int changes;
};

/* ---- the embedded files ---------------------------------------------------
 */

static bool
has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static int
version_of(const char *path)
{
	long v = strtol(path + strlen(DIR_MIGRATIONS), NULL, 10);

	BUG_ON(v <= 0 || v > 9999);
	return (int)v;
}

static const struct sql_file *
file_named(const char *path)
{
	for (const struct sql_file *f = sql_files; f->path != NULL; f++)
		if (strcmp(f->path, path) == 0)
			return f;
	return NULL; /* it was not embedded */
}

/* The first migration newer than `version`, or NULL.  The table's order does
 * not matter. */
static const struct sql_file *
migration_after(int version)
{
	const struct sql_file *best = NULL;
	int best_version = 0;

	for (const struct sql_file *f = sql_files; f->path != NULL; f++) {
		int v;

		if (!has_prefix(f->path, DIR_MIGRATIONS))
			continue;
		v = version_of(f->path);
		if (v <= version)
			continue;
		BUG_ON(v == best_version);
		if (best == NULL || v < best_version) {
			best = f;
			best_version = v;
		}
	}
	return best;
}

int
migrate_version(void)
{
	const struct sql_file *f;
	int version = 0;

	while ((f = migration_after(version)) != NULL)
		version = version_of(f->path);
	return version;
}

static void
checksum_of(const struct sql_file *f, char out[CHECKSUM_LEN + 1])
{
	uint8_t sum[32];

	crypto_sha256(f->text, strlen(f->text), sum);
	for (size_t i = 0; i < sizeof(sum); i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
}

/* ---- one file, one transaction --------------------------------------------
 */

static void
say(const struct run *r, const char *verb, const char *what)
{
	char line[LINE_MAX_LEN];

	snprintf(line, sizeof(line), "%s %s", verb, what);
	r->said(line);
}

static enum err
script(const struct run *r, const char *sql)
{
	return pg_script(r->pg, sql, r->deadline_ms, r->ei);
}

static const struct pg_stmt record_migration = {"record_migration",
    "insert into ewa.migration (version, name, checksum)"
    " values ($1, $2, $3)"};

static const struct pg_stmt record_repeatable = {"record_repeatable",
    "insert into ewa.repeatable (name, checksum) values ($1, $2)"
    " on conflict (name) do update"
    " set checksum = excluded.checksum, applied_at = now()"};

static enum err
record(const struct run *r, const struct sql_file *f)
{
	bool migration = has_prefix(f->path, DIR_MIGRATIONS);
	char checksum[CHECKSUM_LEN + 1];
	struct pg_params p;
	enum err e;

	checksum_of(f, checksum);
	pg_params_init(&p);
	if (migration)
		pg_add_int4(&p, version_of(f->path));
	pg_add_text(&p, f->path);
	pg_add_text(&p, checksum);
	e = pg_query(r->pg, migration ? &record_migration : &record_repeatable,
	    &p, r->deadline_ms, NULL, r->ei);
	pg_params_fini(&p);
	return e;
}

static enum err
apply_file(struct run *r, const struct sql_file *f)
{
	enum err e;

	e = script(r, "begin");
	if (e == ERR_OK)
		e = script(r, f->text);
	if (e == ERR_OK)
		e = record(r, f);
	if (e == ERR_OK)
		e = script(r, "commit");
	if (e != ERR_OK) {
		err_where(r->ei, "sql/%s", f->path);
		if (pg_is_open(r->pg))
			pg_script(r->pg, "rollback", r->deadline_ms, NULL);
		return e;
	}
	r->changes++;
	say(r, "applied", f->path);
	return ERR_OK;
}

/* ---- migrations ------------------------------------------------------------
 */

static const struct pg_stmt list_migrations = {"list_migrations",
    "select version, name, checksum from ewa.migration order by version"};

/* The applied migration in this row must be the next of ours. */
static enum err
check_applied(const PGresult *res, int row, const struct sql_file *ours,
    struct errinfo *ei)
{
	int version = pg_int4(res, row, 0);
	char *name = pg_text(res, row, 1);
	char *applied = pg_text(res, row, 2);
	char checksum[CHECKSUM_LEN + 1];
	enum err e = ERR_OK;

	if (ours == NULL || version_of(ours->path) != version) {
		e = err_set(ei, ERR_CONFLICT,
		    "the database has migration %d (%s), which this program"
		    " does not know: use the release that applied it, or a"
		    " newer one",
		    version, name);
	} else {
		checksum_of(ours, checksum);
		if (strcmp(checksum, applied) != 0)
			e = err_set(ei, ERR_CONFLICT,
			    "migration %d was applied with another text"
			    " (SHA-256 %.12s, here %.12s): applied migrations"
			    " are never changed",
			    version, applied, checksum);
	}
	if (e != ERR_OK)
		err_where(ei, "ewa.migration, version %d", version);
	free(name);
	free(applied);
	return e;
}

/* *version is the newest that was applied. */
static enum err
check_history(const struct run *r, int *version)
{
	PGresult *res;
	enum err e;

	*version = 0;
	e = pg_query(
	    r->pg, &list_migrations, NULL, r->deadline_ms, &res, r->ei);
	if (e != ERR_OK)
		return e;
	for (int i = 0; i < PQntuples(res) && e == ERR_OK; i++) {
		e = check_applied(res, i, migration_after(*version), r->ei);
		*version = pg_int4(res, i, 0);
	}
	PQclear(res);
	return e;
}

static enum err
apply_migrations(struct run *r)
{
	const struct sql_file *f;
	int version;
	enum err e;

	e = check_history(r, &version);
	while (e == ERR_OK && (f = migration_after(version)) != NULL) {
		e = apply_file(r, f);
		version = version_of(f->path);
	}
	return e;
}

/* ---- functions, views, grants ----------------------------------------------
 */

static const struct pg_stmt repeatable_is = {"repeatable_is",
    "select 1 from ewa.repeatable where name = $1 and checksum = $2"};

static enum err
is_current(const struct run *r, const struct sql_file *f, bool *current)
{
	char checksum[CHECKSUM_LEN + 1];
	struct pg_params p;
	PGresult *res;
	enum err e;

	checksum_of(f, checksum);
	pg_params_init(&p);
	pg_add_text(&p, f->path);
	pg_add_text(&p, checksum);
	e = pg_query(r->pg, &repeatable_is, &p, r->deadline_ms, &res, r->ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	*current = PQntuples(res) == 1;
	PQclear(res);
	return ERR_OK;
}

static enum err
apply_changed(struct run *r, const char *dir)
{
	for (const struct sql_file *f = sql_files; f->path != NULL; f++) {
		bool current;
		enum err e;

		if (!has_prefix(f->path, dir))
			continue;
		e = is_current(r, f, &current);
		if (e == ERR_OK && !current)
			e = apply_file(r, f);
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

/* A new table or a view that was made anew has no grants: they follow every
 * change. */
static enum err
apply_grants(struct run *r)
{
	const struct sql_file *f = file_named(FILE_GRANTS);
	bool current;
	enum err e;

	BUG_ON(f == NULL);
	e = is_current(r, f, &current);
	if (e == ERR_OK && (!current || r->changes > 0))
		e = apply_file(r, f);
	return e;
}

/* ---- everything
 * -------------------------------------------------------------- */

/* The lock is the session's, since it spans several transactions.  Waiting
 * for a table that is in use is bounded after it: an ALTER TABLE that waits
 * holds up everybody behind it. */
static const char lock_sql[] = "set client_min_messages = warning;"
			       "set lock_timeout = 0;"
			       "select pg_advisory_lock(6649697, 1);"
			       "set lock_timeout = '10s';"
			       "set check_function_bodies = off";
static const char unlock_sql[] = "select pg_advisory_unlock(6649697, 1)";

static enum err
apply_bookkeeping(struct run *r)
{
	const struct sql_file *f = file_named(FILE_BOOKKEEPING);
	enum err e;

	BUG_ON(f == NULL);
	e = script(r, f->text);
	if (e != ERR_OK)
		err_where(r->ei, "sql/%s", f->path);
	return e;
}

static enum err
apply_all(struct run *r)
{
	char line[LINE_MAX_LEN];
	enum err e;

	e = apply_bookkeeping(r);
	if (e == ERR_OK)
		e = apply_migrations(r);
	if (e == ERR_OK)
		e = apply_changed(r, DIR_FUNCTIONS);
	if (e == ERR_OK)
		e = apply_changed(r, DIR_VIEWS);
	if (e == ERR_OK)
		e = apply_grants(r);
	if (e == ERR_OK)
		e = script(r, "select ewa.make_partitions()");
	if (e != ERR_OK)
		return e;
	snprintf(line, sizeof(line), "%d, %s", migrate_version(),
	    r->changes > 0 ? "up to date now" : "nothing to do");
	say(r, "schema version", line);
	return ERR_OK;
}

enum err
migrate_apply(struct pg *pg, int64_t deadline_ms,
    void (*said)(const char *line), struct errinfo *ei)
{
	struct run r = {
	    .pg = pg, .deadline_ms = deadline_ms, .said = said, .ei = ei};
	enum err e;

	e = pg_open(pg, deadline_ms, ei);
	if (e == ERR_OK)
		e = script(&r, lock_sql);
	if (e != ERR_OK)
		return e;
	e = apply_all(&r);
	if (pg_is_open(pg))
		pg_script(pg, unlock_sql, deadline_ms, NULL);
	return e;
}

static const struct pg_stmt current_version = {
    "current_version", "select coalesce(max(version), 0) from ewa.migration"};

enum err
migrate_current(
    struct pg *pg, int64_t deadline_ms, int *version, struct errinfo *ei)
{
	PGresult *res;
	enum err e;

	*version = 0;
	e = pg_open(pg, deadline_ms, ei);
	if (e == ERR_OK)
		e = pg_query(pg, &current_version, NULL, deadline_ms, &res, ei);
	if (e != ERR_OK) {
		const char *state = pg_sqlstate(pg);

		/* no such table, no such schema: nothing was applied yet */
		if (e != ERR_UNAVAILABLE && (strcmp(state, "42P01") == 0 ||
						strcmp(state, "3F000") == 0))
			return ERR_OK;
		return e;
	}
	*version = pg_int4(res, 0, 0);
	PQclear(res);
	return ERR_OK;
}
