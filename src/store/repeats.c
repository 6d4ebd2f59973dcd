#include "config.h"

#include "store/repeats.h"

#include "store/pgval.h"

static const struct pg_stmt read_stmt = {"repeats_read",
    "select coalesce(sum(repeats) filter (where hour > now()"
    " - interval '24 hours'), 0)::int8, max(last_at)"
    " from ewa.repeat where integration_id = $1"};

enum err
repeats_read(struct pg *pg, int32_t integration_id, int64_t deadline_ms,
    struct repeats *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *res;
	enum err e;

	pg_params_init(&p);
	pg_add_int4(&p, integration_id);
	e = pg_query(pg, &read_stmt, &p, deadline_ms, &res, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	out->day = pg_int8(res, 0, 0);
	out->last_us = pg_null(res, 0, 1) ? REPEATS_NONE : pg_time(res, 0, 1);
	PQclear(res);
	return ERR_OK;
}
