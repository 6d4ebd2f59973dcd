#include "config.h"

#include "store/users.h"

#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/mem.h"
#include "base/password.h"
#include "store/change.h"
#include "store/grants.h"
#include "store/pgval.h"

/* A user's columns repeat on each row, one a grant. */
#define COLUMNS                                                            \
	"u.id, u.name, u.display_name, u.enabled, u.password is not null," \
	" u.version, u.created_at, u.created_by, u.modified_at,"           \
	" u.modified_by, u.last_sign_in_at, g.role, g.team"

#define GRANTS " left join ewa.app_grant g on g.user_id = u.id"

enum column {
	C_ID,
	C_NAME,
	C_DISPLAY,
	C_ENABLED,
	C_HAS_PASSWORD,
	C_VERSION,
	C_CREATED,
	C_CREATED_BY,
	C_MODIFIED,
	C_MODIFIED_BY,
	C_LAST,
	C_ROLE,
	C_TEAM
};

/* $1 part of the name, $2 anchor, $3 limit. */
#define LIST(compare, order)                                      \
	"select " COLUMNS " from (select * from ewa.app_user a"   \
	" where (position(lower($1) in lower(a.name)) > 0"        \
	"  or position(lower($1) in lower(a.display_name)) > 0)"  \
	" and ($2 = 0 or lower(a.name) " compare                  \
	"  (select lower(name) from ewa.app_user where id = $2))" \
	" order by lower(a.name) " order " limit $3) u" GRANTS    \
	" order by lower(u.name), g.id"

static const struct pg_stmt list_behind = {"users_behind", LIST(">", "asc")};
static const struct pg_stmt list_before = {"users_before", LIST("<", "desc")};

static const struct pg_stmt read_one = {"user_get",
    "select " COLUMNS " from ewa.app_user u" GRANTS
    " where u.id = $1 or ($1 = 0 and lower(u.name) = lower($2))"
    " order by g.id"};

static const struct pg_stmt insert_user = {"user_insert",
    "insert into ewa.app_user"
    " (name, display_name, password, enabled, created_by, modified_by)"
    " values ($1, $2, $3, $4, $5, $5)"
    " returning id, version, created_at, modified_at"};

static const struct pg_stmt update_user = {"user_update",
    "update ewa.app_user set display_name = $3, enabled = $4,"
    " modified_by = $5, modified_at = now(), version = version + 1"
    " where id = $1 and version = $2 returning version, modified_at"};

static const struct pg_stmt update_password = {"user_password_set",
    "update ewa.app_user set password = $2, modified_by = $3,"
    " modified_at = now(), version = version + 1"
    " where id = $1 returning name"};

static const struct pg_stmt read_password = {"user_password",
    "select id, password from ewa.app_user"
    " where lower(name) = lower($1) and enabled"};

static const struct pg_stmt end_sessions = {"user_sessions_end",
    "delete from ewa.session where user_id = $1"
    " and ($2::bytea is null or mac <> $2)"};

/* One change of who administers at a time. */
static const struct pg_stmt lock_admins = {
    "admins_lock", "select pg_advisory_xact_lock(6649697, 5)"};

static const struct pg_stmt find_admin = {"admins_find",
    "select 1 from ewa.app_user u join ewa.app_grant g on g.user_id = u.id"
    " where u.enabled and g.role = 'admin' and g.team is null limit 1"};

void
user_fini(struct user *u)
{
	free(u->name);
	free(u->display_name);
	free(u->created_by);
	free(u->modified_by);
	grants_fini(&u->grants);
	memset(u, 0, sizeof(*u));
}

void
user_list_fini(struct user_list *l)
{
	for (size_t n = 0; n < l->count; n++)
		user_fini(&l->items[n]);
	free(l->items);
	l->items = NULL;
	l->count = 0;
}

static void
take_user(struct user *u, const PGresult *r, int row)
{
	memset(u, 0, sizeof(*u));
	u->id = pg_int4(r, row, C_ID);
	u->name = pg_text(r, row, C_NAME);
	u->display_name = pg_text(r, row, C_DISPLAY);
	u->enabled = pg_bool(r, row, C_ENABLED);
	u->has_password = pg_bool(r, row, C_HAS_PASSWORD);
	u->version = pg_int8(r, row, C_VERSION);
	u->created_us = pg_time(r, row, C_CREATED);
	u->created_by = pg_text(r, row, C_CREATED_BY);
	u->modified_us = pg_time(r, row, C_MODIFIED);
	u->modified_by = pg_text(r, row, C_MODIFIED_BY);
	u->last_sign_in_us =
	    pg_null(r, row, C_LAST) ? USERS_NO_TIME : pg_time(r, row, C_LAST);
}

static void
take_users(const PGresult *r, struct user_list *out)
{
	struct user *u = NULL;

	memset(out, 0, sizeof(*out));
	out->items = mem_array((size_t)PQntuples(r), sizeof(*out->items));
	for (int row = 0; row < PQntuples(r); row++) {
		if (u == NULL || u->id != pg_int4(r, row, C_ID)) {
			u = &out->items[out->count++];
			take_user(u, r, row);
		}
		grants_take(&u->grants, r, row, C_ROLE, C_TEAM);
	}
}

enum err
users_list(struct pg *pg, const char *q, const struct page *page,
    int64_t deadline_ms, struct user_list *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	pg_add_text(&p, q);
	pg_add_int4(&p, (int32_t)page->anchor);
	pg_add_int8(&p, page->limit + 1);
	e = pg_query(pg, page->back ? &list_before : &list_behind, &p,
	    deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	take_users(r, out);
	PQclear(r);
	if (page_cut(
		page, out->items, &out->count, sizeof(*out->items), &out->ends))
		user_fini(&out->items[out->count]);
	return ERR_OK;
}

enum err
users_get(struct pg *pg, int32_t id, const char *name, int64_t deadline_ms,
    struct user *out, struct errinfo *ei)
{
	struct user_list l;
	struct pg_params p;
	PGresult *r;
	enum err e;

	memset(out, 0, sizeof(*out));
	pg_params_init(&p);
	pg_add_int4(&p, id);
	pg_add_text(&p, name);
	e = pg_query(pg, &read_one, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	take_users(r, &l);
	PQclear(r);
	if (l.count == 0 && name != NULL)
		e = err_set(ei, ERR_NOT_FOUND,
		    "there is no user with the name \"%.100s\"", name);
	else if (l.count == 0)
		e = err_set(ei, ERR_NOT_FOUND, "there is no such user");
	else
		*out = l.items[0];
	free(l.items);
	return e;
}

static enum err
audit(struct change *c, const char *action, const struct user *u,
    const char *what)
{
	struct buf detail;
	enum err e;

	buf_init(&detail, CHANGE_AUDIT_MAX);
	jsonw_object(&detail, NULL);
	jsonw_str(&detail, "user", u->name);
	if (what != NULL) {
		jsonw_str(&detail, what, "set");
	} else {
		jsonw_str(&detail, "displayName", u->display_name);
		jsonw_bool(&detail, "enabled", u->enabled);
		grants_json(&detail, "grants", &u->grants);
	}
	jsonw_end_object(&detail);
	e = change_audit_other(c, action, &detail);
	buf_fini(&detail);
	return e;
}

static enum err
insert(struct change *c, struct user *u, const char *password)
{
	char hash[PASSWORD_HASH_MAX];
	struct pg_params p;
	PGresult *r;
	enum err e;

	if (password != NULL)
		password_hash(password, hash);
	pg_params_init(&p);
	pg_add_text(&p, u->name);
	pg_add_text(&p, u->display_name);
	pg_add_text(&p, password != NULL ? hash : NULL);
	pg_add_bool(&p, u->enabled);
	pg_add_text(&p, c->actor);
	e = change_run(c, &insert_user, &p, &r);
	mem_wipe(hash, sizeof(hash));
	if (e != ERR_OK)
		return e;
	u->id = pg_int4(r, 0, 0);
	u->version = pg_int8(r, 0, 1);
	u->created_us = pg_time(r, 0, 2);
	u->modified_us = pg_time(r, 0, 3);
	PQclear(r);
	u->has_password = password != NULL;
	u->last_sign_in_us = USERS_NO_TIME;
	return grants_write(c, u->id, 0, &u->grants);
}

static void
set_text(char **s, const char *to)
{
	free(*s);
	*s = mem_strdup(to);
}

enum err
users_create(struct pg *pg, struct user *u, const char *password,
    const char *actor, int64_t deadline_ms, struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	enum err e;

	e = change_begin(&c);
	if (e != ERR_OK)
		return e;
	e = insert(&c, u, password);
	if (e == ERR_OK)
		e = audit(&c, "user.create", u, NULL);
	e = change_end(&c, e);
	if (c.taken)
		return err_set(ei, ERR_CONFLICT,
		    "there is a user with the name \"%.100s\" already",
		    u->name);
	if (e == ERR_OK) {
		set_text(&u->created_by, actor);
		set_text(&u->modified_by, actor);
	}
	return e;
}

static enum err
write_user(struct change *c, struct user *u)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	pg_add_int4(&p, u->id);
	pg_add_int8(&p, u->version);
	pg_add_text(&p, u->display_name);
	pg_add_bool(&p, u->enabled);
	pg_add_text(&p, c->actor);
	e = change_run(c, &update_user, &p, &r);
	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 1) {
		u->version = pg_int8(r, 0, 0);
		u->modified_us = pg_time(r, 0, 1);
	} else {
		e = err_set(c->ei, ERR_STALE,
		    "the user was changed meanwhile; read it again");
	}
	PQclear(r);
	return e;
}

static enum err
end_of_sessions(struct change *c, int32_t id, const uint8_t *keep)
{
	struct pg_params p;

	pg_params_init(&p);
	pg_add_int4(&p, id);
	if (keep != NULL)
		pg_add_bytes(&p, PG_BYTEA, keep, 32);
	else
		pg_add_null(&p, PG_BYTEA);
	return change_run(c, &end_sessions, &p, NULL);
}

static enum err
still_an_admin(struct change *c)
{
	PGresult *r;
	enum err e = change_run(c, &find_admin, NULL, &r);

	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 0)
		e = err_set(c->ei, ERR_CONFLICT,
		    "this is the last enabled admin of all integrations; make "
		    "another one first");
	PQclear(r);
	return e;
}

enum err
users_update(struct pg *pg, struct user *u, const char *actor,
    int64_t deadline_ms, struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	enum err e;

	e = change_begin(&c);
	if (e != ERR_OK)
		return e;
	e = change_run(&c, &lock_admins, NULL, NULL);
	if (e == ERR_OK)
		e = write_user(&c, u);
	if (e == ERR_OK)
		e = grants_write(&c, u->id, 0, &u->grants);
	if (e == ERR_OK)
		e = still_an_admin(&c);
	if (e == ERR_OK && !u->enabled)
		e = end_of_sessions(&c, u->id, NULL);
	if (e == ERR_OK)
		e = audit(&c, "user.update", u, NULL);
	e = change_end(&c, e);
	if (e == ERR_OK)
		set_text(&u->modified_by, actor);
	return e;
}

static enum err
write_password(struct change *c, int32_t id, const char *hash)
{
	struct user u = {0};
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	pg_add_int4(&p, id);
	pg_add_text(&p, hash);
	pg_add_text(&p, c->actor);
	e = change_run(c, &update_password, &p, &r);
	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 1)
		u.name = pg_text(r, 0, 0);
	else
		e = err_set(c->ei, ERR_NOT_FOUND, "there is no such user");
	PQclear(r);
	if (e == ERR_OK)
		e = audit(c, "user.password", &u, "password");
	user_fini(&u);
	return e;
}

enum err
users_set_password(struct pg *pg, int32_t id, const char *password,
    const uint8_t *keep_session, const char *actor, int64_t deadline_ms,
    struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	char hash[PASSWORD_HASH_MAX];
	enum err e;

	password_hash(password, hash);
	e = change_begin(&c);
	if (e == ERR_OK) {
		e = write_password(&c, id, hash);
		if (e == ERR_OK)
			e = end_of_sessions(&c, id, keep_session);
		e = change_end(&c, e);
	}
	mem_wipe(hash, sizeof(hash));
	return e;
}

enum err
users_password(struct pg *pg, const char *name, int64_t deadline_ms,
    int32_t *id, char **hash, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	*id = 0;
	*hash = NULL;
	pg_params_init(&p);
	pg_add_text(&p, name);
	e = pg_query(pg, &read_password, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 1 && !pg_null(r, 0, 1)) {
		*id = pg_int4(r, 0, 0);
		*hash = pg_text(r, 0, 1);
	}
	PQclear(r);
	return ERR_OK;
}
