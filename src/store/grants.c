#include "config.h"

#include "store/grants.h"

#include <stdlib.h>

#include "base/jsonw.h"
#include "store/pgval.h"

static const struct pg_stmt delete_grants = {"grants_delete",
    "delete from ewa.app_grant where user_id = $1 or token_id = $2"};

static const struct pg_stmt insert_grants = {"grants_insert",
    "insert into ewa.app_grant (user_id, token_id, role, team)"
    " select nullif($1, 0), nullif($2, 0), role, team"
    " from unnest($3::text[], $4::text[]) as t(role, team)"};

void
grants_take(
    struct grants *g, const PGresult *r, int row, int role_col, int team_col)
{
	char *role, *team;
	enum role parsed;

	if (pg_null(r, row, role_col))
		return;
	role = pg_text(r, row, role_col);
	team = pg_text(r, row, team_col);
	if (role_parse(role, &parsed))
		(void)grants_add(g, parsed, team); /* no more were stored */
	free(team);
	free(role);
}

enum err
grants_write(
    struct change *c, int32_t user_id, int32_t token_id, const struct grants *g)
{
	struct pg_params p;
	enum err e;

	pg_params_init(&p);
	pg_add_int4(&p, user_id);
	pg_add_int4(&p, token_id);
	e = change_run(c, &delete_grants, &p, NULL);
	if (e != ERR_OK || g->count == 0)
		return e;
	pg_params_init(&p);
	pg_add_int4(&p, user_id);
	pg_add_int4(&p, token_id);
	pg_array_begin(&p, PG_TEXT, g->count);
	for (size_t n = 0; n < g->count; n++)
		pg_elem_text(&p, role_name(g->items[n].role));
	pg_array_end(&p);
	pg_array_begin(&p, PG_TEXT, g->count);
	for (size_t n = 0; n < g->count; n++)
		pg_elem_text(&p, g->items[n].team);
	pg_array_end(&p);
	return change_run(c, &insert_grants, &p, NULL);
}

void
grants_json(struct buf *b, const char *name, const struct grants *g)
{
	jsonw_array(b, name);
	for (size_t n = 0; n < g->count; n++) {
		jsonw_object(b, NULL);
		jsonw_str(b, "role", role_name(g->items[n].role));
		jsonw_str(b, "team", g->items[n].team);
		jsonw_end_object(b);
	}
	jsonw_end_array(b);
}
