/* Automations of an integration. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/jsonw.h"
#include "base/mem.h"
#include "responder/api_ops.h"
#include "responder/form.h"
#include "responder/integration_json.h"
#include "store/automations.h"

#define FIELDS "name enabled condition action timeLimit attempts onFailure"
#define TEXT_MAX 100000

static void
action_json(struct buf *b, const struct automation *a)
{
	static const char *const names[] = {"command", "url", "function"};

	jsonw_object(b, "action");
	jsonw_str(b, "kind", automation_kind_name(a->kind));
	jsonw_str(b, names[a->kind], a->target);
	if (a->kind == AUTOMATION_COMMAND) {
		jsonw_array(b, "arguments");
		for (size_t n = 0; n < a->arg_count; n++)
			jsonw_str(b, NULL, a->args[n]);
		jsonw_end_array(b);
	} else if (a->kind == AUTOMATION_HTTP) {
		jsonw_str(b, "method", a->method);
		jsonw_array(b, "headers");
		for (size_t n = 0; n < a->header_count; n++) {
			const struct integration_header *h = &a->headers[n];

			jsonw_object(b, NULL);
			jsonw_str(b, "name", h->name);
			jsonw_str(b, "value", h->secret ? NULL : h->value);
			jsonw_bool(b, "secret", h->secret);
			jsonw_end_object(b);
		}
		jsonw_end_array(b);
	}
	jsonw_end_object(b);
}

static void
write_automation(struct buf *b, const struct call *c,
    const struct integration *i, const struct automation *a)
{
	char words[DURATION_WORDS_MAX], text[2 * DURATION_WORDS_MAX + 80];
	int64_t timeout_ms = i->request_timeout_ms != 0
				 ? i->request_timeout_ms
				 : c->app->settings.reply_horizon_ms;
	int64_t most_ms = automation_outlasts(a, timeout_ms);

	jsonw_object(b, NULL);
	jsonw_int(b, "id", a->id);
	jsonw_int(b, "position", a->position);
	jsonw_str(b, "name", a->name);
	jsonw_bool(b, "enabled", a->enabled);
	jsonw_str(b, "condition", a->condition);
	action_json(b, a);
	jsonw_duration(b, "timeLimit", a->timeout_ms);
	jsonw_int(b, "attempts", a->attempts);
	jsonw_str(b, "onFailure", a->go_on ? "continue" : "stop");
	jsonw_array(b, "warnings");
	if (most_ms != 0) {
		duration_words(most_ms, words);
		snprintf(text, sizeof(text),
		    "Its attempts may take %s, longer than replies are tried.",
		    words);
		jsonw_str(b, NULL, text);
	}
	jsonw_end_array(b);
	jsonw_int(b, "version", i->settings_version);
	jsonw_end_object(b);
}

static void
answer(struct call *c, int status, const struct integration *i,
    const struct automation *a)
{
	call_start(c, status);
	call_etag(c, i->settings_version);
	if (status == HTTP_CREATED)
		call_location(c, "/api/integrations/%s/automations/%d", i->key,
		    (int)a->id);
	write_automation(http_json(c->answer), c, i, a);
}

enum err
api_automations_get(struct call *c)
{
	struct automation_list *l = NULL;
	struct integration *i;
	struct buf *b;
	enum err e = call_integration(c, c->args[0], ROLE_VIEWER, NULL, &i);

	if (e == ERR_OK)
		e = automations_list(
		    c->pg, NULL, i->id, c->deadline_ms, &l, c->ei);
	if (e == ERR_OK) {
		b = call_json(c, HTTP_OK);
		jsonw_object(b, NULL);
		jsonw_array(b, "items");
		for (size_t n = 0; n < l->count; n++)
			write_automation(b, c, i, l->items[n]);
		jsonw_end_array(b);
		jsonw_end_object(b);
	}
	automation_list_free(l);
	integration_unref(i);
	return e;
}

/* ---- from a body -----------------------------------------------------------
 */

static void
set(char **to, const char *s)
{
	if (s == NULL)
		return;
	free(*to);
	*to = mem_strdup(s);
}

static void
read_args(const struct form *f, struct automation *a)
{
	struct json_object *l = form_array(f, "arguments", AUTOMATION_ARGS_MAX);

	automation_clear_args(a);
	for (size_t n = 0; l != NULL && n < json_object_array_length(l); n++) {
		struct json_object *o = json_object_array_get_idx(l, n);

		if (json_object_is_type(o, json_type_string))
			automation_add_arg(a, json_object_get_string(o));
		else
			form_fault(f, "arguments", "these must be strings");
	}
}

/* Without its headers list the stored ones stay. */
static void
read_headers(const struct form *f, struct automation *a)
{
	struct json_object *l =
	    form_array(f, "headers", INTEGRATION_HEADERS_MAX);
	struct form h;

	if (l == NULL)
		return;
	automation_clear_headers(a);
	for (size_t n = 0; n < json_object_array_length(l); n++) {
		const char *name = NULL, *value;
		bool secret = false;

		if (!form_object(&h, f, "headers", n,
			json_object_array_get_idx(l, n), "name value secret"))
			continue;
		if (form_need(&h, "name"))
			name = form_text(&h, "name", 1, 256);
		value = form_text(&h, "value", 0, TEXT_MAX);
		form_bool(&h, "secret", &secret);
		if (name != NULL)
			automation_add_header(a, name, value,
			    secret || value == NULL ||
				integration_header_is_secret(name));
	}
}

static void
read_action(const struct form *f, struct automation *a)
{
	static const char *const names[] = {"command", "url", "function"};
	static const char *const fields[] = {"kind command arguments",
	    "kind url method headers", "kind function"};
	struct json_object *o, *k = NULL;
	enum automation_kind kind = a->kind;
	struct form g;

	if (!json_object_object_get_ex(f->object, "action", &o))
		return;
	if (json_object_is_type(o, json_type_object))
		json_object_object_get_ex(o, "kind", &k);
	if (!json_object_is_type(k, json_type_string) ||
	    !automation_kind_parse(json_object_get_string(k), &kind)) {
		form_fault(
		    f, "action", "its kind must be command, http or sql");
		return;
	}
	if (kind != a->kind)
		a->attempts = automation_attempts_default(kind);
	a->kind = kind;
	if (!form_object(&g, f, "action", SIZE_MAX, o, fields[kind]))
		return;
	if (form_need(&g, names[kind]))
		set(&a->target, form_text(&g, names[kind], 1, TEXT_MAX));
	read_args(&g, a);
	set(&a->method, form_text(&g, "method", 1, 16));
	if (kind == AUTOMATION_HTTP)
		read_headers(&g, a);
	else
		automation_clear_headers(a);
}

static void
read_fields(const struct form *f, struct automation *a)
{
	const char *s;
	struct errinfo ei;
	int64_t n;

	set(&a->name, form_text(f, "name", 1, TEXT_MAX));
	form_bool(f, "enabled", &a->enabled);
	set(&a->condition, form_text(f, "condition", 0, TEXT_MAX));
	read_action(f, a);
	s = form_text(f, "timeLimit", 0, 100);
	if (s != NULL && automation_check_timeout(s, &a->timeout_ms, &ei))
		form_fault(f, "timeLimit", "%s", ei.detail);
	if (form_int(f, "attempts", 1, AUTOMATION_ATTEMPTS_MAX, &n))
		a->attempts = (int32_t)n;
	s = form_text(f, "onFailure", 1, 20);
	if (s != NULL && strcmp(s, "stop") != 0 && strcmp(s, "continue") != 0)
		form_fault(f, "onFailure", "write stop or continue");
	else if (s != NULL)
		a->go_on = strcmp(s, "continue") == 0;
}

/* What the store refused, at its field. */
static enum err
refused(struct call *c, enum err e)
{
	static const struct {
		const char *where, *pointer;
	} fields[] = {
	    {"name",       "/name"            },
            {"condition",  "/condition"       },
	    {"command",    "/action/command"  },
            {"program",    "/action/command"  },
	    {"arg",        "/action/arguments"},
            {"http",       "/action/url"      },
	    {"method",     "/action/method"   },
            {"header",     "/action/headers"  },
	    {"sql",        "/action/function" },
            {"timeout",    "/timeLimit"       },
	    {"attempts",   "/attempts"        },
            {"on-failure", "/onFailure"       }
        };
	const char *pointer = e == ERR_CONFLICT ? "/name" : "";

	if ((e != ERR_UNPROCESSABLE && e != ERR_CONFLICT) ||
	    c->fault_count != 0)
		return e;
	for (size_t n = 0; n < sizeof(fields) / sizeof(fields[0]); n++)
		if (strncmp(c->ei->where, fields[n].where,
			strlen(fields[n].where)) == 0)
			pointer = fields[n].pointer;
	call_fault(c, pointer, "%s", c->ei->detail);
	return e;
}

enum err
api_automations_post(struct call *c)
{
	struct automation *a = automation_new(AUTOMATION_COMMAND);
	struct integration *i;
	struct form f;
	enum err e = call_integration(c, c->args[0], ROLE_ADMIN, NULL, &i);

	if (e == ERR_OK) {
		form_body(&f, c, FIELDS);
		form_need(&f, "name");
		form_need(&f, "action");
		read_fields(&f, a);
	}
	if (e == ERR_OK && c->fault_count == 0)
		e = refused(c, automations_create(c->pg, c->app->keys, i, a,
				   c->who.name, c->deadline_ms, c->ei));
	if (e == ERR_OK && c->fault_count == 0)
		answer(c, HTTP_CREATED, i, a);
	automation_free(a);
	integration_unref(i);
	return e;
}

/* ---- one -------------------------------------------------------------------
 */

/* The automation of the path; *l owns it. */
static enum err
find(struct call *c, enum role role, struct integration **i,
    struct automation_list **l, struct automation **a)
{
	int32_t id = 0;
	enum err e = call_integration(c, c->args[0], role, NULL, i);

	*l = NULL;
	*a = NULL;
	if (e == ERR_OK)
		e = call_arg_int(c, 1, &id);
	if (e == ERR_OK)
		e = automations_list(
		    c->pg, NULL, (*i)->id, c->deadline_ms, l, c->ei);
	for (size_t n = 0; e == ERR_OK && n < (*l)->count; n++)
		if ((*l)->items[n]->id == id)
			*a = (*l)->items[n];
	if (e == ERR_OK && *a == NULL)
		e = err_set(
		    c->ei, ERR_NOT_FOUND, "there is no such automation");
	if (e == ERR_OK)
		e = call_check_version(c, (*i)->settings_version);
	return e;
}

enum err
api_automation_get(struct call *c)
{
	struct automation_list *l;
	struct automation *a;
	struct integration *i;
	enum err e = find(c, ROLE_VIEWER, &i, &l, &a);

	if (e == ERR_OK)
		answer(c, HTTP_OK, i, a);
	automation_list_free(l);
	integration_unref(i);
	return e;
}

enum err
api_automation_patch(struct call *c)
{
	struct automation_list *l;
	struct automation *a;
	struct integration *i;
	struct form f;
	enum err e = find(c, ROLE_ADMIN, &i, &l, &a);

	if (e == ERR_OK) {
		form_body(&f, c, FIELDS);
		read_fields(&f, a);
	}
	if (e == ERR_OK && c->fault_count == 0)
		e = refused(c, automations_update(c->pg, c->app->keys, i, a,
				   c->who.name, c->deadline_ms, c->ei));
	if (e == ERR_OK && c->fault_count == 0)
		answer(c, HTTP_OK, i, a);
	automation_list_free(l);
	integration_unref(i);
	return e;
}

enum err
api_automation_delete(struct call *c)
{
	struct automation_list *l;
	struct automation *a;
	struct integration *i;
	enum err e = find(c, ROLE_ADMIN, &i, &l, &a);

	if (e == ERR_OK)
		e = automations_remove(
		    c->pg, i, a, c->who.name, c->deadline_ms, c->ei);
	if (e == ERR_OK)
		call_start(c, HTTP_NO_CONTENT);
	automation_list_free(l);
	integration_unref(i);
	return e;
}

/* ---- order -----------------------------------------------------------------
 */

/* The numbers as they are given: each of the list's, once. */
static bool
read_order(struct call *c, const struct automation_list *l,
    struct automation *order[AUTOMATION_LIST_MAX])
{
	struct json_object *ids;
	struct form f;
	size_t n;

	form_body(&f, c, "ids");
	ids = form_need(&f, "ids") ? form_array(&f, "ids", AUTOMATION_LIST_MAX)
				   : NULL;
	if (ids == NULL)
		return false;
	for (n = 0; n < json_object_array_length(ids) && n < l->count; n++) {
		struct json_object *o = json_object_array_get_idx(ids, n);

		order[n] = NULL;
		for (size_t k = 0; k < l->count; k++)
			if (json_object_is_type(o, json_type_int) &&
			    json_object_get_int64(o) == l->items[k]->id)
				order[n] = l->items[k];
		for (size_t k = 0; k < n; k++)
			if (order[k] == order[n])
				order[n] = NULL;
		if (order[n] == NULL)
			break;
	}
	if (n == l->count && json_object_array_length(ids) == n)
		return true;
	form_fault(&f, "ids", "name each of the integration's, once");
	return false;
}

enum err
api_automations_order(struct call *c)
{
	struct automation *order[AUTOMATION_LIST_MAX];
	struct automation_list *l = NULL;
	struct integration *i;
	enum err e = call_integration(c, c->args[0], ROLE_ADMIN, NULL, &i);

	if (e == ERR_OK)
		e = automations_list(
		    c->pg, NULL, i->id, c->deadline_ms, &l, c->ei);
	if (e == ERR_OK && !read_order(c, l, order))
		e = ERR_UNPROCESSABLE;
	for (size_t n = 0; e == ERR_OK && n < l->count; n++)
		if (order[n]->position != (int32_t)n + 1 || n != 0)
			e = automations_move(c->pg, i, order[n], (int32_t)n + 1,
			    c->who.name, c->deadline_ms, c->ei);
	automation_list_free(l);
	integration_unref(i);
	return e == ERR_OK ? api_automations_get(c) : e;
}
