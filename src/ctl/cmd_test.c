/* Test events, and what automations would do. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "ctl/ctl.h"
#include "domain/event.h"
#include "store/integrations.h"
#include "store/test_events.h"
#include "store/tries.h"

#define CHUNK 65536
#define EXAMPLE                                                            \
	"{\"test\":true,\"message\":\"A test event of ewactl integration " \
	"test\"}"

/* clang-format off */
const struct arg_def integration_test_args[] = {
	{"body", "FILE|-", false,
	    "the event's body (default: a small JSON document)"},
	{"content-type", "TYPE", false, "default: application/json"},
	{"run-automations", NULL, false,
	    "run its automations; else they are passed over"},
	{"send-reply", NULL, false, "send its reply; else there is none"},
	{"json", NULL, false, "one JSON document for programs"},
	{NULL}
};

const struct arg_def automation_try_args[] = {
	{"event", "ID", false, "a stored event of the integration"},
	{"body", "FILE|-", false, "a given one"},
	{"content-type", "TYPE", false, "of it; default: application/json"},
	{"json", NULL, false, "one JSON document for programs"},
	{NULL}
};
/* clang-format on */

/* All of a file ("-": standard input), up to the greatest body. */
static bool
read_body(const struct args *a, struct buf *out)
{
	const char *path = args_get(a, "body");
	FILE *f = stdin;
	size_t n;
	char *room;

	if (path == NULL) {
		buf_adds(out, EXAMPLE);
		return true;
	}
	if (strcmp(path, "-") != 0)
		f = fopen(path, "re");
	if (f == NULL) {
		args_complain(a, "--body: %s: %s", path, strerror(errno));
		return false;
	}
	do {
		room = buf_room(out, CHUNK);
		n = room != NULL ? fread(room, 1, CHUNK, f) : 0;
		if (room != NULL)
			buf_grew(out, n);
	} while (n > 0);
	if (f != stdin)
		fclose(f);
	if (out->len == 0 || room == NULL)
		args_complain(a, "--body: there must be 1 byte to 16 MiB");
	return out->len != 0 && room != NULL;
}

/* As the intake does: what parses as JSON is JSON. */
static enum event_kind
kind_of(const struct buf *b)
{
	size_t bom = json_bom(b->data, b->len);

	if (json_check(b->data + bom, b->len - bom, NULL) == ERR_OK)
		return EVENT_JSON;
	return utf8_valid(b->data, b->len, NULL) ? EVENT_TEXT : EVENT_BINARY;
}

static const char *
type_of(const struct args *a)
{
	const char *type = args_get(a, "content-type");

	return type != NULL ? type : "application/json";
}

static int
find(struct ctl *c, const struct args *a, struct integration **i)
{
	struct errinfo ei;
	int status = ctl_open(c);

	*i = NULL;
	if (status == CTL_OK && integrations_find(c->pg, NULL, a->words[0],
				    ctl_deadline(), i, &ei) != ERR_OK)
		status = ctl_fail(&ei);
	return status;
}

static void
say_sent(const struct ctl *c, const struct test_event *e)
{
	char id[UUID_TEXT_LEN + 1];
	struct json_object *o;

	uuid_format(&e->id, id);
	if (!c->json) {
		printf("sent as %s; \"ewactl event show %s\" tells what "
		       "becomes of it\n",
		    id, id);
		if (!e->integration->enabled)
			puts("The integration is disabled: it waits.");
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "eventId", ctl_json_text(id));
	ctl_print_json(o);
}

int
cmd_integration_test(struct ctl *c, const struct args *a)
{
	struct test_event e = {
	    .content_type = type_of(a),
	    .run_automations = args_has(a, "run-automations"),
	    .send_reply = args_has(a, "send-reply"),
	};
	struct integration *i = NULL;
	struct errinfo ei;
	struct buf body;
	int status = CTL_REFUSED;

	buf_init(&body, INTEGRATION_BODY_MAX);
	if (read_body(a, &body))
		status = find(c, a, &i);
	if (status == CTL_OK) {
		e.integration = i;
		e.kind = kind_of(&body);
		e.body = body.data;
		e.body_len = body.len;
		e.wait_ms = i->request_timeout_ms != 0
				? i->request_timeout_ms
				: c->settings.reply_horizon_ms;
		if (test_events_send(
			c->pg, &e, c->actor, ctl_deadline(), &ei) != ERR_OK)
			status = ctl_fail(&ei);
	}
	if (status == CTL_OK)
		say_sent(c, &e);
	integration_unref(i);
	buf_fini(&body);
	return status;
}

/* ---- what would be done
 * --------------------------------------------------------
 */

static const char *
verdict(const struct try_row *r)
{
	if (!r->enabled)
		return "passed over: it is disabled";
	if (r->problem != NULL)
		return "skipped: its condition can't be told";
	if (!r->holds)
		return "skipped: its condition does not hold";
	return r->blank ? "run: always" : "run: its condition holds";
}

static void
print_tries(const struct ctl *c, const struct try_list *l)
{
	struct json_object *list = json_object_new_array(), *whole;

	for (size_t n = 0; n < l->count; n++) {
		const struct try_row *r = &l->rows[n];
		struct json_object *o = json_object_new_object();

		if (!c->json)
			printf("%s: %s%s%s\n", r->name, verdict(r),
			    r->problem != NULL ? ": " : "",
			    r->problem != NULL ? r->problem : "");
		json_object_object_add(o, "automation", ctl_json_text(r->name));
		json_object_object_add(
		    o, "runs", json_object_new_boolean(r->enabled && r->holds));
		json_object_object_add(o, "why", ctl_json_text(verdict(r)));
		json_object_object_add(o, "problem", ctl_json_text(r->problem));
		json_object_array_add(list, o);
	}
	if (!c->json) {
		if (l->count == 0)
			puts("no automations: recording it is its handling");
		if (l->subject != NULL)
			printf("subject: %s\n", l->subject);
		json_object_put(list);
		return;
	}
	whole = json_object_new_object();
	json_object_object_add(whole, "automations", list);
	json_object_object_add(whole, "subject", ctl_json_text(l->subject));
	ctl_print_json(whole);
}

int
cmd_automation_try(struct ctl *c, const struct args *a)
{
	const char *event = args_get(a, "event");
	struct integration *i = NULL;
	struct try_list l = {0};
	struct errinfo ei;
	struct uuid id;
	struct buf body;
	int status = CTL_REFUSED;

	if ((event == NULL) == (args_get(a, "body") == NULL) ||
	    (event != NULL && !uuid_parse(event, &id))) {
		args_complain(a, "give --event ID or --body FILE");
		return CTL_USAGE;
	}
	buf_init(&body, INTEGRATION_BODY_MAX);
	if (event != NULL || read_body(a, &body))
		status = find(c, a, &i);
	if (status == CTL_OK &&
	    tries_make(c->pg, i, event != NULL ? &id : NULL, kind_of(&body),
		type_of(a), body.data, body.len, ctl_deadline(), &l,
		&ei) != ERR_OK)
		status = ctl_fail(&ei);
	if (status == CTL_OK)
		print_tries(c, &l);
	try_list_fini(&l);
	integration_unref(i);
	buf_fini(&body);
	return status;
}
