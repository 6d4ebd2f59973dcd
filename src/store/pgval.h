/*
 * Statements, binary parameters and binary results; for the store's own
 * files only.
 *
 * Parameters and results are in PostgreSQL's binary format, so bytes need no
 * escaping and may hold NUL.  Text parameters must be UTF-8 without NUL (the
 * caller's checks see to it).  A PGresult lives in the function that got it;
 * rows become structs there.
 */
#ifndef EWA_STORE_PGVAL_H
#define EWA_STORE_PGVAL_H

#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/uuid7.h"
#include "store/pg.h"

/* Type OIDs (pg_type.dat; they never change). */
enum pg_oid {
	PG_BOOL = 16,
	PG_BYTEA = 17,
	PG_INT8 = 20,
	PG_INT2 = 21,
	PG_INT4 = 23,
	PG_TEXT = 25,
	PG_JSON = 114,
	PG_FLOAT8 = 701,
	PG_BOOL_ARRAY = 1000,
	PG_BYTEA_ARRAY = 1001,
	PG_INT2_ARRAY = 1005,
	PG_INT4_ARRAY = 1007,
	PG_TEXT_ARRAY = 1009,
	PG_INT8_ARRAY = 1016,
	PG_TIMESTAMPTZ = 1184,
	PG_TIMESTAMPTZ_ARRAY = 1185,
	PG_UUID = 2950,
	PG_UUID_ARRAY = 2951
};

/* A statement is prepared once a connection, under its name. */
struct pg_stmt {
	const char *name;
	const char *sql;
};

#define PG_PARAMS_MAX 48
#define PG_PARAM_BYTES_MAX ((size_t)256 << 20)

/* The parameters of one call, in order.  pg_params_init, add, use, fini (or
 * reset to use its memory again).  Values are copied. */
struct pg_params {
	int count;
	Oid types[PG_PARAMS_MAX];
	size_t offsets[PG_PARAMS_MAX];
	int lengths[PG_PARAMS_MAX]; /* -1 is NULL */
	struct buf bytes;
};

void pg_params_init(struct pg_params *p);
void pg_params_reset(struct pg_params *p);
void pg_params_fini(struct pg_params *p);

void pg_add_null(struct pg_params *p, enum pg_oid type);
void pg_add_bool(struct pg_params *p, bool v);
void pg_add_int2(struct pg_params *p, int16_t v);
void pg_add_int4(struct pg_params *p, int32_t v);
void pg_add_int8(struct pg_params *p, int64_t v);
void pg_add_text(struct pg_params *p, const char *s); /* NULL is NULL */
void pg_add_bytes(struct pg_params *p, enum pg_oid type, const void *d,
    size_t n); /* bytea, text, json */
void pg_add_uuid(struct pg_params *p, const struct uuid *u); /* NULL is NULL */
void pg_add_time(
    struct pg_params *p, int64_t unix_us); /* INT64_MAX, MIN: infinity */

/* One-dimensional arrays: begin, then exactly `count` elements of the
 * element type, then end. */
void pg_array_begin(struct pg_params *p, enum pg_oid element, size_t count);
void pg_elem_null(struct pg_params *p);
void pg_elem_bool(struct pg_params *p, bool v);
void pg_elem_int2(struct pg_params *p, int16_t v);
void pg_elem_int4(struct pg_params *p, int32_t v);
void pg_elem_int8(struct pg_params *p, int64_t v);
void pg_elem_text(struct pg_params *p, const char *s); /* NULL is NULL */
void pg_elem_bytes(struct pg_params *p, const void *d, size_t n);
void pg_elem_uuid(struct pg_params *p, const struct uuid *u);
void pg_elem_time(struct pg_params *p, int64_t unix_us);
void pg_array_end(struct pg_params *p);

/* ---- running, blocking with a deadline -------------------------------- */

/*
 * Prepare if this connection hasn't, execute, and wait for the very end of
 * the command: only then has its transaction committed.  *out (may be NULL)
 * is the result, to be PQclear'ed.  Errors: ERR_UNAVAILABLE (connection,
 * resources, read-only, shutdown, deadline), ERR_CONFLICT (unique),
 * ERR_INVALID (data), ERR_INTERNAL (anything else); pg_sqlstate tells more.
 * params NULL: none.  The connection must be open.
 */
enum err pg_query(struct pg *pg, const struct pg_stmt *stmt,
    const struct pg_params *params, int64_t deadline_ms, PGresult **out,
    struct errinfo *ei);

/* pg_query in two halves, so that the caller can do other work while the
 * server does its own.  Between them nothing else may be run on pg. */
enum err pg_start(struct pg *pg, const struct pg_stmt *stmt,
    const struct pg_params *params, int64_t deadline_ms, struct errinfo *ei);
enum err pg_finish(
    struct pg *pg, int64_t deadline_ms, PGresult **out, struct errinfo *ei);

/* Several commands of ours in one string, without parameters or results
 * (begin, commit, a migration). */
enum err pg_script(
    struct pg *pg, const char *sql, int64_t deadline_ms, struct errinfo *ei);

/* The SQLSTATE of the last error, "" if there was none to have. */
const char *pg_sqlstate(const struct pg *pg);

/* ---- running, in pieces (the caller waits on pg_fd) -------------------- */

/* Send prepare (if needed) and execute, for pipeline mode.  *results says how
 * many results with an end (NULL) of their own will come before the next
 * statement's. */
enum err pg_send(struct pg *pg, const struct pg_stmt *stmt,
    const struct pg_params *params, int *results, struct errinfo *ei);

/* Forget that stmt was prepared: its preparation failed. */
void pg_forget(struct pg *pg, const struct pg_stmt *stmt);

PGconn *pg_conn(struct pg *pg);

/* The error of a result (or of the connection when res is NULL). */
enum err pg_error(struct pg *pg, const PGresult *res, struct errinfo *ei);

/* ---- results ----------------------------------------------------------- */

bool pg_null(const PGresult *r, int row, int col);
bool pg_bool(const PGresult *r, int row, int col);
int16_t pg_int2(const PGresult *r, int row, int col);
int32_t pg_int4(const PGresult *r, int row, int col);
int64_t pg_int8(const PGresult *r, int row, int col);
double pg_float8(const PGresult *r, int row, int col);
char *pg_text(const PGresult *r, int row, int col); /* new; NULL is NULL */
const char *pg_bytes(const PGresult *r, int row, int col, size_t *n);
void pg_uuid(const PGresult *r, int row, int col, struct uuid *out);
int64_t pg_time(
    const PGresult *r, int row, int col); /* unix us; infinity as above */
/* The 8 bytes of a timestamptz inside a record. */
int64_t pg_time_of(const char *bytes);

#endif
