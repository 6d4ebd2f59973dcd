#include "config.h"

#include "store/integration_page.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/pgval.h"
#include "store/scope.h"
#include "store/tally.h"

#define TEAMS_MAX 1000
#define STR(x) #x
#define XSTR(x) STR(x)
#define CAP XSTR(INTEGRATION_COUNT_MAX)
#define NOTICE "interval '" XSTR(CERTIFICATE_NOTICE_DAYS) " days'"

/* The key that a list is sorted by, as text. */
#define SORT_KEY                                                            \
	"case ltrim($5, '-') when 'created' then"                           \
	"  to_char(i.created_at at time zone 'UTC', 'YYYYMMDDHH24MISSUS')"  \
	" when 'modified' then"                                             \
	"  to_char(i.modified_at at time zone 'UTC', 'YYYYMMDDHH24MISSUS')" \
	" when 'createdBy' then lower(i.created_by)"                        \
	" when 'modifiedBy' then lower(i.modified_by)"                      \
	" when 'enabled' then i.enabled::text"                              \
	" when 'externalSystem' then i.external_system"                     \
	" when 'status' then coalesce(s.state, 'unknown')"                  \
	" else lower(i.name) end"

/* Finished events of today: what is tallied, and what is not yet. */
#define TODAY "date_trunc('day', now(), 'UTC')"
#define REST TALLY_REST(TODAY, "(" TODAY " + interval '1 day')")

/* $1, $2 scope, $3 part of a text, $4 team or NULL, $5 sort, $6 anchor,
 * $7 back, $8 limit.  The anchor keeps its place also when it fits no more. */
#define PAGE                                                               \
	"with " REST ", f as ("                                            \
	" select i.id, lower(i.name) as name, " SORT_KEY " as key,"        \
	"  i.deleted_at is null and ($1 or i.team = any($2))"              \
	"   and ($4::text is null or i.team = $4)"                         \
	"   and (position(lower($3) in lower(i.name)) > 0"                 \
	"    or position(lower($3) in lower(i.description)) > 0"           \
	"    or position(lower($3) in i.key) > 0) as fits"                 \
	" from ewa.integration i"                                          \
	" left join ewa.integration_status s on s.integration_id = i.id)," \
	"n as ("                                                           \
	" select id, fits, row_number() over (order by"                    \
	"  case when left($5, 1) = '-' then key end desc,"                 \
	"  case when left($5, 1) <> '-' then key end, name, id) as n"      \
	" from f where fits or id = $6),"                                  \
	"a as (select coalesce((select n from n where id = $6), 0) as n)," \
	"p as ("                                                           \
	" select n.id, n.n from n, a where n.fits and"                     \
	"  case when $7 then n.n < a.n else n.n > a.n end"                 \
	" order by case when $7 then -n.n else n.n end limit $8),"         \
	"t as (select count(*) as total from f where fits)"

#define COLUMNS 25 /* of ROW; behind them the total */
#define ROW                                                                    \
	"i.id, i.key, i.name, i.description, i.team,"                          \
	" i.external_system = 'sync', i.enabled, i.paused_until,"              \
	" i.created_at, i.created_by, i.modified_at, i.modified_by,"           \
	" i.settings_version, s.state, s.since, s.cause, s.stopped_at,"        \
	" s.stopped_reason, c.today + w.today, w.waiting, greatest("           \
	"  ewa.uuid7_time((select o.event_id from ewa.outcome o"               \
	"   where o.integration_id = i.id order by o.event_id desc limit 1))," \
	"  w.last_at), theirs.subject, theirs.expires_at,"                     \
	" ours.subject, ours.expires_at"

#define EXPIRING(whose)                                                  \
	" left join lateral (select c.subject, c.expires_at"             \
	"  from ewa.certificate c where c.integration_id = i.id"         \
	"  and c.whose = " whose "  and c.expires_at <= now() + " NOTICE \
	" limit 1)"

/* clang-format off */
#define FIGURES                                                             \
	" left join ewa.integration_status s on s.integration_id = i.id"    \
	" cross join lateral (select coalesce((select"                      \
	"   sum(t.accepted + t.tests)::bigint from ewa.tally t"             \
	"   where t.integration_id = i.id and t.slot >= " TODAY "), 0)"     \
	"  + (select count(*) from (select from rest"                       \
	"   cross join lateral (select from ewa.outcome o"                  \
	"    where o.integration_id = i.id and o.seq = 0"                   \
	"    and o.event_id >= rest.low and o.event_id < rest.high"         \
	"    offset 0) o where " TALLY_REST_OF("i.id")                      \
	"   limit " CAP " + 1) x) as today) c"                              \
	" cross join lateral (select count(*) as waiting,"                  \
	"  count(*) filter (where x.at >= " TODAY ") as today,"             \
	"  max(x.at) as last_at from ("                                     \
	"  select ewa.uuid7_time(q.event_id) as at from ewa.queue q"        \
	"  where q.integration_id = i.id and q.seq = 0"                     \
	"  order by q.due_at desc limit " CAP " + 1) x) w"                  \
	EXPIRING("'receiver'") " theirs on true"                            \
	EXPIRING("'client'") " ours on true"
/* clang-format on */

static const struct pg_stmt read_page = {"integration_page",
    PAGE " select " ROW ", t.total from t left join (p"
	 " join ewa.integration i on i.id = p.id" FIGURES ") on true"
	 " order by p.n"};

static const struct pg_stmt read_row = {"integration_row",
    "with " REST " select " ROW ", 1::bigint"
    " from ewa.integration i" FIGURES " where i.id = $1"};

static const struct pg_stmt read_teams = {"integration_teams",
    "select distinct team from ewa.integration where deleted_at is null"
    " and team <> '' and ($1 or team = any($2)) order by team limit $3"};

static const struct pg_stmt read_tokens = {"integration_token_infos",
    "select created_at, coalesce(expires_at, 'infinity'), created_by"
    " from ewa.integration_token where integration_id = $1"
    " and (expires_at is null or expires_at > now())"
    " order by id desc limit $2"};

static int64_t
time_or_none(const PGresult *r, int row, int col)
{
	return pg_null(r, row, col) ? INTEGRATION_NO_TIME
				    : pg_time(r, row, col);
}

static void
take_expiring(
    struct integration_row *i, bool ours, const PGresult *r, int row, int col)
{
	struct integration_certificate *c;

	if (pg_null(r, row, col + 1))
		return;
	c = &i->expiring[i->expiring_count++];
	c->ours = ours;
	c->subject = pg_text(r, row, col);
	c->expires_us = pg_time(r, row, col + 1);
}

static void
take_row(struct integration_row *i, const PGresult *r, int row)
{
	const char *s;
	int c = 0;
	size_t n;

	i->id = pg_int4(r, row, c++);
	s = pg_bytes(r, row, c++, &n);
	BUG_ON(n != INTEGRATION_KEY_LEN);
	memcpy(i->key, s, n);
	i->name = pg_text(r, row, c++);
	i->description = pg_text(r, row, c++);
	i->team = pg_text(r, row, c++);
	i->sync = pg_bool(r, row, c++);
	i->enabled = pg_bool(r, row, c++);
	i->paused_until_us = time_or_none(r, row, c++);
	i->created_us = pg_time(r, row, c++);
	i->created_by = pg_text(r, row, c++);
	i->modified_us = pg_time(r, row, c++);
	i->modified_by = pg_text(r, row, c++);
	i->version = pg_int8(r, row, c++);
	i->state = pg_text(r, row, c++);
	i->since_us = time_or_none(r, row, c++);
	i->cause = pg_text(r, row, c++);
	i->stopped_us = time_or_none(r, row, c++);
	i->stopped_reason = pg_text(r, row, c++);
	i->events_today = pg_int8(r, row, c++);
	i->waiting = pg_int8(r, row, c++);
	i->last_event_us = time_or_none(r, row, c++);
	take_expiring(i, false, r, row, c);
	take_expiring(i, true, r, row, c + 2);
}

static void
row_fini(struct integration_row *i)
{
	free(i->name);
	free(i->description);
	free(i->team);
	free(i->created_by);
	free(i->modified_by);
	free(i->state);
	free(i->cause);
	free(i->stopped_reason);
	for (size_t n = 0; n < i->expiring_count; n++)
		free(i->expiring[n].subject);
}

void
integration_page_fini(struct integration_page *p)
{
	for (size_t n = 0; n < p->count; n++)
		row_fini(&p->items[n]);
	free(p->items);
	p->items = NULL;
	p->count = 0;
}

static void
take_rows(const PGresult *r, struct integration_page *out)
{
	memset(out, 0, sizeof(*out));
	out->items = mem_array((size_t)PQntuples(r), sizeof(*out->items));
	for (int row = 0; row < PQntuples(r); row++) {
		out->total = pg_int8(r, row, COLUMNS);
		if (!pg_null(r, row, 0))
			take_row(&out->items[out->count++], r, row);
	}
}

enum err
integration_page_read(struct pg *pg, const struct grants *grants,
    const struct integration_query *q, int64_t deadline_ms,
    struct integration_page *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	scope_add(&p, grants, ROLE_VIEWER);
	pg_add_text(&p, q->q);
	pg_add_text(&p, q->team);
	pg_add_text(&p, q->sort);
	pg_add_int4(&p, (int32_t)q->page.anchor);
	pg_add_bool(&p, q->page.back);
	pg_add_int8(&p, q->page.limit + 1);
	e = pg_query(pg, &read_page, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	take_rows(r, out);
	PQclear(r);
	if (page_cut(&q->page, out->items, &out->count, sizeof(*out->items),
		&out->ends))
		row_fini(&out->items[out->count]);
	return ERR_OK;
}

enum err
integration_row_read(struct pg *pg, int32_t id, int64_t deadline_ms,
    struct integration_page *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	pg_add_int4(&p, id);
	e = pg_query(pg, &read_row, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	take_rows(r, out);
	PQclear(r);
	if (out->count == 1)
		return ERR_OK;
	integration_page_fini(out);
	return err_set(ei, ERR_NOT_FOUND, "there is no such integration");
}

enum err
integration_teams(struct pg *pg, const struct grants *grants,
    int64_t deadline_ms, struct team_list *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	memset(out, 0, sizeof(*out));
	pg_params_init(&p);
	scope_add(&p, grants, ROLE_VIEWER);
	pg_add_int8(&p, TEAMS_MAX);
	e = pg_query(pg, &read_teams, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	out->count = (size_t)PQntuples(r);
	out->items = mem_array(out->count, sizeof(*out->items));
	for (size_t n = 0; n < out->count; n++)
		out->items[n] = pg_text(r, (int)n, 0);
	PQclear(r);
	return ERR_OK;
}

void
team_list_fini(struct team_list *l)
{
	for (size_t n = 0; n < l->count; n++)
		free(l->items[n]);
	free(l->items);
}

enum err
integration_token_infos(struct pg *pg, int32_t id, int64_t deadline_ms,
    struct token_infos *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	memset(out, 0, sizeof(*out));
	pg_params_init(&p);
	pg_add_int4(&p, id);
	pg_add_int8(&p, INTEGRATION_TOKENS_MAX);
	e = pg_query(pg, &read_tokens, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	for (int n = 0; n < PQntuples(r); n++, out->count++) {
		out->items[n].created_us = pg_time(r, n, 0);
		out->items[n].expires_us = pg_time(r, n, 1);
		out->items[n].created_by = pg_text(r, n, 2);
	}
	PQclear(r);
	return ERR_OK;
}

void
token_infos_fini(struct token_infos *t)
{
	for (size_t n = 0; n < t->count; n++)
		free(t->items[n].created_by);
}
