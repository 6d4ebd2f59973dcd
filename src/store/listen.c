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
	if (e != ERR_OK)
		pg_close(pg);
	return e;
}

bool
listen_probe(struct pg *pg)
{
	if (pg_is_open(pg) && PQsendQuery(pg_conn(pg), "select 1") != 0 &&
	    PQflush(pg_conn(pg)) >= 0)
		return true;
	pg_close(pg);
	return false;
}

static void
take_notifications(PGconn *c, struct listen_news *out)
{
	PGnotify *n;

	while ((n = PQnotifies(c)) != NULL) {
		if (strcmp(n->relname, "ewa_event") == 0)
			out->event = true;
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

	*out = (struct listen_news){false, false, false};
	/* after the backend's death the first read may still say all is well;
	 * the socket is gone then */
	if (!pg_is_open(pg) || PQconsumeInput(c) == 0 || PQsocket(c) < 0)
		goto lost;
	take_notifications(c, out);
	while (PQisBusy(c) == 0 && (res = PQgetResult(c)) != NULL) {
		if (PQresultStatus(res) == PGRES_TUPLES_OK)
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
