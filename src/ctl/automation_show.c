#include "config.h"

#include "ctl/automation_show.h"

#include <stdio.h>

#include "base/duration.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

static struct json_object *
headers_json(const struct automation *a)
{
	struct json_object *list = json_object_new_array();

	for (size_t n = 0; n < a->header_count; n++) {
		const struct integration_header *h = &a->headers[n];
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "name", ctl_json_text(h->name));
		json_object_object_add(
		    o, "value", ctl_json_text(h->secret ? NULL : h->value));
		json_object_object_add(
		    o, "secret", json_object_new_boolean(h->secret));
		json_object_array_add(list, o);
	}
	return list;
}

struct json_object *
automation_json(const struct automation *a)
{
	struct json_object *o = json_object_new_object();
	struct json_object *args = json_object_new_array();
	char limit[DURATION_TEXT_MAX];

	duration_format(a->timeout_ms, limit);
	for (size_t n = 0; n < a->arg_count; n++)
		json_object_array_add(args, ctl_json_text(a->args[n]));
	json_object_object_add(o, "id", json_object_new_int(a->id));
	json_object_object_add(o, "position", json_object_new_int(a->position));
	json_object_object_add(o, "name", ctl_json_text(a->name));
	json_object_object_add(
	    o, "enabled", json_object_new_boolean(a->enabled));
	json_object_object_add(o, "condition", ctl_json_text(a->condition));
	json_object_object_add(
	    o, "kind", ctl_json_text(automation_kind_name(a->kind)));
	json_object_object_add(
	    o, automation_kind_name(a->kind), ctl_json_text(a->target));
	json_object_object_add(o, "arguments", args);
	json_object_object_add(o, "method", ctl_json_text(a->method));
	json_object_object_add(o, "headers", headers_json(a));
	json_object_object_add(o, "timeout", ctl_json_text(limit));
	json_object_object_add(o, "attempts", json_object_new_int(a->attempts));
	json_object_object_add(
	    o, "onFailure", ctl_json_text(a->go_on ? "continue" : "stop"));
	return o;
}

static void
row(struct table *t, const char *name, const char *value)
{
	table_add(t, name);
	table_add(t, value);
}

void
automation_print(const struct automation *a)
{
	char limit[DURATION_TEXT_MAX];
	struct table t;

	duration_format(a->timeout_ms, limit);
	table_init(&t, 2);
	table_add(&t, "Number");
	table_addf(&t, "%d", (int)a->id);
	row(&t, "Name", a->name);
	table_add(&t, "Place");
	table_addf(&t, "%d", (int)a->position);
	row(&t, "Status", a->enabled ? "Enabled" : "Disabled");
	row(&t, "Condition", *a->condition != '\0' ? a->condition : "always");
	row(&t, "Action", automation_kind_name(a->kind));
	row(&t, "Target", a->target);
	for (size_t n = 0; n < a->arg_count; n++)
		row(&t, n == 0 ? "Arguments" : "", a->args[n]);
	if (a->kind == AUTOMATION_HTTP)
		row(&t, "Method", a->method);
	for (size_t n = 0; n < a->header_count; n++) {
		table_add(&t, n == 0 ? "Headers" : "");
		table_addf(&t, "%s: %s", a->headers[n].name,
		    a->headers[n].secret ? "(secret)" : a->headers[n].value);
	}
	row(&t, "Time limit", limit);
	table_add(&t, "Attempts");
	table_addf(&t, "%d", (int)a->attempts);
	row(&t, "On failure", a->go_on ? "continue" : "stop");
	table_print(&t, "", stdout);
	table_fini(&t);
}

void
automation_print_list(const struct automation_list *l)
{
	struct table t;

	if (l->count == 0) {
		puts("no automations: recording an event is its handling");
		return;
	}
	table_init(&t, 6);
	row(&t, "PLACE", "NUMBER");
	row(&t, "NAME", "STATUS");
	row(&t, "ACTION", "CONDITION");
	for (size_t n = 0; n < l->count; n++) {
		const struct automation *a = l->items[n];

		table_addf(&t, "%d", (int)a->position);
		table_addf(&t, "%d", (int)a->id);
		table_add(&t, a->name);
		table_add(&t, a->enabled ? "Enabled" : "Disabled");
		table_addf(&t, "%s %s", automation_kind_name(a->kind),
		    a->kind == AUTOMATION_HTTP && a->uri.origin != NULL
			? a->uri.origin
			: a->target);
		table_add(&t, *a->condition != '\0' ? a->condition : "always");
	}
	table_print(&t, "", stdout);
	table_fini(&t);
}
