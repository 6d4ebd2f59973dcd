#include "config.h"

#include "store/automations.h"

#include <string.h>

#include "store/automation_rows.h"
#include "store/change.h"
#include "store/integration_rows.h"
#include "store/pgval.h"

static const struct pg_stmt insert_one = {"automation_insert",
    "insert into ewa.automation (integration_id, position, name, enabled,"
    " condition, kind, target, arguments, method, timeout_ms, attempts,"
    " on_failure, modified_by, created_by)"
    " select $1, coalesce(max(position), 0) + 1, $2, $3, $4, $5, $6, $7, $8,"
    " $9, $10, $11, $12, $12 from ewa.automation where integration_id = $1"
    " returning id, position::int4"};

static const struct pg_stmt update_one = {"automation_update",
    "update ewa.automation set name = $2, enabled = $3, condition = $4,"
    " kind = $5, target = $6, arguments = $7, method = $8, timeout_ms = $9,"
    " attempts = $10, on_failure = $11, modified_by = $12,"
    " modified_at = now() where id = $1 returning id, position::int4"};

static const struct pg_stmt delete_one = {"automation_delete",
    "delete from ewa.automation where id = $1 returning id, position::int4"};

/* All of the integration from 1 on, with this one at its new place. */
static const struct pg_stmt move_one = {"automation_move",
    "update ewa.automation a set position = n.position from ("
    " select id, row_number() over (order by case when id = $2"
    "  then $3 - 0.5 else o end, o) as position"
    " from (select id, row_number() over ("
    "   order by id = $2, position) as o from ewa.automation"
    "  where integration_id = $1) r) n"
    " where a.id = n.id and a.position <> n.position"};

static const struct pg_stmt read_position = {"automation_position",
    "select id, position::int4 from ewa.automation where id = $1"};

/* A secret without a value is one that is stored already. */
static const struct pg_stmt put_headers = {"automation_headers_put",
    "with old as (delete from ewa.automation_header h"
    "  where h.automation_id = $1 returning lower(h.name) as name, h.sealed)"
    "insert into ewa.automation_header"
    " (automation_id, position, name, value, sealed)"
    " select $1, t.n, t.name, t.value, coalesce(t.sealed, (select o.sealed"
    "  from old o where o.name = lower(t.name) and t.value is null))"
    " from (select count(*) from old) gone," /* so that they go first */
    " unnest($2::text[], $3::text[], $4::bytea[])"
    " with ordinality as t(name, value, sealed, n)"};

static const struct pg_stmt path_problem = {"automation_path_problem",
    "select problem, place from ewa.jsonpath_problem($1)"};

/* ---- paths -----------------------------------------------------------------
 */

enum err
automations_check_path(struct pg *pg, const char *what, const char *path,
    int64_t deadline_ms, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	if (*path == '\0')
		return ERR_OK;
	pg_params_init(&p);
	pg_add_text(&p, path);
	e = pg_query(pg, &path_problem, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 1 && !pg_null(r, 0, 0)) {
		size_t n;
		const char *why = pg_bytes(r, 0, 0, &n);

		e = err_set(ei, ERR_UNPROCESSABLE, "%.*s", (int)n, why);
		if (ei != NULL)
			err_where(ei, "%s, character %d", what,
			    (int)pg_int4(r, 0, 1));
	}
	PQclear(r);
	return e;
}

enum err
automations_check_subject(
    struct pg *pg, const char *paths, int64_t deadline_ms, struct errinfo *ei)
{
	char one[4 * SUBJECT_MAX + 1];
	enum err e = ERR_OK;

	while (e == ERR_OK && *paths != '\0') {
		const char *end = strstr(paths, " // ");
		size_t n = end != NULL ? (size_t)(end - paths) : strlen(paths);

		if (n >= sizeof(one))
			return err_set(
			    ei, ERR_UNPROCESSABLE, "the subject is too long");
		memcpy(one, paths, n);
		one[n] = '\0';
		e = automations_check_path(pg, "subject", one, deadline_ms, ei);
		paths += end != NULL ? n + 4 : n;
	}
	return e;
}

/* ---- writing ---------------------------------------------------------------
 */

static void
add_settings(struct pg_params *p, int32_t id, const struct automation *a,
    const char *actor)
{
	pg_add_int4(p, id);
	pg_add_text(p, a->name);
	pg_add_bool(p, a->enabled);
	pg_add_text(p, a->condition);
	pg_add_text(p, automation_kind_name(a->kind));
	pg_add_text(p, a->target);
	pg_array_begin(p, PG_TEXT, a->arg_count);
	for (size_t n = 0; n < a->arg_count; n++)
		pg_elem_text(p, a->args[n]);
	pg_array_end(p);
	pg_add_text(p, a->method);
	pg_add_int4(p, a->timeout_ms);
	pg_add_int2(p, (int16_t)a->attempts);
	pg_add_text(p, a->go_on ? "continue" : "stop");
	pg_add_text(p, actor);
}

/* Runs a statement that returns id and position. */
static enum err
write_row(struct change *c, const struct pg_stmt *stmt, struct pg_params *p,
    struct automation *a)
{
	PGresult *r;
	enum err e = change_run(c, stmt, p, &r);

	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 1) {
		a->id = pg_int4(r, 0, 0);
		a->position = pg_int4(r, 0, 1);
	} else {
		e = err_set(c->ei, ERR_CONFLICT,
		    "the automation \"%.200s\" was removed by somebody else "
		    "meanwhile",
		    a->name);
	}
	PQclear(r);
	return e;
}

static void
elem_sealed(struct pg_params *p, const struct keyring *keys,
    const struct automation *a, const struct integration_header *h)
{
	struct buf context, sealed;

	if (!h->secret || h->value == NULL) {
		pg_elem_null(p);
		return;
	}
	BUG_ON(keys == NULL);
	buf_init(&context, 64 + 2 * INTEGRATION_HEADER_VALUE_MAX);
	buf_init(
	    &sealed, INTEGRATION_HEADER_VALUE_MAX + CRYPTO_SEALED_OVERHEAD);
	automation_header_context(&context, a->id, h->name);
	keyring_seal(keys, context.data, h->value, strlen(h->value), &sealed);
	BUG_ON(buf_failed(&context) || buf_failed(&sealed));
	pg_elem_bytes(p, sealed.data, sealed.len);
	buf_fini(&sealed);
	buf_fini(&context);
}

static enum err
write_headers(
    struct change *c, const struct keyring *keys, const struct automation *a)
{
	struct pg_params p;
	enum err e;

	pg_params_init(&p);
	pg_add_int4(&p, a->id);
	pg_array_begin(&p, PG_TEXT, a->header_count);
	for (size_t n = 0; n < a->header_count; n++)
		pg_elem_text(&p, a->headers[n].name);
	pg_array_end(&p);
	pg_array_begin(&p, PG_TEXT, a->header_count);
	for (size_t n = 0; n < a->header_count; n++)
		pg_elem_text(
		    &p, a->headers[n].secret ? NULL : a->headers[n].value);
	pg_array_end(&p);
	pg_array_begin(&p, PG_BYTEA, a->header_count);
	for (size_t n = 0; n < a->header_count; n++)
		elem_sealed(&p, keys, a, &a->headers[n]);
	pg_array_end(&p);
	e = change_run(c, &put_headers, &p, NULL);
	if (e != ERR_INVALID)
		return e;
	return err_set(c->ei, ERR_UNPROCESSABLE,
	    "no value is stored for a secret header that was given by its "
	    "name only; give one");
}

/* Numbers them from 1 on, with the one of this id at this place. */
static enum err
number(struct change *c, int32_t integration_id, int32_t id, int32_t position)
{
	struct pg_params p;

	pg_params_init(&p);
	pg_add_int4(&p, integration_id);
	pg_add_int4(&p, id);
	pg_add_int4(&p, position);
	return change_run(c, &move_one, &p, NULL);
}

static enum err
place(struct change *c, struct automation *a, int32_t position)
{
	struct pg_params p;
	enum err e = number(c, a->integration_id, a->id, position);

	if (e != ERR_OK)
		return e;
	pg_params_init(&p);
	pg_add_int4(&p, a->id);
	return write_row(c, &read_position, &p, a);
}

/* Of an http one the origin has to do: its path may hold a secret. */
static enum err
audit(struct change *c, const struct integration *i, const char *verb,
    const struct automation *a)
{
	const char *target = a->target;
	struct uri uri = {NULL, NULL, 0, NULL};
	struct buf b;
	enum err e;

	if (a->kind == AUTOMATION_HTTP)
		target = uri_parse(a->target, &uri, NULL) == ERR_OK &&
				 uri.origin != NULL
			     ? uri.origin
			     : "";
	buf_init(&b, CHANGE_AUDIT_MAX);
	buf_addf(&b, "{\"automation\":%d,\"name\":", (int)a->id);
	buf_add_json_str(&b, a->name, strlen(a->name));
	buf_addf(&b,
	    ",\"position\":%d,\"enabled\":%s,\"%s\":", (int)a->position,
	    a->enabled ? "true" : "false", automation_kind_name(a->kind));
	buf_add_json_str(&b, target, strlen(target));
	buf_adds(&b, ",\"condition\":");
	buf_add_json_str(&b, a->condition, strlen(a->condition));
	buf_addf(&b,
	    ",\"timeout_ms\":%d,\"attempts\":%d,\"on_failure\":\"%s\"}",
	    (int)a->timeout_ms, (int)a->attempts,
	    a->go_on ? "continue" : "stop");
	e = change_audit(c, i->id, verb, &b);
	buf_fini(&b);
	uri_fini(&uri);
	return e;
}

/* ---- the changes -----------------------------------------------------------
 */

static enum err
check(struct change *c, const struct automation *a)
{
	enum err e = automation_check(a, c->ei);

	if (e != ERR_OK)
		return e;
	return automations_check_path(
	    c->pg, "condition", a->condition, c->deadline_ms, c->ei);
}

static enum err
finish(struct change *c, enum err e, const struct automation *a)
{
	e = change_end(c, e);
	if (!c->taken)
		return e;
	err_set(c->ei, ERR_CONFLICT,
	    "the integration has an automation called \"%.200s\" already",
	    a->name);
	if (c->ei != NULL)
		err_where(c->ei, "name");
	return ERR_CONFLICT;
}

enum err
automation_write_new(struct change *c, const struct keyring *keys,
    const struct integration *i, struct automation *a)
{
	int32_t position = a->position;
	struct pg_params p;
	enum err e;

	a->integration_id = i->id;
	pg_params_init(&p);
	add_settings(&p, i->id, a, c->actor);
	e = write_row(c, &insert_one, &p, a);
	if (e == ERR_OK && a->position > AUTOMATION_LIST_MAX)
		e = err_set(c->ei, ERR_UNPROCESSABLE,
		    "an integration has at most 100 automations");
	if (e == ERR_OK)
		e = write_headers(c, keys, a);
	if (e == ERR_OK && position != 0)
		e = place(c, a, position);
	if (e == ERR_OK)
		e = audit(c, i, "automation-add", a);
	return e;
}

enum err
automations_create(struct pg *pg, const struct keyring *keys,
    struct integration *i, struct automation *a, const char *actor,
    int64_t deadline_ms, struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	enum err e = check(&c, a);

	if (e == ERR_OK)
		e = change_begin(&c);
	if (e != ERR_OK)
		return e;
	e = integration_touch(&c, i);
	if (e == ERR_OK)
		e = automation_write_new(&c, keys, i, a);
	return finish(&c, e, a);
}

enum err
automations_update(struct pg *pg, const struct keyring *keys,
    struct integration *i, struct automation *a, const char *actor,
    int64_t deadline_ms, struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	struct pg_params p;
	enum err e = check(&c, a);

	if (e == ERR_OK)
		e = change_begin(&c);
	if (e != ERR_OK)
		return e;
	e = integration_touch(&c, i);
	if (e == ERR_OK) {
		pg_params_init(&p);
		add_settings(&p, a->id, a, actor);
		e = write_row(&c, &update_one, &p, a);
	}
	if (e == ERR_OK)
		e = write_headers(&c, keys, a);
	if (e == ERR_OK)
		e = audit(&c, i, "automation-update", a);
	return finish(&c, e, a);
}

enum err
automations_move(struct pg *pg, struct integration *i, struct automation *a,
    int32_t position, const char *actor, int64_t deadline_ms,
    struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	enum err e = change_begin(&c);

	if (e != ERR_OK)
		return e;
	e = integration_touch(&c, i);
	if (e == ERR_OK)
		e = place(&c, a, position);
	if (e == ERR_OK)
		e = audit(&c, i, "automation-move", a);
	return finish(&c, e, a);
}

enum err
automations_remove(struct pg *pg, struct integration *i, struct automation *a,
    const char *actor, int64_t deadline_ms, struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	struct pg_params p;
	enum err e = change_begin(&c);

	if (e != ERR_OK)
		return e;
	e = integration_touch(&c, i);
	if (e == ERR_OK) {
		pg_params_init(&p);
		pg_add_int4(&p, a->id);
		e = write_row(&c, &delete_one, &p, a);
	}
	if (e == ERR_OK)
		e = number(&c, i->id, 0, 0);
	if (e == ERR_OK)
		e = audit(&c, i, "automation-remove", a);
	return finish(&c, e, a);
}
