#include "config.h"

#include "store/pg_impl.h"

#include <poll.h>

static bool
is_prepared(const struct pg *pg, const struct pg_stmt *stmt)
{
	for (size_t i = 0; i < pg->prepared_count; i++)
		if (pg->prepared[i] == stmt)
			return true;
	return false;
}

void
pg_forget(struct pg *pg, const struct pg_stmt *stmt)
{
	for (size_t i = 0; i < pg->prepared_count; i++)
		if (pg->prepared[i] == stmt) {
			pg->prepared[i] = pg->prepared[--pg->prepared_count];
			return;
		}
}

static int
send_prepare(
    struct pg *pg, const struct pg_stmt *stmt, const struct pg_params *params)
{
	BUG_ON(pg->prepared_count == PG_STMTS_MAX);
	pg->prepared[pg->prepared_count++] = stmt;
	return PQsendPrepare(pg->conn, stmt->name, stmt->sql,
	    params != NULL ? params->count : 0,
	    params != NULL ? params->types : NULL);
}

static int
send_execute(
    struct pg *pg, const struct pg_stmt *stmt, const struct pg_params *params)
{
	const char *values[PG_PARAMS_MAX];
	int formats[PG_PARAMS_MAX];
	int n = params != NULL ? params->count : 0;

	for (int i = 0; i < n; i++) {
		values[i] = params->lengths[i] < 0
				? NULL
				: params->bytes.data + params->offsets[i];
		formats[i] = 1;
	}
	return PQsendQueryPrepared(pg->conn, stmt->name, n, values,
	    params != NULL ? params->lengths : NULL, formats, 1);
}

enum err
pg_send(struct pg *pg, const struct pg_stmt *stmt,
    const struct pg_params *params, int *results, struct errinfo *ei)
{
	*results = 1;
	if (!is_prepared(pg, stmt)) {
		*results = 2;
		if (send_prepare(pg, stmt, params) == 0)
			return pg_lost(pg, ei);
	}
	if (send_execute(pg, stmt, params) == 0)
		return pg_lost(pg, ei);
	return ERR_OK;
}

static bool
flush(struct pg *pg, int64_t deadline_ms)
{
	int r;

	while ((r = PQflush(pg->conn)) == 1) {
		if (!pg_wait_socket(pg, POLLIN | POLLOUT, deadline_ms))
			return false;
		if (PQconsumeInput(pg->conn) == 0)
			return true; /* PQgetResult will tell */
	}
	return true;
}

static void
count_notifications(struct pg *pg)
{
	PGnotify *n;

	while ((n = PQnotifies(pg->conn)) != NULL) {
		PQfreemem(n);
		pg->notified++;
	}
}

/* All results of one command, to its end; the last that is no NULL. */
static enum err
collect(struct pg *pg, int64_t deadline_ms, PGresult **last, struct errinfo *ei)
{
	PGresult *res;

	*last = NULL;
	if (!flush(pg, deadline_ms))
		return pg_too_late(pg, ei);
	for (;;) {
		while (PQisBusy(pg->conn) != 0) {
			if (!pg_wait_socket(pg, POLLIN, deadline_ms))
				goto late;
			if (PQconsumeInput(pg->conn) == 0)
				goto dead;
		}
		count_notifications(pg);
		res = PQgetResult(pg->conn);
		if (res == NULL)
			break;
		/* an error stays the answer whatever follows it */
		if (*last != NULL &&
		    PQresultStatus(*last) == PGRES_FATAL_ERROR) {
			PQclear(res);
			continue;
		}
		PQclear(*last);
		*last = res;
	}
	if (PQstatus(pg->conn) == CONNECTION_BAD || *last == NULL)
		goto dead;
	return ERR_OK;
late:
	PQclear(*last);
	*last = NULL;
	return pg_too_late(pg, ei);
dead:
	/* a FATAL that came first says more than "connection lost" */
	if (*last != NULL && PQresultStatus(*last) == PGRES_FATAL_ERROR) {
		pg_error(pg, *last, ei);
		pg_close(pg);
	} else {
		pg_lost(pg, ei);
	}
	PQclear(*last);
	*last = NULL;
	return ERR_UNAVAILABLE;
}

enum err
pg_finish(
    struct pg *pg, int64_t deadline_ms, PGresult **out, struct errinfo *ei)
{
	PGresult *res;
	ExecStatusType st;
	enum err e;

	e = collect(pg, deadline_ms, &res, ei);
	if (e != ERR_OK)
		return e;
	st = PQresultStatus(res);
	if (st != PGRES_TUPLES_OK && st != PGRES_COMMAND_OK) {
		e = pg_error(pg, res, ei);
		PQclear(res);
		return e;
	}
	if (out != NULL)
		*out = res;
	else
		PQclear(res);
	return ERR_OK;
}

enum err
pg_start(struct pg *pg, const struct pg_stmt *stmt,
    const struct pg_params *params, int64_t deadline_ms, struct errinfo *ei)
{
	enum err e;

	if (!pg->ready)
		return pg_lost(pg, ei);
	if (!is_prepared(pg, stmt)) {
		if (send_prepare(pg, stmt, params) == 0)
			return pg_lost(pg, ei);
		e = pg_finish(pg, deadline_ms, NULL, ei);
		if (e != ERR_OK) {
			pg_forget(pg, stmt);
			return e;
		}
	}
	if (send_execute(pg, stmt, params) == 0 || PQflush(pg->conn) < 0)
		return pg_lost(pg, ei);
	return ERR_OK;
}

enum err
pg_query(struct pg *pg, const struct pg_stmt *stmt,
    const struct pg_params *params, int64_t deadline_ms, PGresult **out,
    struct errinfo *ei)
{
	enum err e = pg_start(pg, stmt, params, deadline_ms, ei);

	return e == ERR_OK ? pg_finish(pg, deadline_ms, out, ei) : e;
}

enum err
pg_script(
    struct pg *pg, const char *sql, int64_t deadline_ms, struct errinfo *ei)
{
	if (!pg->ready || PQsendQuery(pg->conn, sql) == 0)
		return pg_lost(pg, ei);
	return pg_finish(pg, deadline_ms, NULL, ei);
}
