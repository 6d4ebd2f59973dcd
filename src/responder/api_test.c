/* Test events, and what automations would do. */
#include "config.h"

#include <string.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "responder/api_ops.h"
#include "responder/form.h"
#include "store/automations.h"
#include "store/test_events.h"
#include "store/tries.h"

#define BODY_CHARS_MAX 500000
#define TYPE_CHARS_MAX 256
#define SAMPLE "{\"test\":true,\"message\":\"A test event from the workspace\"}"
#define JSON_TYPE "application/json"

static enum event_kind
kind_of(const char *body)
{
	return json_check(body, strlen(body), NULL) == ERR_OK ? EVENT_JSON
							      : EVENT_TEXT;
}

static const char *
read_type(const struct form *f)
{
	const char *s = form_text(f, "contentType", 1, TYPE_CHARS_MAX);

	for (size_t n = 0; s != NULL && s[n] != '\0'; n++)
		if ((unsigned char)s[n] < 0x20 || (unsigned char)s[n] > 0x7e) {
			form_fault(f, "contentType",
			    "write printable ASCII characters");
			break;
		}
	return s != NULL ? s : JSON_TYPE;
}

static void
answer_made(struct call *c, const struct uuid *id)
{
	char text[UUID_TEXT_LEN + 1];
	struct buf *b;

	uuid_format(id, text);
	call_start(c, HTTP_ACCEPTED);
	call_location(c, "/api/events/%s", text);
	b = http_json(c->answer);
	jsonw_object(b, NULL);
	jsonw_str(b, "eventId", text);
	jsonw_end_object(b);
}

enum err
api_integration_test(struct call *c)
{
	struct test_event t = {.send_reply = true};
	struct integration *i;
	struct form f;
	enum err e = call_integration(c, c->args[0], ROLE_OPERATOR, NULL, &i);

	if (e != ERR_OK)
		return e;
	form_body(&f, c, "contentType body runAutomations sendReply");
	t.integration = i;
	t.content_type = read_type(&f);
	t.body = form_text(&f, "body", 1, BODY_CHARS_MAX);
	if (t.body == NULL)
		t.body = SAMPLE;
	t.body_len = strlen(t.body);
	t.kind = kind_of(t.body);
	form_bool(&f, "runAutomations", &t.run_automations);
	form_bool(&f, "sendReply", &t.send_reply);
	t.wait_ms = i->request_timeout_ms != 0
			? i->request_timeout_ms
			: c->app->settings.reply_horizon_ms;
	if (c->fault_count == 0 && !i->enabled)
		e = err_set(c->ei, ERR_CONFLICT,
		    "the integration is disabled; enable it first");
	if (c->fault_count == 0 && e == ERR_OK)
		e = test_events_send(
		    c->pg, &t, c->who.name, c->deadline_ms, c->ei);
	if (c->fault_count == 0 && e == ERR_OK) {
		watch_ring(c->app->watch);
		answer_made(c, &t.id);
	}
	integration_unref(i);
	return e;
}

/* ---- what automations would do ---------------------------------------------
 */

static const char *
why(const struct try_row *r)
{
	if (r->problem != NULL)
		return r->problem;
	if (!r->enabled)
		return "It is not enabled.";
	if (r->blank)
		return "It has no condition: it always runs.";
	return r->holds ? "Its condition holds."
			: "Its condition does not hold.";
}

static int32_t
id_of(const struct automation_list *l, const char *name)
{
	for (size_t n = 0; n < l->count; n++)
		if (strcmp(l->items[n]->name, name) == 0)
			return l->items[n]->id;
	return 0; /* removed just now */
}

static void
write_tries(
    struct call *c, const struct try_list *t, const struct automation_list *l)
{
	struct buf *b = call_json(c, HTTP_OK);

	jsonw_object(b, NULL);
	jsonw_str(b, "subject", t->subject);
	jsonw_array(b, "items");
	for (size_t n = 0; n < t->count; n++) {
		const struct try_row *r = &t->rows[n];

		jsonw_object(b, NULL);
		jsonw_int(b, "automationId", id_of(l, r->name));
		jsonw_str(b, "name", r->name);
		jsonw_bool(b, "runs", r->enabled && (r->blank || r->holds));
		jsonw_str(b, "why", why(r));
		jsonw_end_object(b);
	}
	jsonw_end_array(b);
	jsonw_end_object(b);
}

static enum err
try_them(struct call *c, const struct integration *i)
{
	struct automation_list *l = NULL;
	struct try_list t = {0};
	const char *event, *body, *type;
	struct uuid id;
	struct form f;
	enum err e;

	form_body(&f, c, "eventId body contentType");
	event = form_text(&f, "eventId", 1, 100);
	body = form_text(&f, "body", 1, BODY_CHARS_MAX);
	type = read_type(&f);
	if (event != NULL && !uuid_parse(event, &id))
		form_fault(&f, "eventId", "this is no Event ID");
	if (c->fault_count == 0 && (event == NULL) == (body == NULL))
		form_fault(&f, "eventId", "name an event, or write a body");
	if (c->fault_count != 0)
		return ERR_UNPROCESSABLE;
	e = tries_make(c->pg, i, event != NULL ? &id : NULL,
	    body != NULL ? kind_of(body) : EVENT_JSON, type, body,
	    body != NULL ? strlen(body) : 0, c->deadline_ms, &t, c->ei);
	if (e == ERR_OK)
		e = automations_list(
		    c->pg, NULL, i->id, c->deadline_ms, &l, c->ei);
	if (e == ERR_OK)
		write_tries(c, &t, l);
	automation_list_free(l);
	try_list_fini(&t);
	return e;
}

enum err
api_automations_try(struct call *c)
{
	struct integration *i;
	enum err e = call_integration(c, c->args[0], ROLE_OPERATOR, NULL, &i);

	if (e == ERR_OK)
		e = try_them(c, i);
	integration_unref(i);
	return e;
}
