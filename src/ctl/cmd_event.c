#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/event_filter.h"
#include "ctl/event_show.h"
#include "store/events.h"

#define LIMIT_DEFAULT 20

/* clang-format off */
const struct arg_def event_list_args[] = {
	EVENT_FILTER_ARGS,
	{"limit", "N", false, "at most so many, up to 1000 (default: 20)"},
	{"json", NULL, false, "a JSON array for programs"},
	{NULL}
};
/* clang-format on */

/* ---- list
 * ---------------------------------------------------------------------- */

static bool
take_limit(const struct args *a, struct event_filter *f)
{
	const char *limit = args_get(a, "limit");
	char *end;
	long n;

	f->limit = LIMIT_DEFAULT;
	if (limit == NULL)
		return true;
	n = strtol(limit, &end, 10);
	if (*limit >= '0' && *limit <= '9' && *end == '\0' && n >= 1 &&
	    n <= EVENTS_PAGE_MAX) {
		f->limit = (int)n;
		return true;
	}
	args_complain(a, "--limit: \"%s\" is not a number from 1 to %d", limit,
	    EVENTS_PAGE_MAX);
	return false;
}

static void
print_list(const struct ctl *c, const struct event_list *l)
{
	struct json_object *list;

	if (c->json) {
		list = json_object_new_array();
		for (size_t n = 0; n < l->count; n++)
			json_object_array_add(
			    list, event_brief_json(&l->items[n]));
		ctl_print_json(list);
	} else {
		event_print_list(l);
	}
	if (l->cut)
		fprintf(stderr,
		    "ewactl: only the newest %d events were searched; "
		    "older ones are found by their id\n",
		    EVENTS_SCAN_MAX);
}

int
cmd_event_list(struct ctl *c, const struct args *a)
{
	struct event_filter f = {0};
	struct event_list l;
	struct errinfo ei;
	bool ok;
	int status;

	ok = event_filter_states(a, &f);
	ok = event_filter_time(a, "since", &f.since_us) && ok;
	ok = take_limit(a, &f) && ok;
	if (!ok)
		return CTL_USAGE;
	status = ctl_open(c);
	if (status == CTL_OK)
		status = event_filter_integration(c, a, &f);
	if (status != CTL_OK)
		return status;
	if (events_list(c->pg, &f, ctl_deadline(), &l, &ei) != ERR_OK)
		return ctl_fail(&ei);
	print_list(c, &l);
	event_list_fini(&l);
	return CTL_OK;
}

/* ---- one
 * ------------------------------------------------------------------------ */

int
cmd_event_show(struct ctl *c, const struct args *a)
{
	struct errinfo ei;
	struct uuid id;
	struct event e;
	int status;

	if (!event_filter_id(a, &id))
		return CTL_USAGE;
	status = ctl_open(c);
	if (status != CTL_OK)
		return status;
	if (events_get(c->pg, &id, 0, ctl_deadline(), &e, &ei) != ERR_OK)
		return ctl_fail(&ei);
	if (c->json)
		ctl_print_json(event_json(&e));
	else
		event_print(&e);
	event_fini(&e);
	return CTL_OK;
}

int
cmd_event_body(struct ctl *c, const struct args *a)
{
	struct errinfo ei;
	struct uuid id;
	char *body;
	size_t n;
	int status;

	if (!event_filter_id(a, &id))
		return CTL_USAGE;
	status = ctl_open(c);
	if (status != CTL_OK)
		return status;
	if (events_body(c->pg, &id, ctl_deadline(), &body, &n, &ei) != ERR_OK)
		return ctl_fail(&ei);
	fwrite(body, 1, n, stdout); /* main looks whether it went well */
	free(body);
	return CTL_OK;
}
