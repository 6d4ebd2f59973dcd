#include "config.h"

#include "store/fleet.h"

#include "store/pgval.h"

static const struct pg_stmt dispatcher_seen = {"dispatcher_seen",
    "select exists (select from ewa.process"
    " where program = 'ewa-dispatcher'"
    " and seen_at > now() - $1 * interval '1 s')"};

enum err
fleet_dispatcher_seen(
    struct pg *pg, int64_t deadline_ms, bool *seen, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *res;
	enum err e;

	pg_params_init(&p);
	pg_add_int4(&p, FLEET_SEEN_WITHIN_S);
	e = pg_query(pg, &dispatcher_seen, &p, deadline_ms, &res, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	*seen = pg_bool(res, 0, 0);
	PQclear(res);
	return ERR_OK;
}
