#include "config.h"

#include "store/refusal_page.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/pgval.h"
#include "store/scope.h"

/* Rows have no number: the time of the last in ms, and behind it a digest of
 * the rest, stands for it. */
#define ID                                                                   \
	"(extract(epoch from date_trunc('milliseconds', r.last_at))"         \
	" * 1000)::bigint * 2000000 + 1000000 + hashtextextended(concat_ws(" \
	"E'\\n', r.integration_id, r.source, r.reason, r.status), 0) % "     \
	"1000000"

/* $1, $2 scope, $3 integration or 0, $4 unknown keys only, $5 from, $6
 * anchor, $7 limit.
 *
 * All come by the index of times, more than are wanted, since those of one
 * millisecond have an order of their own; those of an integration by its key.
 */
#define SAME_MS "1000"
#define AT "(r.last_at + interval '0')" /* not by the index of times */
#define EDGE(none, way)                                      \
	"case when $6 = 0 then '" none "'::timestamptz else" \
	" to_timestamp($6::int8 / 2000000 / 1000.0) " way    \
	" interval '2 ms' end"
#define LIST(where, at, compare, edge, way)                                 \
	"select * from (select * from (select " ID " as id, i.key, i.name," \
	" r.source, r.reason, r.last_path, r.last_detail, r.status,"        \
	" r.count, r.first_at, r.last_at, coalesce(r.last_size, -1)"        \
	" from ewa.refusal r"                                               \
	" left join ewa.integration i on i.id = r.integration_id"           \
	" where " where " and " at " >= $5 and " at " " compare " " edge    \
	" order by " at " " way " limit $7 + " SAME_MS ") x"                \
	" where $6 = 0 or id " compare " $6"                                \
	" order by id " way " limit $7) l order by id desc"
#define PAIR(name, where, at)                                                  \
	{                                                                      \
		{"refusals_" name "_behind",                                   \
		    LIST(where, at, "<", EDGE("infinity", "+"), "desc")},      \
		{                                                              \
			"refusals_" name "_before",                            \
			    LIST(                                              \
				where, at, ">", EDGE("-infinity", "-"), "asc") \
		}                                                              \
	}
#define ALL                                                       \
	"$3::int4 = 0 and case when r.integration_id = 0 then $1" \
	" else not $4 and ($1 or i.team = any($2)) end"
#define ONE                                                  \
	"r.integration_id = $3 and case when $3 = 0 then $1" \
	" else not $4 and ($1 or i.team = any($2)) end"

/* [of one integration, or of none][back] */
static const struct pg_stmt lists[2][2] = {
    PAIR("all", ALL, "r.last_at"), PAIR("one", ONE, AT)};

static void
row_fini(struct refusal_row *r)
{
	free(r->key);
	free(r->name);
	free(r->source);
	free(r->reason);
	free(r->path);
	free(r->detail);
}

void
refusal_page_fini(struct refusal_page *p)
{
	for (size_t n = 0; n < p->count; n++)
		row_fini(&p->items[n]);
	free(p->items);
	p->items = NULL;
	p->count = 0;
}

static void
take(const PGresult *r, struct refusal_page *out)
{
	memset(out, 0, sizeof(*out));
	out->count = (size_t)PQntuples(r);
	out->items = mem_array(out->count, sizeof(*out->items));
	for (int n = 0; n < PQntuples(r); n++) {
		struct refusal_row *x = &out->items[n];
		int c = 0;

		x->id = pg_int8(r, n, c++);
		x->key = pg_text(r, n, c++);
		x->name = pg_text(r, n, c++);
		x->source = pg_text(r, n, c++);
		x->reason = pg_text(r, n, c++);
		x->path = pg_text(r, n, c++);
		x->detail = pg_text(r, n, c++);
		x->status = pg_int4(r, n, c++);
		x->count = pg_int8(r, n, c++);
		x->first_us = pg_time(r, n, c++);
		x->last_us = pg_time(r, n, c++);
		x->size = pg_int8(r, n, c);
	}
}

enum err
refusal_page_read(struct pg *pg, const struct refusal_query *q,
    int64_t deadline_ms, struct refusal_page *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	scope_add(&p, q->grants, ROLE_VIEWER);
	pg_add_int4(&p, q->integration_id);
	pg_add_bool(&p, q->unknown_keys);
	pg_add_time(&p, q->from_us);
	pg_add_int8(&p, q->page.anchor);
	pg_add_int8(&p, q->page.limit + 1);
	e = pg_query(pg,
	    &lists[q->integration_id != 0 || q->unknown_keys][q->page.back], &p,
	    deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	take(r, out);
	PQclear(r);
	if (page_cut(&q->page, out->items, &out->count, sizeof(*out->items),
		&out->ends))
		row_fini(&out->items[out->count]);
	return ERR_OK;
}
