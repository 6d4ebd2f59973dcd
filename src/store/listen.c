#include "config.h"

#include "store/listen.h"

#include <string.h>

#include "store/pgval.h"

enum err
listen_open(struct pg *pg, int64_t deadline_ms, struct errinfo *ei)
{
	enum err e;

	e = pg_open(pg, deadline_ms, ei);
	if (e == ERR_OK)
		e = pg_listen(pg, "ewa_event", deadline_ms, ei);
	if (e == ERR_OK)
		e = pg_listen(pg, "ewa_settings", deadline_ms, ei);
	if (e == ERR_OK)
		e = pg_listen(pg, "ewa_wait", deadline_ms, ei);
	/* a ring need not wait for the disk */
	if (e == ERR_OK)
		e = pg_script(
		    pg, "set synchronous_commit = off", deadline_ms, ei);
	if (e != ERR_OK)
		pg_close(pg);
	return e;
}

static bool
is_busy(struct pg *pg)
{
	return pg_is_open(pg) &&
	       PQtransactionStatus(pg_conn(pg)) == PQTRANS_ACTIVE;
}

static bool
send(struct pg *pg, const char *sql)
{
	if (pg_is_open(pg) && PQsendQuery(pg_conn(pg), sql) != 0 &&
	    PQflush(pg_conn(pg)) >= 0)
		return true;
	pg_close(pg);
	return false;
}

bool
listen_probe(struct pg *pg)
{
	/* the answer to a ring is as good */
	return is_busy(pg) || send(pg, "select 1");
}

bool
listen_ring(struct pg *pg, bool *rung)
{
	*rung = !is_busy(pg);
	return !*rung || send(pg, "notify ewa_done");
}

static void
take_notifications(PGconn *c, struct listen_news *out)
{
	PGnotify *n;

	while ((n = PQnotifies(c)) != NULL) {
		if (strcmp(n->relname, "ewa_event") == 0)
			out->event = true;
		else if (strcmp(n->relname, "ewa_wait") == 0)
			out->wait = true;
		else
			out->settings = true;
		PQfreemem(n);
	}
}

bool
listen_read(struct pg *pg, struct listen_news *out)
{
	PGconn *c = pg_conn(pg);
	PGresult *res;

	*out = (struct listen_news){.event = false};
	/* after the backend's death the first read may still say all is well;
	 * the socket is gone then */
	if (!pg_is_open(pg) || PQconsumeInput(c) == 0 || PQsocket(c) < 0)
		goto lost;
	take_notifications(c, out);
	while (PQisBusy(c) == 0 && (res = PQgetResult(c)) != NULL) {
		out->answered = true;
		PQclear(res);
		take_notifications(c, out);
	}
	if (PQstatus(c) == CONNECTION_BAD)
		goto lost;
	return true;
lost:
	pg_close(pg);
	return false;
}
