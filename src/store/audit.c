#include "config.h"

#include "store/audit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/pgval.h"
#include "store/scope.h"

/* $1, $2 scope, $3 whether an admin of all, $4 integration or 0, $5 actor,
 * $6 action, $7 from, $8 to, $9 anchor, $10 limit.
 *
 * Three ways to the rows, each by its index and in order where there is no
 * time: all, those of an integration, those of a time. */
#define AT "(a.at + interval '0')" /* not by the index of times */
#define LIST(where, at, compare, way)                                 \
	"select * from (select a.id, a.at, a.actor, a.action, i.key," \
	" i.name, a.detail::text from ewa.audit a"                    \
	" left join ewa.integration i on i.id = a.integration_id"     \
	" where " where " and ($3 or (a.integration_id is not null"   \
	"  and ($1 or i.team = any($2))))"                            \
	" and ($5::text is null or a.actor = $5)"                     \
	" and ($6::text is null or a.action = $6"                     \
	"  or a.action = 'integration.' || $6)"                       \
	" and " at " >= $7 and " at " < $8 and a.id " compare " $9"   \
	" order by a.id " way " limit $10) l order by id desc"
#define WAY(name, where, at)                                                 \
	{                                                                    \
		{"audit_" name "_behind", LIST(where, at, "<", "desc")},     \
		{                                                            \
			"audit_" name "_before", LIST(where, at, ">", "asc") \
		}                                                            \
	}

enum way { WAY_ALL, WAY_ONE, WAY_TIME, WAYS };

/* [back] */
static const struct pg_stmt lists[WAYS][2] = {
    [WAY_ALL] = WAY("all", "$4::int4 = 0", AT),
    [WAY_ONE] = WAY("one", "a.integration_id = $4", AT),
    [WAY_TIME] = WAY("time", "($4 = 0 or a.integration_id = $4)", "a.at"),
};

static enum way
way_of(const struct audit_query *q)
{
	if (q->integration_id != 0)
		return WAY_ONE;
	return q->from_us != INT64_MIN || q->to_us != INT64_MAX ? WAY_TIME
								: WAY_ALL;
}

static void
entry_fini(struct audit_entry *a)
{
	free(a->actor);
	free(a->action);
	free(a->key);
	free(a->name);
	free(a->detail);
}

void
audit_list_fini(struct audit_list *l)
{
	for (size_t n = 0; n < l->count; n++)
		entry_fini(&l->items[n]);
	free(l->items);
	l->items = NULL;
	l->count = 0;
}

static void
take(const PGresult *r, struct audit_list *out)
{
	memset(out, 0, sizeof(*out));
	out->count = (size_t)PQntuples(r);
	out->items = mem_array(out->count, sizeof(*out->items));
	for (int n = 0; n < PQntuples(r); n++) {
		struct audit_entry *a = &out->items[n];

		a->id = pg_int8(r, n, 0);
		a->at_us = pg_time(r, n, 1);
		a->actor = pg_text(r, n, 2);
		a->action = pg_text(r, n, 3);
		a->key = pg_text(r, n, 4);
		a->name = pg_text(r, n, 5);
		a->detail = pg_text(r, n, 6);
	}
}

enum err
audit_list(struct pg *pg, const struct audit_query *q, int64_t deadline_ms,
    struct audit_list *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	scope_add(&p, q->grants, ROLE_VIEWER);
	pg_add_bool(&p, grants_role_all(q->grants) == ROLE_ADMIN);
	pg_add_int4(&p, q->integration_id);
	pg_add_text(&p, q->actor);
	pg_add_text(&p, q->action);
	pg_add_time(&p, q->from_us);
	pg_add_time(&p, q->to_us);
	pg_add_int8(&p,
	    q->page.anchor != 0 || q->page.back ? q->page.anchor : INT64_MAX);
	pg_add_int8(&p, q->page.limit + 1);
	e = pg_query(
	    pg, &lists[way_of(q)][q->page.back], &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	take(r, out);
	PQclear(r);
	if (page_cut(&q->page, out->items, &out->count, sizeof(*out->items),
		&out->ends))
		entry_fini(&out->items[out->count]);
	return ERR_OK;
}
