#include "config.h"

#include "store/fleet.h"

#include <stdlib.h>

#include "store/pgval.h"

static const struct pg_stmt beat_stmt = {"fleet_beat",
    "insert into ewa.process (owner, program, host, pid, version)"
    " values ($1, $2, $3, $4, $5)"
    " on conflict (owner) do update set seen_at = now()"};

static const struct pg_stmt leave_stmt = {"fleet_leave",
    "delete from ewa.process where owner = $1"
    " or seen_at < now() - $2 * interval '1 second'"};

static const struct pg_stmt make_stmt = {
    "fleet_make_partitions", "select ewa.make_partitions($1)"};

static const struct pg_stmt drop_stmt = {"fleet_drop_partitions",
    "select day::text, reason"
    " from ewa.drop_partitions($1 * interval '1 millisecond')"};

static const struct pg_stmt repeats_stmt = {
    "fleet_drop_repeats", "select ewa.drop_repeats($1)"};

static const struct pg_stmt tally_stmt = {
    "fleet_tally_events", "select ewa.tally_events($1)"};

enum err
fleet_beat(struct pg *pg, const struct uuid *owner, const char *program,
    const char *host, int pid, const char *version, int64_t deadline_ms,
    struct errinfo *ei)
{
	struct pg_params p;
	enum err e;

	pg_params_init(&p);
	pg_add_uuid(&p, owner);
	pg_add_text(&p, program);
	pg_add_text(&p, host);
	pg_add_int4(&p, pid);
	pg_add_text(&p, version);
	e = pg_query(pg, &beat_stmt, &p, deadline_ms, NULL, ei);
	pg_params_fini(&p);
	return e;
}

enum err
fleet_leave(struct pg *pg, const struct uuid *owner, int64_t deadline_ms,
    struct errinfo *ei)
{
	struct pg_params p;
	enum err e;

	pg_params_init(&p);
	pg_add_uuid(&p, owner);
	pg_add_int8(&p, FLEET_FORGET_S);
	e = pg_query(pg, &leave_stmt, &p, deadline_ms, NULL, ei);
	pg_params_fini(&p);
	return e;
}

/* A function of one integer that returns one. */
static enum err
call_int(struct pg *pg, const struct pg_stmt *stmt, int arg,
    int64_t deadline_ms, int *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r = NULL;
	enum err e;

	pg_params_init(&p);
	pg_add_int4(&p, arg);
	e = pg_query(pg, stmt, &p, deadline_ms, &r, ei);
	if (e == ERR_OK)
		*out = pg_int4(r, 0, 0);
	PQclear(r);
	pg_params_fini(&p);
	return e;
}

enum err
fleet_make_partitions(struct pg *pg, int days_ahead, int64_t deadline_ms,
    int *made, struct errinfo *ei)
{
	return call_int(pg, &make_stmt, days_ahead, deadline_ms, made, ei);
}

enum err
fleet_drop_repeats(struct pg *pg, int max, int64_t deadline_ms, int *dropped,
    struct errinfo *ei)
{
	return call_int(pg, &repeats_stmt, max, deadline_ms, dropped, ei);
}

enum err
fleet_tally_events(struct pg *pg, int most, int64_t deadline_ms, int *slots,
    struct errinfo *ei)
{
	return call_int(pg, &tally_stmt, most, deadline_ms, slots, ei);
}

enum err
fleet_drop_partitions(struct pg *pg, int64_t retention_ms, int64_t deadline_ms,
    void (*said)(const char *day, const char *why), struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r = NULL;
	enum err e;

	pg_params_init(&p);
	pg_add_int8(&p, retention_ms);
	e = pg_query(pg, &drop_stmt, &p, deadline_ms, &r, ei);
	for (int i = 0; r != NULL && i < PQntuples(r); i++) {
		char *day = pg_text(r, i, 0), *why = pg_text(r, i, 1);

		said(day, why);
		free(day);
		free(why);
	}
	PQclear(r);
	pg_params_fini(&p);
	return e;
}

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
