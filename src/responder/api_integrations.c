/* Integrations: lists, one, created, changed, copied, deleted. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "responder/api_ops.h"
#include "responder/form.h"
#include "responder/integration_json.h"
#include "store/automations.h"
#include "store/integrations.h"

#define DELETE_MS 120000 /* cancelling a long queue takes its time */

/* ---- lists -----------------------------------------------------------------
 */

static const char *
read_sort(struct call *c)
{
	static const char *const fields[] = {"name", "created", "createdBy",
	    "modified", "modifiedBy", "enabled", "externalSystem", "status"};
	const char *s = call_param(c, "sort");

	if (s == NULL)
		return "name";
	for (size_t n = 0; n < sizeof(fields) / sizeof(fields[0]); n++)
		if (strcmp(s + (*s == '-'), fields[n]) == 0)
			return s;
	call_fault(c, "sort", "there is no such order");
	return s;
}

enum err
api_integrations_get(struct call *c)
{
	const char *q = call_param_text(c, "q", 800);
	struct integration_query query = {
	    .q = q != NULL ? q : "",
	    .team = call_param(c, "team"),
	    .sort = read_sort(c),
	};
	struct integration_page l;
	struct buf *b;
	enum err e;

	call_page(c, &query.page);
	if (c->fault_count != 0)
		return ERR_UNPROCESSABLE;
	e = integration_page_read(
	    c->pg, &c->who.grants, &query, c->deadline_ms, &l, c->ei);
	if (e != ERR_OK)
		return e;
	b = call_json(c, HTTP_OK);
	jsonw_object(b, NULL);
	jsonw_array(b, "items");
	for (size_t n = 0; n < l.count; n++) {
		integration_summary_json(b, c, &l.items[n]);
		jsonw_end_object(b);
	}
	jsonw_end_array(b);
	call_ends(b, &query.page, &l.ends, l.count != 0 ? l.items[0].id : 0,
	    l.count != 0 ? l.items[l.count - 1].id : 0);
	jsonw_int(b, "total", l.total);
	jsonw_end_object(b);
	integration_page_fini(&l);
	return ERR_OK;
}

enum err
api_teams_get(struct call *c)
{
	struct team_list l;
	struct buf *b;
	enum err e =
	    integration_teams(c->pg, &c->who.grants, c->deadline_ms, &l, c->ei);

	if (e != ERR_OK)
		return e;
	b = call_json(c, HTTP_OK);
	jsonw_object(b, NULL);
	jsonw_array(b, "items");
	for (size_t n = 0; n < l.count; n++)
		jsonw_str(b, NULL, l.items[n]);
	jsonw_end_array(b);
	jsonw_end_object(b);
	team_list_fini(&l);
	return ERR_OK;
}

/* ---- one -------------------------------------------------------------------
 */

enum err
api_answer_integration(struct call *c, int status, const struct integration *i,
    bool with_token, const char *token)
{
	struct token_infos tokens = {.count = 0};
	struct integration_page row = {.count = 0};
	struct buf *b;
	enum err e;

	e = integration_row_read(c->pg, i->id, c->deadline_ms, &row, c->ei);
	if (e == ERR_OK)
		e = integration_token_infos(
		    c->pg, i->id, c->deadline_ms, &tokens, c->ei);
	if (e == ERR_OK) {
		call_start(c, status);
		call_etag(c, row.items[0].version);
		if (status == HTTP_CREATED)
			call_location(c, "/api/integrations/%s", i->key);
		b = http_json(c->answer);
		integration_json(b, c, i, &row.items[0], &tokens);
		if (with_token)
			jsonw_str(b, "token", token);
		jsonw_end_object(b);
	}
	token_infos_fini(&tokens);
	integration_page_fini(&row);
	return e;
}

/* "reply-url" as "/replyUrl". */
static void
pointer_of(const char *where, char out[64])
{
	size_t n = 0;

	if (*where != '\0')
		out[n++] = '/';
	for (; *where != '\0' && n < 63; where++) {
		if (*where == '-' && where[1] >= 'a' && where[1] <= 'z')
			out[n++] = (char)(*++where - 'a' + 'A');
		else
			out[n++] = *where;
	}
	out[n] = '\0';
}

enum err
api_integration_error(struct call *c, enum err e)
{
	char pointer[64];

	if (e == ERR_CONFLICT && strcmp(c->ei->where, "name") == 0) {
		call_conflict(c, "/name");
	} else if (e == ERR_CONFLICT) {
		e = err_set(c->ei, ERR_STALE,
		    "it was changed meanwhile; read it again and look at the "
		    "changes");
	} else if (e == ERR_UNPROCESSABLE && c->fault_count == 0) {
		pointer_of(strcmp(c->ei->where, "reply-header") == 0
			       ? "reply-headers"
			       : c->ei->where,
		    pointer);
		call_fault(c, pointer, "%s", c->ei->detail);
	}
	return e;
}

enum err
api_integration_get(struct call *c)
{
	struct integration *i;
	enum err e = call_integration(c, c->args[0], ROLE_VIEWER, NULL, &i);

	if (e == ERR_OK)
		e = api_answer_integration(c, HTTP_OK, i, false, NULL);
	integration_unref(i);
	return e;
}

static enum err
may_administer(struct call *c, const struct integration *i)
{
	if (grants_role(&c->who.grants, i->team) == ROLE_ADMIN)
		return ERR_OK;
	return err_set(c->ei, ERR_FORBIDDEN, "this needs the role admin for %s",
	    *i->team != '\0' ? "that team" : "all integrations: name a team");
}

/* ---- create ----------------------------------------------------------------
 */

/* The token that was typed or made; NULL: none. */
static const char *
read_token(const struct form *f, char made[INTEGRATION_TOKEN_GENERATED + 1])
{
	const char *s = form_text(f, "token", 0, 10000);
	bool generate = false;
	struct errinfo ei;

	form_bool(f, "generateToken", &generate);
	if (s != NULL && generate)
		form_fault(f, "generateToken",
		    "a token is typed besides; one of the two is meant");
	if (s != NULL && integration_check_token(s, &ei) != ERR_OK)
		form_fault(f, "token", "%s", ei.detail);
	if (s != NULL || !generate)
		return s;
	crypto_random_base32(made, INTEGRATION_TOKEN_GENERATED);
	return made;
}

static void
read_system(const struct form *f, struct integration *i)
{
	const char *s = form_text(f, "externalSystem", 0, 100);

	if (s == NULL)
		return;
	i->sync = strcmp(s, "sync") == 0;
	if (!i->sync && strcmp(s, "async") != 0)
		form_fault(f, "externalSystem", "write async or sync");
}

enum err
api_integrations_post(struct call *c)
{
	char made[INTEGRATION_TOKEN_GENERATED + 1] = "";
	struct integration *i = integration_new();
	const char *token;
	struct form f;
	enum err e = ERR_OK;

	form_body(
	    &f, c, INTEGRATION_FIELDS " externalSystem token generateToken");
	form_need(&f, "name");
	integration_form(&f, i);
	read_system(&f, i);
	token = read_token(&f, made);
	if (c->fault_count == 0)
		e = may_administer(c, i);
	if (e == ERR_OK && c->fault_count == 0)
		e = api_integration_error(
		    c, integrations_create(c->pg, c->app->keys, i, token,
			   c->who.name, c->deadline_ms, c->ei));
	if (e == ERR_OK && c->fault_count == 0)
		e = api_answer_integration(c, HTTP_CREATED, i, true, token);
	mem_wipe(made, sizeof(made));
	integration_unref(i);
	return e;
}

/* ---- change ----------------------------------------------------------------
 */

enum err
api_integration_patch(struct call *c)
{
	struct integration *i;
	struct form f;
	enum err e;

	e = call_integration(c, c->args[0], ROLE_ADMIN, NULL, &i);
	if (e == ERR_OK)
		e = call_check_version(c, i->settings_version);
	if (e != ERR_OK) {
		integration_unref(i);
		return e;
	}
	form_body(&f, c, INTEGRATION_FIELDS);
	integration_form(&f, i);
	if (c->fault_count == 0)
		e = may_administer(c, i);
	if (e == ERR_OK && c->fault_count == 0)
		e = api_integration_error(
		    c, integrations_update(c->pg, c->app->keys, i, "update",
			   c->who.name, c->deadline_ms, c->ei));
	if (e == ERR_OK && c->fault_count == 0)
		e = api_answer_integration(c, HTTP_OK, i, false, NULL);
	integration_unref(i);
	return e;
}

enum err
api_integration_delete(struct call *c)
{
	const char *name = call_param(c, "name");
	struct integration *i;
	enum err e;

	e = call_integration(c, c->args[0], ROLE_ADMIN, NULL, &i);
	if (e == ERR_OK)
		e = call_check_version(c, i->settings_version);
	if (e == ERR_OK && (name == NULL || strcmp(name, i->name) != 0))
		e = call_fault(
		    c, "name", "type the integration's name to delete it");
	if (e == ERR_OK)
		e = api_integration_error(
		    c, integrations_delete(c->pg, i, c->who.name,
			   clock_mono_ms() + DELETE_MS, c->ei));
	if (e == ERR_OK)
		call_start(c, HTTP_NO_CONTENT);
	integration_unref(i);
	return e;
}

/* ---- copy ------------------------------------------------------------------
 */

/* Of the original all but what makes it that one. */
static void
make_copy(struct integration *i)
{
	i->enabled = false;
	i->paused_until_us = INTEGRATION_NOT_PAUSED;
	i->token_count = 0;
	integration_set_signing(i, NULL);
	i->signature_rule = SIGNATURE_EITHER;
	for (size_t n = 0; n < i->reply_secrets.count; n++)
		i->reply_secrets.items[n].fresh =
		    i->reply_secrets.items[n].value != NULL;
}

static enum err
copy(struct call *c, struct integration *i)
{
	const char *team;
	struct errinfo ei;
	struct form f;
	enum err e = ERR_OK;

	form_body(&f, c, "name team");
	if (form_need(&f, "name")) {
		const char *s = form_text(&f, "name", 1, 4000);

		if (s != NULL && integration_check_name(s, &ei) != ERR_OK)
			form_fault(&f, "name", "%s", ei.detail);
		free(i->name);
		i->name = mem_strdup(s != NULL ? s : "");
	}
	team = form_text(&f, "team", 0, INTEGRATION_TEXT_MAX);
	if (team != NULL) {
		free(i->team);
		i->team = mem_strdup(team);
	}
	if (c->fault_count == 0)
		e = may_administer(c, i);
	if (e != ERR_OK || c->fault_count != 0)
		return e;
	e = automations_list(
	    c->pg, c->app->keys, i->id, c->deadline_ms, &i->automations, c->ei);
	if (e != ERR_OK)
		return e;
	make_copy(i);
	e = api_integration_error(
	    c, integrations_create(c->pg, c->app->keys, i, NULL, c->who.name,
		   c->deadline_ms, c->ei));
	if (e == ERR_OK)
		e = api_answer_integration(c, HTTP_CREATED, i, false, NULL);
	return e;
}

enum err
api_integration_copy(struct call *c)
{
	struct integration *i;
	enum err e =
	    call_integration(c, c->args[0], ROLE_ADMIN, c->app->keys, &i);

	if (e == ERR_OK)
		e = copy(c, i);
	integration_unref(i);
	return e;
}
