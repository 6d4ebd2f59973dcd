#include "config.h"

#include <stdio.h>

#include "base/clock.h"
#include "ctl/ctl.h"
#include "ctl/event_filter.h"
#include "ctl/table.h"
#include "store/refusals.h"

/* clang-format off */
const struct arg_def refusals_args[] = {
	{"integration", "KEY|NAME", false, "of one integration"},
	{"since", "TIME", false,
	    "the last then or later: 2026-01-31T08:00:00Z,\n"
	    "or so long ago: PT1H"},
	{"json", NULL, false, "a JSON array for programs"},
	{NULL}
};
/* clang-format on */

static struct json_object *
to_json(const struct refusal *r)
{
	struct json_object *o = json_object_new_object(), *i = NULL;

	if (r->key != NULL) {
		i = json_object_new_object();
		json_object_object_add(i, "key", ctl_json_text(r->key));
		json_object_object_add(i, "name", ctl_json_text(r->name));
	}
	json_object_object_add(o, "integration", i);
	json_object_object_add(o, "source", ctl_json_text(r->source));
	json_object_object_add(o, "reason", ctl_json_text(r->reason));
	json_object_object_add(o, "status", json_object_new_int(r->status));
	json_object_object_add(o, "count", json_object_new_int64(r->count));
	json_object_object_add(o, "first", ctl_json_time(r->first_us));
	json_object_object_add(o, "last", ctl_json_time(r->last_us));
	json_object_object_add(o, "size",
	    r->last_size != REFUSAL_NO_SIZE
		? json_object_new_int64(r->last_size)
		: NULL);
	json_object_object_add(o, "path", ctl_json_text(r->last_path));
	json_object_object_add(o, "detail", ctl_json_text(r->last_detail));
	return o;
}

static void
print_json(const struct refusal_list *l)
{
	struct json_object *list = json_object_new_array();

	for (size_t n = 0; n < l->count; n++)
		json_object_array_add(list, to_json(&l->items[n]));
	ctl_print_json(list);
}

static void
print_table(const struct refusal_list *l)
{
	static const char *const heads[] = {"LAST", "COUNT", "STATUS", "SOURCE",
	    "INTEGRATION", "PATH", "DETAIL"};
	char when[CLOCK_TEXT_MAX];
	struct table t;

	if (l->count == 0) {
		puts("There are no such refusals.");
		return;
	}
	table_init(&t, sizeof(heads) / sizeof(heads[0]));
	for (size_t n = 0; n < sizeof(heads) / sizeof(heads[0]); n++)
		table_add(&t, heads[n]);
	for (size_t n = 0; n < l->count; n++) {
		const struct refusal *r = &l->items[n];

		clock_format(r->last_us, when);
		table_add(&t, when);
		table_addf(&t, "%lld", (long long)r->count);
		table_addf(&t, "%d", (int)r->status);
		table_add(&t, r->source);
		table_add(&t, r->name != NULL ? r->name : "-");
		table_add(&t, r->last_path);
		table_add(&t, r->last_detail);
	}
	table_print(&t, "", stdout);
	table_fini(&t);
}

int
cmd_refusals(struct ctl *c, const struct args *a)
{
	struct event_filter f = {.integration_id = REFUSALS_ALL};
	struct refusal_list l;
	struct errinfo ei;
	int status;

	if (!event_filter_time(a, "since", &f.since_us))
		return CTL_USAGE;
	status = ctl_open(c);
	if (status == CTL_OK)
		status = event_filter_integration(c, a, &f);
	if (status != CTL_OK)
		return status;
	if (refusals_list(c->pg, f.integration_id, f.since_us, ctl_deadline(),
		&l, &ei) != ERR_OK)
		return ctl_fail(&ei);
	if (c->json)
		print_json(&l);
	else
		print_table(&l);
	refusal_list_fini(&l);
	return CTL_OK;
}
