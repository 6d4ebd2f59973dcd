#include "config.h"

#include "responder/app.h"
#include "store/fleet.h"
#include "store/migrate.h"

static enum err
check_ready(struct exchange *x, struct errinfo *ei)
{
	struct pg *pg;
	int version;
	bool seen;
	enum err e;

	e = pool_get(x->app->pool, x->give_up_ms, &pg, ei);
	if (e != ERR_OK)
		return e;
	e = migrate_current(pg, x->give_up_ms, &version, ei);
	if (e == ERR_OK)
		e = fleet_dispatcher_seen(pg, x->give_up_ms, &seen, ei);
	pool_put(x->app->pool, pg);
	if (e != ERR_OK)
		return e;
	if (version != migrate_version())
		return err_set(ei, ERR_UNAVAILABLE,
		    "the database's schema is version %d, this program's %d: "
		    "run ewactl migrate",
		    version, migrate_version());
	if (!seen)
		return err_set(ei, ERR_UNAVAILABLE,
		    "no ewa-dispatcher has been seen for %d s",
		    FLEET_SEEN_WITHIN_S);
	return ERR_OK;
}

void
health_serve(struct exchange *x)
{
	bool ready = x->route.kind == ROUTE_READY;
	struct errinfo ei;

	if (x->method != HTTP_GET && x->method != HTTP_HEAD) {
		exchange_not_allowed(x, "GET, HEAD");
		return;
	}
	if (ready && check_ready(x, &ei) != ERR_OK) {
		/* whatever it is, we can't serve */
		ei.code = ERR_UNAVAILABLE;
		exchange_fail(x, &ei);
		return;
	}
	http_start(x->answer, HTTP_OK);
	buf_addf(http_json(x->answer), "{\"status\":\"%s\"}\n",
	    ready ? "ready" : "alive");
	exchange_send(x);
}
