/* API tokens of programs; for admins of all integrations. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "responder/api_ops.h"
#include "responder/form.h"
#include "store/api_tokens.h"
#include "store/grants.h"

static void
write_token(struct buf *b, const struct api_token *t, const char *token)
{
	jsonw_object(b, NULL);
	jsonw_int(b, "id", t->id);
	jsonw_str(b, "name", t->name);
	grants_json(b, "grants", &t->grants);
	jsonw_time(b, "createdAt", t->created_us);
	jsonw_str(b, "createdBy", t->created_by);
	jsonw_time(b, "expiresAt", t->expires_us);
	jsonw_time(b, "lastUsedAt", t->last_used_us);
	if (token != NULL)
		jsonw_str(b, "token", token);
	jsonw_end_object(b);
}

enum err
api_tokens_get(struct call *c)
{
	struct api_token_list l;
	struct page page;
	struct buf *b;
	enum err e;

	call_page(c, &page);
	if (c->fault_count != 0)
		return ERR_UNPROCESSABLE;
	e = api_tokens_list(c->pg, &page, c->deadline_ms, &l, c->ei);
	if (e != ERR_OK)
		return e;
	b = call_json(c, HTTP_OK);
	jsonw_object(b, NULL);
	jsonw_array(b, "items");
	for (size_t n = 0; n < l.count; n++)
		write_token(b, &l.items[n], NULL);
	jsonw_end_array(b);
	call_ends(b, &page, &l.ends, l.count != 0 ? l.items[0].id : 0,
	    l.count != 0 ? l.items[l.count - 1].id : 0);
	jsonw_end_object(b);
	api_token_list_fini(&l);
	return ERR_OK;
}

static void
read_token(struct call *c, struct api_token *t)
{
	const char *name = NULL;
	struct form f;

	form_body(&f, c, "name grants expiresAt");
	if (form_need(&f, "name"))
		name = form_text(&f, "name", 1, API_TOKEN_NAME_MAX);
	if (name != NULL && (name[0] == ' ' || name[strlen(name) - 1] == ' '))
		form_fault(&f, "name", "without blanks at its ends");
	if (form_need(&f, "grants") && form_grants(&f, "grants", &t->grants) &&
	    t->grants.count == 0)
		form_fault(&f, "grants", "an API token needs a role");
	t->expires_us = INT64_MAX;
	if (form_time(&f, "expiresAt", &t->expires_us) &&
	    t->expires_us <= clock_wall_us())
		form_fault(&f, "expiresAt", "this time has passed");
	t->name = mem_strdup(name);
}

enum err
api_tokens_post(struct call *c)
{
	char token[API_TOKEN_LEN + 1];
	struct api_token t = {0};
	enum err e = ERR_UNPROCESSABLE;

	read_token(c, &t);
	if (c->fault_count == 0)
		e = api_tokens_create(c->pg, c->app->keys, &t, c->who.name,
		    c->deadline_ms, token, c->ei);
	if (e == ERR_CONFLICT)
		call_conflict(c, "/name");
	if (e == ERR_OK) {
		call_start(c, HTTP_CREATED);
		call_location(c, "/api/tokens/%d", (int)t.id);
		write_token(http_json(c->answer), &t, token);
		mem_wipe(token, sizeof(token));
	}
	api_token_fini(&t);
	return e;
}

enum err
api_token_delete(struct call *c)
{
	int32_t id;
	enum err e = call_arg_int(c, 0, &id);

	if (e == ERR_OK)
		e = api_tokens_revoke(
		    c->pg, id, c->who.name, c->deadline_ms, c->ei);
	if (e == ERR_OK)
		call_start(c, HTTP_NO_CONTENT);
	return e;
}
