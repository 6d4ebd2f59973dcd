#include "config.h"

#include "store/tries.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/change.h"
#include "store/pgval.h"

static const struct pg_stmt limit = {
    "tries_limit", "select set_config('statement_timeout', '5s', true)"};

static const struct pg_stmt stored = {"tries_stored",
    "select ewa.condition_document(e.id)::text from ewa.event e"
    " where e.id = $1 and e.integration_id = $2"};

static const struct pg_stmt given = {"tries_given",
    "select jsonb_build_object('event', case $1 when 'json'"
    "  then ewa.try_jsonb($2) when 'text' then to_jsonb(case when"
    "  position('\\x00'::bytea in $2) = 0 then convert_from($2, 'UTF8') end)"
    "  end, 'headers', '{}'::jsonb, 'integration', jsonb_build_object('key',"
    "  $3::text, 'name', $4::text), 'contentType', $5::text, 'test', false,"
    "  'results', '[]'::jsonb)::text"};

static const struct pg_stmt check = {"tries_check",
    "select a.name, a.enabled, a.condition = '', c.holds, c.problem,"
    " ewa.subject_of($2::text::jsonb, nullif(i.subject, ''))"
    " from ewa.integration i left join ewa.automation a"
    "  on a.integration_id = i.id"
    " left join lateral ewa.condition_check($2::text::jsonb,"
    "  case when a.condition = '' then 'true' else a.condition end) c on true"
    " where i.id = $1 order by a.position"};

static enum err
document_of(struct change *c, const struct integration *i,
    const struct uuid *id, struct pg_params *body, char **out)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	if (id == NULL) {
		e = change_run(c, &given, body, &r);
	} else {
		pg_params_fini(body);
		pg_params_init(&p);
		pg_add_uuid(&p, id);
		pg_add_int4(&p, i->id);
		e = change_run(c, &stored, &p, &r);
	}
	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 1)
		*out = pg_text(r, 0, 0);
	PQclear(r);
	return *out != NULL ? ERR_OK
			    : err_set(c->ei, ERR_NOT_FOUND,
				  "the integration has no such event");
}

static void
take(const PGresult *r, struct try_list *out)
{
	out->rows = mem_array((size_t)PQntuples(r) + 1, sizeof(*out->rows));
	for (int n = 0; n < PQntuples(r); n++) {
		struct try_row *t = &out->rows[out->count];

		if (n == 0)
			out->subject = pg_text(r, n, 5);
		if (pg_null(r, n, 0))
			continue; /* there are no automations */
		t->name = pg_text(r, n, 0);
		t->enabled = pg_bool(r, n, 1);
		t->blank = pg_bool(r, n, 2);
		t->holds = pg_bool(r, n, 3);
		t->problem = pg_text(r, n, 4);
		out->count++;
	}
}

enum err
tries_make(struct pg *pg, const struct integration *i, const struct uuid *id,
    enum event_kind kind, const char *content_type, const char *body,
    size_t len, int64_t deadline_ms, struct try_list *out, struct errinfo *ei)
{
	struct change c = {pg, "", deadline_ms, ei, false};
	char *document = NULL;
	struct pg_params p;
	PGresult *r;
	enum err e = change_begin(&c);

	if (e != ERR_OK)
		return e;
	pg_params_init(&p);
	pg_add_text(&p, event_kind_name(kind));
	pg_add_bytes(&p, PG_BYTEA, body, len);
	pg_add_text(&p, i->key);
	pg_add_text(&p, i->name);
	pg_add_text(&p, content_type);
	e = document_of(&c, i, id, &p, &document);
	if (e == ERR_OK)
		e = change_run(&c, &limit, NULL, NULL);
	if (e == ERR_OK) {
		pg_params_init(&p);
		pg_add_int4(&p, i->id);
		pg_add_text(&p, document);
		e = change_run(&c, &check, &p, &r);
	}
	if (e == ERR_OK) {
		take(r, out);
		PQclear(r);
	}
	free(document);
	return change_end(&c, e);
}

void
try_list_fini(struct try_list *l)
{
	for (size_t n = 0; n < l->count; n++) {
		free(l->rows[n].name);
		free(l->rows[n].problem);
	}
	free(l->rows);
	free(l->subject);
}
