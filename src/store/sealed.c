#include "config.h"

#include "store/sealed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/pgval.h"

#define BATCH 200
#define VALUE_MAX ((size_t)1 << 20)

/* The id of the key that a value names. */
#define KEY_OF "substr(sealed, 3, get_byte(sealed, 1))"

/*
 * Read: rows above $1 that are not sealed with the key $2, with a number that
 * orders them and the context that they are bound to.  Write: $1 the number,
 * $2 the old value, $3 the new one.  Count: how many by key.
 */
#define TABLE(label, table, number, bound)                                    \
	{                                                                     \
		label, #table,                                                \
		    {"sealed_read_" #table,                                   \
			"select " number ", " bound                           \
			", sealed from ewa." #table " where " number          \
			" > $1 and sealed is not null"                        \
			" and " KEY_OF " <> $2 order by 1 limit $3"},         \
		    {"sealed_write_" #table,                                  \
			"update ewa." #table " set sealed = $3 where " number \
			" = $1 and sealed = $2"},                             \
		{                                                             \
			"sealed_count_" #table,                               \
			    "select convert_from(" KEY_OF ", 'UTF8'),"        \
			    " count(*) from ewa." #table                      \
			    " where sealed is not null group by 1 order by 1" \
		}                                                             \
	}

/* Positions of headers are below 64. */
static const struct sealed_table {
	const char *label;
	const char *table;
	struct pg_stmt read, write, count;
} tables[] = {
    TABLE("reply header", integration_header,
	"(integration_id::int8 * 64 + position)",
	"'reply-header:' || integration_id || ':' || lower(name collate "
	"\"C\")"),
    TABLE("signing secret", integration_signing_secret, "id::int8",
	"'signing-secret:' || integration_id"),
    TABLE("reply secret", integration_reply_secret, "id::int8",
	"'reply-secret:' || integration_id || ':' || kind"),
    TABLE("automation header", automation_header,
	"(automation_id::int8 * 64 + position)",
	"'automation-header:' || automation_id || ':'"
	" || lower(name collate \"C\")"),
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

/* MACs, of what still counts. */
static const struct mac_table {
	const char *label;
	const char *table;
	struct pg_stmt count;
} macs[] = {
    {"platform token", "integration_token",
     {"macs_integration_token",
	    "select key_id, count(*) from ewa.integration_token"
	    " where expires_at is null or expires_at > now()"
	    " group by 1 order by 1"}				      },
    {"API token",      "api_token",
     {"macs_api_token", "select key_id, count(*) from ewa.api_token"
			   " where revoked_at is null"
			   " and (expires_at is null or expires_at > now())"
			   " group by 1 order by 1"}                       },
    {"session",        "session",
     {"macs_session", "select key_id, count(*) from ewa.session"
			 " where expires_at > now() group by 1 order by 1"}},
};

#define MACS (sizeof(macs) / sizeof(macs[0]))

static const struct pg_stmt exists_stmt = {"sealed_exists",
    "select to_regclass('ewa.' || quote_ident($1)) is not null"};

static const struct pg_stmt audit_stmt = {"sealed_audit",
    "insert into ewa.audit (actor, action, detail)"
    " values ($1, 'secrets.rekey', json_build_object("
    "'key', $2::text, 'resealed', $3::int8, 'failed', $4::int8))"};

static enum err
table_exists(struct pg *pg, const char *table, int64_t deadline_ms, bool *yes,
    struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	pg_add_text(&p, table);
	e = pg_query(pg, &exists_stmt, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	*yes = pg_bool(r, 0, 0);
	PQclear(r);
	return ERR_OK;
}

/* ---- sealing anew ----------------------------------------------------------
 */

static enum err
write_value(struct pg *pg, const struct sealed_table *t, int64_t number,
    const void *old, size_t old_len, const struct buf *fresh,
    int64_t deadline_ms, bool *done, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	pg_add_int8(&p, number);
	pg_add_bytes(&p, PG_BYTEA, old, old_len);
	pg_add_bytes(&p, PG_BYTEA, fresh->data, fresh->len);
	e = pg_query(pg, &t->write, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	*done = strcmp(PQcmdTuples(r), "1") == 0;
	PQclear(r);
	return ERR_OK;
}

static enum err
reseal(struct sealed_run *r, struct pg *pg, const struct keyring *keys,
    const PGresult *rows, int row,
    void (*said)(const char *what, const char *why), int64_t deadline_ms,
    struct errinfo *ei)
{
	const struct sealed_table *t = &tables[r->table];
	char *context = pg_text(rows, row, 1);
	struct buf value, fresh;
	struct errinfo why;
	const char *sealed;
	bool done = false;
	enum err e = ERR_OK;
	size_t n;

	sealed = pg_bytes(rows, row, 2, &n);
	buf_init(&value, VALUE_MAX);
	buf_init(&fresh, VALUE_MAX + CRYPTO_SEALED_OVERHEAD);
	if (keyring_open(keys, context, sealed, n, &value, &why) != ERR_OK) {
		r->failed++;
		said(context, why.detail);
	} else {
		keyring_seal(keys, context, value.data, value.len, &fresh);
		BUG_ON(buf_failed(&fresh));
		e = write_value(pg, t, pg_int8(rows, row, 0), sealed, n, &fresh,
		    deadline_ms, &done, ei);
	}
	r->resealed += done;
	mem_wipe(value.data, value.len);
	buf_fini(&value);
	buf_fini(&fresh);
	free(context);
	return e;
}

static void
next_table(struct sealed_run *r)
{
	r->after = 0;
	r->over = ++r->table == TABLES;
}

static enum err
step_table(struct sealed_run *r, struct pg *pg, const struct keyring *keys,
    void (*said)(const char *what, const char *why), int64_t deadline_ms,
    struct errinfo *ei)
{
	const char *current = keyring_id(keys, 0);
	struct pg_params p;
	PGresult *rows;
	enum err e;
	int n;

	pg_params_init(&p);
	pg_add_int8(&p, r->after);
	pg_add_bytes(&p, PG_BYTEA, current, strlen(current));
	pg_add_int8(&p, BATCH);
	e = pg_query(pg, &tables[r->table].read, &p, deadline_ms, &rows, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	n = PQntuples(rows);
	for (int row = 0; row < n && e == ERR_OK; row++) {
		e = reseal(r, pg, keys, rows, row, said, deadline_ms, ei);
		if (e == ERR_OK)
			r->after = pg_int8(rows, row, 0);
	}
	PQclear(rows);
	if (e == ERR_OK && n < BATCH)
		next_table(r);
	return e;
}

enum err
sealed_step(struct sealed_run *r, struct pg *pg, const struct keyring *keys,
    void (*said)(const char *what, const char *why), int64_t deadline_ms,
    struct errinfo *ei)
{
	bool there = true;
	enum err e = ERR_OK;

	if (r->after == 0)
		e = table_exists(
		    pg, tables[r->table].table, deadline_ms, &there, ei);
	if (e != ERR_OK)
		return e;
	if (there)
		return step_table(r, pg, keys, said, deadline_ms, ei);
	next_table(r);
	return ERR_OK;
}

/* ---- who uses what ---------------------------------------------------------
 */

static enum err
count(struct pg *pg, const char *label, const char *table,
    const struct pg_stmt *stmt,
    void (*said)(
	void *arg, const char *key_id, const char *what, int64_t count),
    void *arg, int64_t deadline_ms, struct errinfo *ei)
{
	bool there = false;
	PGresult *r;
	enum err e = table_exists(pg, table, deadline_ms, &there, ei);

	if (e != ERR_OK || !there)
		return e;
	e = pg_query(pg, stmt, NULL, deadline_ms, &r, ei);
	if (e != ERR_OK)
		return e;
	for (int row = 0; row < PQntuples(r); row++) {
		char *key_id = pg_text(r, row, 0);

		said(arg, key_id, label, pg_int8(r, row, 1));
		free(key_id);
	}
	PQclear(r);
	return ERR_OK;
}

enum err
sealed_uses(struct pg *pg,
    void (*said)(
	void *arg, const char *key_id, const char *what, int64_t count),
    void *arg, int64_t deadline_ms, struct errinfo *ei)
{
	enum err e = ERR_OK;

	for (size_t n = 0; n < TABLES && e == ERR_OK; n++)
		e = count(pg, tables[n].label, tables[n].table,
		    &tables[n].count, said, arg, deadline_ms, ei);
	for (size_t n = 0; n < MACS && e == ERR_OK; n++)
		e = count(pg, macs[n].label, macs[n].table, &macs[n].count,
		    said, arg, deadline_ms, ei);
	return e;
}

enum err
sealed_audit(struct pg *pg, const char *actor, const char *key_id,
    int64_t resealed, int64_t failed, int64_t deadline_ms, struct errinfo *ei)
{
	struct pg_params p;
	enum err e;

	pg_params_init(&p);
	pg_add_text(&p, actor);
	pg_add_text(&p, key_id);
	pg_add_int8(&p, resealed);
	pg_add_int8(&p, failed);
	e = pg_query(pg, &audit_stmt, &p, deadline_ms, NULL, ei);
	pg_params_fini(&p);
	return e;
}
