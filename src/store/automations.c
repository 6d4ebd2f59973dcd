#include "config.h"

#include "store/automations.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/automation_rows.h"
#include "store/pgval.h"

/* One statement reads automations and their parts; an automation's columns
 * repeat on each row. */
#define READ(which)                                                            \
	"select a.id, a.integration_id, a.position::int4, a.name, a.enabled,"  \
	" a.condition, a.kind, a.target, a.method, a.timeout_ms,"              \
	" a.attempts::int4, a.on_failure = 'continue',"                        \
	" p.part, p.name, p.value, p.sealed"                                   \
	" from ewa.automation a left join lateral ("                           \
	"  select 1 as part, h.position::int8 as n, h.name, h.value, h.sealed" \
	"  from ewa.automation_header h where h.automation_id = a.id"          \
	"  union all"                                                          \
	"  select 2, g.n, null, g.value, null"                                 \
	"  from unnest(a.arguments) with ordinality as g(value, n)"            \
	" ) p on true where " which                                            \
	" order by a.integration_id, a.position, a.id, p.part, p.n"

enum column {
	C_ID,
	C_INTEGRATION,
	C_POSITION,
	C_NAME,
	C_ENABLED,
	C_CONDITION,
	C_KIND,
	C_TARGET,
	C_METHOD,
	C_TIMEOUT,
	C_ATTEMPTS,
	C_GO_ON,
	C_PART,
	C_PART_NAME,
	C_PART_VALUE,
	C_PART_SEALED
};

enum part { PART_HEADER = 1, PART_ARGUMENT = 2 };

static const struct pg_stmt read_enabled = {"automations_enabled",
    READ("a.enabled and a.integration_id = any($1::int4[])")};

static const struct pg_stmt read_list = {
    "automations_list", READ("a.integration_id = $1::int4")};

static const struct pg_stmt read_one = {
    "automations_find", READ("a.id = $1::int4")};

static const struct pg_stmt read_key = {"automations_key",
    "select key from ewa.integration where id = $1 and deleted_at is null"};

void
automation_header_context(
    struct buf *out, int32_t automation_id, const char *name)
{
	buf_addf(out, "automation-header:%d:", (int)automation_id);
	for (; *name != '\0'; name++)
		buf_addc(out, *name >= 'A' && *name <= 'Z'
				  ? (char)(*name - 'A' + 'a')
				  : *name);
}

/* ---- rows ------------------------------------------------------------------
 */

static void
take_text(const PGresult *r, int row, enum column col, char **out)
{
	free(*out);
	*out = pg_text(r, row, (int)col);
}

static struct automation *
take_automation(const PGresult *r, int row)
{
	char *name = pg_text(r, row, C_KIND);
	enum automation_kind kind;
	struct automation *a;

	BUG_ON(!automation_kind_parse(name, &kind));
	free(name);
	a = automation_new(kind);
	a->id = pg_int4(r, row, C_ID);
	a->integration_id = pg_int4(r, row, C_INTEGRATION);
	a->position = pg_int4(r, row, C_POSITION);
	take_text(r, row, C_NAME, &a->name);
	a->enabled = pg_bool(r, row, C_ENABLED);
	take_text(r, row, C_CONDITION, &a->condition);
	take_text(r, row, C_TARGET, &a->target);
	take_text(r, row, C_METHOD, &a->method);
	a->timeout_ms = pg_int4(r, row, C_TIMEOUT);
	a->attempts = pg_int4(r, row, C_ATTEMPTS);
	a->go_on = pg_bool(r, row, C_GO_ON);
	if (kind == AUTOMATION_HTTP &&
	    uri_parse(a->target, &a->uri, NULL) != ERR_OK)
		a->uri = (struct uri){NULL, NULL, 0, NULL};
	return a;
}

static char *
open_sealed(const struct automation *a, const char *name, const PGresult *r,
    int row, const struct keyring *keys)
{
	struct buf context, value;
	struct errinfo ei;
	const char *sealed;
	char *s = NULL;
	size_t n;

	if (keys == NULL)
		return NULL;
	sealed = pg_bytes(r, row, C_PART_SEALED, &n);
	buf_init(&context, 64 + 2 * INTEGRATION_HEADER_VALUE_MAX);
	buf_init(&value, INTEGRATION_HEADER_VALUE_MAX);
	automation_header_context(&context, a->id, name);
	if (keyring_open(keys, context.data, sealed, n, &value, &ei) != ERR_OK)
		log_error(F_STR("msg", "a secret can't be opened"),
		    F_INT("automation", a->id), F_STR("secret", name),
		    F_STR("why", ei.detail));
	else
		s = mem_strndup(value.data, value.len);
	mem_wipe(value.data, value.len);
	buf_fini(&value);
	buf_fini(&context);
	return s;
}

static void
take_part(struct automation *a, const PGresult *r, int row,
    const struct keyring *keys)
{
	char *name, *value;
	bool secret;

	if (pg_null(r, row, C_PART))
		return;
	value = pg_text(r, row, C_PART_VALUE);
	if (pg_int4(r, row, C_PART) == PART_ARGUMENT) {
		automation_add_arg(a, value);
		free(value);
		return;
	}
	name = pg_text(r, row, C_PART_NAME);
	secret = value == NULL;
	if (secret)
		value = open_sealed(a, name, r, row, keys);
	automation_add_header(a, name, value, secret);
	mem_free_secret(value);
	free(name);
}

static void
take_rows(
    const PGresult *r, const struct keyring *keys, struct automation_list *out)
{
	struct automation *a = NULL;

	for (int row = 0; row < PQntuples(r); row++) {
		if (a == NULL || a->id != pg_int4(r, row, C_ID)) {
			a = take_automation(r, row);
			automation_list_add(out, a);
		}
		take_part(a, r, row, keys);
	}
}

/* Takes the parameters. */
static enum err
read_rows(struct pg *pg, const struct pg_stmt *stmt, struct pg_params *p,
    const struct keyring *keys, int64_t deadline_ms,
    struct automation_list **out, struct errinfo *ei)
{
	PGresult *r;
	enum err e = pg_query(pg, stmt, p, deadline_ms, &r, ei);

	*out = NULL;
	pg_params_fini(p);
	if (e != ERR_OK)
		return e;
	*out = automation_list_new();
	take_rows(r, keys, *out);
	PQclear(r);
	return ERR_OK;
}

/* ---- reading ---------------------------------------------------------------
 */

/* Moves what is of *i, beginning at *at, to it. */
static void
attach(struct integration *i, struct automation_list *all)
{
	struct automation_list *own = NULL;

	for (size_t n = 0; n < all->count; n++) {
		struct automation *a = all->items[n];

		if (a == NULL || a->integration_id != i->id)
			continue;
		if (own == NULL)
			own = automation_list_new();
		automation_list_add(own, a);
		all->items[n] = NULL;
	}
	automation_list_free(i->automations);
	i->automations = own;
}

enum err
automations_attach(struct pg *pg, const struct keyring *keys,
    struct integration_list *l, int64_t deadline_ms, struct errinfo *ei)
{
	struct automation_list *all;
	struct pg_params p;
	enum err e;

	if (l->count == 0)
		return ERR_OK;
	pg_params_init(&p);
	pg_array_begin(&p, PG_INT4, l->count);
	for (size_t n = 0; n < l->count; n++)
		pg_elem_int4(&p, l->items[n]->id);
	pg_array_end(&p);
	e = read_rows(pg, &read_enabled, &p, keys, deadline_ms, &all, ei);
	if (e != ERR_OK)
		return e;
	for (size_t n = 0; n < l->count && all->count != 0; n++)
		attach(l->items[n], all);
	automation_list_free(all);
	return ERR_OK;
}

enum err
automations_list(struct pg *pg, const struct keyring *keys,
    int32_t integration_id, int64_t deadline_ms, struct automation_list **out,
    struct errinfo *ei)
{
	struct pg_params p;

	pg_params_init(&p);
	pg_add_int4(&p, integration_id);
	return read_rows(pg, &read_list, &p, keys, deadline_ms, out, ei);
}

static enum err
find_integration(struct pg *pg, int32_t id, int64_t deadline_ms,
    struct integration **out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	char *key;
	enum err e;

	pg_params_init(&p);
	pg_add_int4(&p, id);
	e = pg_query(pg, &read_key, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	key = PQntuples(r) == 1 ? pg_text(r, 0, 0) : NULL;
	PQclear(r);
	if (key == NULL)
		return err_set(
		    ei, ERR_NOT_FOUND, "its integration was deleted");
	e = integrations_find(pg, NULL, key, deadline_ms, out, ei);
	free(key);
	return e;
}

enum err
automations_find(struct pg *pg, int32_t id, int64_t deadline_ms,
    struct automation **out, struct integration **of, struct errinfo *ei)
{
	struct automation_list *l;
	struct pg_params p;
	enum err e;

	*out = NULL;
	*of = NULL;
	pg_params_init(&p);
	pg_add_int4(&p, id);
	e = read_rows(pg, &read_one, &p, NULL, deadline_ms, &l, ei);
	if (e != ERR_OK)
		return e;
	if (l->count == 0)
		e = err_set(ei, ERR_NOT_FOUND,
		    "there is no automation with the number %d", (int)id);
	else
		e = find_integration(
		    pg, l->items[0]->integration_id, deadline_ms, of, ei);
	if (e == ERR_OK) {
		*out = l->items[0];
		l->items[0] = NULL;
	}
	automation_list_free(l);
	return e;
}
