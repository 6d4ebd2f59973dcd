/* People who may sign in; for admins of all integrations. */
#include "config.h"

#include <string.h>

#include "base/jsonw.h"
#include "base/mem.h"
#include "responder/api_ops.h"
#include "responder/form.h"
#include "store/grants.h"
#include "store/users.h"

static void
write_user(struct buf *b, const struct user *u)
{
	jsonw_object(b, NULL);
	jsonw_int(b, "id", u->id);
	jsonw_str(b, "name", u->name);
	jsonw_str(b, "displayName", u->display_name);
	jsonw_bool(b, "enabled", u->enabled);
	jsonw_bool(b, "hasPassword", u->has_password);
	grants_json(b, "grants", &u->grants);
	jsonw_int(b, "version", u->version);
	jsonw_time(b, "createdAt", u->created_us);
	jsonw_str(b, "createdBy", u->created_by);
	jsonw_time(b, "modifiedAt", u->modified_us);
	jsonw_str(b, "modifiedBy", u->modified_by);
	jsonw_time(b, "lastSignInAt", u->last_sign_in_us);
	jsonw_end_object(b);
}

static void
answer_user(struct call *c, int status, const struct user *u)
{
	call_start(c, status);
	call_etag(c, u->version);
	if (status == HTTP_CREATED)
		call_location(c, "/api/users/%d", (int)u->id);
	write_user(http_json(c->answer), u);
}

enum err
api_users_get(struct call *c)
{
	const char *q = call_param_text(c, "q", 800);
	struct user_list l;
	struct page page;
	struct buf *b;
	enum err e;

	call_page(c, &page);
	if (c->fault_count != 0)
		return ERR_UNPROCESSABLE;
	e = users_list(
	    c->pg, q != NULL ? q : "", &page, c->deadline_ms, &l, c->ei);
	if (e != ERR_OK)
		return e;
	b = call_json(c, HTTP_OK);
	jsonw_object(b, NULL);
	jsonw_array(b, "items");
	for (size_t n = 0; n < l.count; n++)
		write_user(b, &l.items[n]);
	jsonw_end_array(b);
	call_ends(b, &page, &l.ends, l.count != 0 ? l.items[0].id : 0,
	    l.count != 0 ? l.items[l.count - 1].id : 0);
	jsonw_end_object(b);
	user_list_fini(&l);
	return ERR_OK;
}

/* The fields that create and update have in common. */
static void
read_fields(const struct form *f, struct user *u)
{
	struct grants grants = {.count = 0};
	const char *s = form_text(f, "displayName", 0, ACCESS_DISPLAY_NAME_MAX);

	if (s != NULL) {
		free(u->display_name);
		u->display_name = mem_strdup(s);
	}
	form_bool(f, "enabled", &u->enabled);
	if (form_grants(f, "grants", &grants)) {
		grants_fini(&u->grants);
		u->grants = grants;
	}
}

static const char *
read_password(const struct form *f, const char *user_name)
{
	const char *s = form_text(f, "password", 0, 4 * ACCESS_PASSWORD_MAX);
	struct errinfo ei;

	if (s != NULL && access_check_password(s, user_name, &ei) != ERR_OK)
		form_fault(f, "password", "%s", ei.detail);
	return s;
}

enum err
api_users_post(struct call *c)
{
	const char *name = NULL, *password;
	struct user u = {.enabled = true};
	struct errinfo ei;
	struct form f;
	enum err e = ERR_UNPROCESSABLE;

	form_body(&f, c, "name displayName password enabled grants");
	u.display_name = mem_strdup("");
	if (form_need(&f, "name"))
		name = form_text(&f, "name", 1, ACCESS_USER_NAME_MAX);
	if (name != NULL && access_check_user_name(name, &ei) != ERR_OK)
		form_fault(&f, "name", "%s", ei.detail);
	read_fields(&f, &u);
	password = read_password(&f, name != NULL ? name : "");
	u.name = mem_strdup(name);
	if (c->fault_count == 0)
		e = users_create(
		    c->pg, &u, password, c->who.name, c->deadline_ms, c->ei);
	if (e == ERR_CONFLICT)
		call_conflict(c, "/name");
	if (e == ERR_OK)
		answer_user(c, HTTP_CREATED, &u);
	user_fini(&u);
	return e;
}

static enum err
find(struct call *c, struct user *u)
{
	int32_t id = 0;
	enum err e = call_arg_int(c, 0, &id);

	*u = (struct user){0};
	if (e == ERR_OK)
		e = users_get(c->pg, id, NULL, c->deadline_ms, u, c->ei);
	return e;
}

enum err
api_user_get(struct call *c)
{
	struct user u;
	enum err e = find(c, &u);

	if (e == ERR_OK)
		answer_user(c, HTTP_OK, &u);
	user_fini(&u);
	return e;
}

enum err
api_user_patch(struct call *c)
{
	struct user u;
	struct form f;
	enum err e;

	form_body(&f, c, "displayName enabled grants");
	e = find(c, &u);
	if (e == ERR_OK)
		read_fields(&f, &u);
	if (e == ERR_OK)
		e = call_check_version(c, u.version);
	if (e == ERR_OK && c->fault_count == 0)
		e = users_update(c->pg, &u, c->who.name, c->deadline_ms, c->ei);
	if (e == ERR_OK && c->fault_count == 0)
		answer_user(c, HTTP_OK, &u);
	user_fini(&u);
	return e;
}

enum err
api_user_password(struct call *c)
{
	const char *password = NULL;
	struct user u;
	struct form f;
	enum err e;

	form_body(&f, c, "password");
	e = find(c, &u);
	if (e == ERR_OK && form_need(&f, "password"))
		password = read_password(&f, u.name);
	if (e == ERR_OK && c->fault_count == 0)
		e = users_set_password(c->pg, u.id, password,
		    c->who.user_id == u.id ? c->who.session_mac : NULL,
		    c->who.name, c->deadline_ms, c->ei);
	if (e == ERR_OK && c->fault_count == 0)
		call_start(c, HTTP_NO_CONTENT);
	user_fini(&u);
	return e;
}
