#include "config.h"

#include "store/pg.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/pg_impl.h"

#define PG_CONNECT_TIMEOUT "5" /* seconds a host, libpq's own bound */

struct pg *
pg_new(const char *conninfo, const char *user, const char *program)
{
	struct pg *pg = mem_zalloc(sizeof(*pg));

	pg->conninfo = mem_strdup(conninfo);
	pg->user = mem_strdup(user);
	pg->program = mem_strdup(program);
	return pg;
}

void
pg_free(struct pg *pg)
{
	if (pg == NULL)
		return;
	pg_close(pg);
	mem_free_secret(pg->conninfo); /* may hold a password */
	free(pg->user);
	free(pg->program);
	free(pg);
}

void
pg_close(struct pg *pg)
{
	PQfinish(pg->conn);
	pg->conn = NULL;
	pg->ready = false;
	pg->prepared_count = 0;
}

bool
pg_is_open(const struct pg *pg)
{
	return pg->ready;
}

int
pg_fd(const struct pg *pg)
{
	return pg->conn != NULL ? PQsocket(pg->conn) : -1;
}

uint64_t
pg_generation(const struct pg *pg)
{
	return pg->generation;
}

PGconn *
pg_conn(struct pg *pg)
{
	return pg->conn;
}

const char *
pg_sqlstate(const struct pg *pg)
{
	return pg->sqlstate;
}

/* ---- errors -------------------------------------------------------------- */

/* Prefixes of SQLSTATEs, the longer before the shorter. */
static const struct {
	const char *prefix;
	enum err code;
} states[] = {
    {"08",    ERR_UNAVAILABLE}, /* connection */
    {"25006", ERR_UNAVAILABLE}, /* read-only: a standby, a failover */
    {"53",    ERR_UNAVAILABLE}, /* disk, memory, connections */
    {"57P",   ERR_UNAVAILABLE}, /* shutdown, crash, starting up */
    {"57014", ERR_UNAVAILABLE}, /* cancelled: a timeout */
    {"58",    ERR_UNAVAILABLE}, /* system error */
    {"40",    ERR_UNAVAILABLE}, /* rolled back: deadlock, serialization */
    {"55P03", ERR_UNAVAILABLE}, /* lock not available */
    {"23505", ERR_CONFLICT   },
    {"22",    ERR_INVALID    },
    {"23",    ERR_INVALID    },
};

static enum err
code_of(const char *sqlstate)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strncmp(sqlstate, states[i].prefix,
			strlen(states[i].prefix)) == 0)
			return states[i].code;
	return ERR_INTERNAL;
}

/* libpq's message in one line. */
static void
one_line(char *s)
{
	size_t n = strlen(s);

	while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == ' '))
		s[--n] = '\0';
	for (; *s != '\0'; s++)
		if (*s == '\n')
			*s = ' ';
}

enum err
pg_error(struct pg *pg, const PGresult *res, struct errinfo *ei)
{
	const char *state = NULL;
	const char *text;
	enum err code;

	if (res != NULL)
		state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	snprintf(pg->sqlstate, sizeof(pg->sqlstate), "%s",
	    state != NULL ? state : "");
	if (state != NULL) {
		/* the primary message only: DETAIL may hold row values */
		text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
		code = code_of(state);
	} else {
		text = pg->conn != NULL ? PQerrorMessage(pg->conn) : "";
		code = ERR_UNAVAILABLE;
	}
	err_set(ei, code, "database: %s",
	    text != NULL && *text != '\0' ? text : "connection lost");
	if (ei != NULL) {
		one_line(ei->detail);
		if (state != NULL)
			err_where(ei, "SQLSTATE %s", state);
	}
	return code;
}

enum err
pg_lost(struct pg *pg, struct errinfo *ei)
{
	enum err e = pg_error(pg, NULL, ei);

	pg_close(pg);
	return e;
}

enum err
pg_too_late(struct pg *pg, struct errinfo *ei)
{
	pg_close(pg);
	pg->sqlstate[0] = '\0';
	return err_set(
	    ei, ERR_UNAVAILABLE, "database: no answer within the time allowed");
}

/* ---- connecting -----------------------------------------------------------
 */

/* What the server says besides, such as why it ends a session, is a line of
 * our log: libpq itself would write it to stderr as it came. */
static void
notice(void *arg, const char *text)
{
	char line[256];

	(void)arg;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\n"), text);
	log_info(F_STR("msg", "the database says"), F_STR("text", line));
}

enum pg_wait
pg_open_start(struct pg *pg, struct errinfo *ei)
{
	const char *keys[] = {"dbname", "user", "client_encoding",
	    "fallback_application_name", "connect_timeout", NULL};
	const char *values[] = {pg->conninfo, pg->user, "UTF8", pg->program,
	    PG_CONNECT_TIMEOUT, NULL};

	/* an empty user would override the connection string's */
	if (*pg->user == '\0')
		values[1] = NULL;
	pg_close(pg);
	pg->conn = PQconnectStartParams(keys, values, 1);
	if (pg->conn == NULL || PQstatus(pg->conn) == CONNECTION_BAD) {
		pg_lost(pg, ei);
		return PG_LOST;
	}
	PQsetNoticeProcessor(pg->conn, notice, NULL);
	return PG_WAIT_WRITE; /* as libpq says: begin as if it wanted to write
			       */
}

enum pg_wait
pg_open_step(struct pg *pg, struct errinfo *ei)
{
	switch (PQconnectPoll(pg->conn)) {
	case PGRES_POLLING_READING:
		return PG_WAIT_READ;
	case PGRES_POLLING_WRITING:
		return PG_WAIT_WRITE;
	case PGRES_POLLING_OK:
		break;
	case PGRES_POLLING_FAILED:
	case PGRES_POLLING_ACTIVE:
	default:
		pg_lost(pg, ei);
		return PG_LOST;
	}
	if (PQsetnonblocking(pg->conn, 1) != 0) {
		pg_lost(pg, ei);
		return PG_LOST;
	}
	pg->ready = true;
	pg->generation++;
	return PG_READY;
}

bool
pg_wait_socket(struct pg *pg, short events, int64_t deadline_ms)
{
	struct pollfd p = {.fd = pg_fd(pg), .events = events};

	for (;;) {
		int64_t left = deadline_ms - clock_mono_ms();
		int n;

		if (left <= 0)
			return false;
		n = poll(&p, 1, left > 60000 ? 60000 : (int)left);
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return true; /* let libpq find out */
	}
}

enum err
pg_open(struct pg *pg, int64_t deadline_ms, struct errinfo *ei)
{
	enum pg_wait w;

	if (pg->ready)
		return ERR_OK;
	w = pg_open_start(pg, ei);
	while (w == PG_WAIT_READ || w == PG_WAIT_WRITE) {
		if (!pg_wait_socket(
			pg, w == PG_WAIT_READ ? POLLIN : POLLOUT, deadline_ms))
			return pg_too_late(pg, ei);
		w = pg_open_step(pg, ei);
	}
	return w == PG_READY ? ERR_OK : ERR_UNAVAILABLE;
}

/* ---- notifications ----------------------------------------------------------
 */

static enum err
channel_command(struct pg *pg, const char *verb, const char *channel,
    int64_t deadline_ms, struct errinfo *ei)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "%s %s", verb, channel);
	return pg_script(pg, sql, deadline_ms, ei);
}

enum err
pg_listen(
    struct pg *pg, const char *channel, int64_t deadline_ms, struct errinfo *ei)
{
	return channel_command(pg, "listen", channel, deadline_ms, ei);
}

enum err
pg_notify(
    struct pg *pg, const char *channel, int64_t deadline_ms, struct errinfo *ei)
{
	return channel_command(pg, "notify", channel, deadline_ms, ei);
}

enum err
pg_ping(struct pg *pg, int64_t deadline_ms, struct errinfo *ei)
{
	return pg_script(pg, "select 1", deadline_ms, ei);
}

static bool
readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

int
pg_notified(struct pg *pg)
{
	PGnotify *n;
	int count = pg->notified;

	pg->notified = 0;
	if (!pg->ready)
		return -1;
	/* A backend's last words are read like any others: only the read after
	 * them finds that it has gone. */
	do {
		if (PQconsumeInput(pg->conn) == 0 || PQsocket(pg->conn) < 0 ||
		    PQstatus(pg->conn) == CONNECTION_BAD) {
			pg_close(pg);
			return -1;
		}
	} while (readable(PQsocket(pg->conn)));
	while ((n = PQnotifies(pg->conn)) != NULL) {
		PQfreemem(n);
		count++;
	}
	return count;
}
