#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/duration.h"
#include "ctl/ctl.h"
#include "ctl/event_show.h"
#include "ctl/times.h"
#include "store/events.h"
#include "store/integrations.h"

#define LIMIT_DEFAULT 20

/* clang-format off */
const struct arg_def event_list_args[] = {
	{"integration", "KEY|NAME", false, "of one integration"},
	{"state", "STATE", false, "accepted, handling, handled or failed"},
	{"reply-state", "STATE", false,
	    "none, pending, sent, failed, expired or\ncancelled"},
	{"since", "TIME", false,
	    "received since then: 2026-01-31T08:00:00Z, or\n"
	    "so long ago: PT1H"},
	{"limit", "N", false, "at most so many, up to 1000 (default: 20)"},
	{"json", NULL, false, "a JSON array for programs"},
	{NULL}
};
/* clang-format on */

/* ---- list
 * ---------------------------------------------------------------------- */

static bool
take_states(const struct args *a, struct event_filter *f)
{
	enum event_state state;
	enum reply_state reply;
	bool ok = true;

	f->state = args_get(a, "state");
	f->reply_state = args_get(a, "reply-state");
	if (f->state != NULL && !event_state_parse(f->state, &state)) {
		args_complain(a,
		    "--state: there is no state \"%s\"; there are accepted, "
		    "handling, handled, failed",
		    f->state);
		ok = false;
	}
	if (f->reply_state != NULL &&
	    !reply_state_parse(f->reply_state, &reply)) {
		args_complain(a,
		    "--reply-state: there is no reply state \"%s\"; there are "
		    "none, pending, sent, failed, expired, cancelled",
		    f->reply_state);
		ok = false;
	}
	return ok;
}

static bool
take_since(const struct args *a, struct event_filter *f)
{
	const char *since = args_get(a, "since");
	struct errinfo ei;
	int64_t ms;

	f->since_us = EVENT_NO_TIME;
	if (since == NULL)
		return true;
	if (*since == 'P' || *since == 'p') {
		if (duration_parse(since, &ms, &ei) == ERR_OK) {
			/* before 1970 is all */
			if (ms < clock_wall_us() / 1000)
				f->since_us = clock_wall_us() - ms * 1000;
			return true;
		}
	} else if (times_parse(since, &f->since_us, &ei) == ERR_OK) {
		return true;
	}
	args_complain(a, "--since: %s", ei.detail);
	return false;
}

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

static int
take_integration(struct ctl *c, const struct args *a, struct event_filter *f)
{
	const char *name = args_get(a, "integration");
	struct integration *i;
	struct errinfo ei;

	if (name == NULL)
		return CTL_OK;
	if (integrations_find(c->pg, NULL, name, ctl_deadline(), &i, &ei) !=
	    ERR_OK)
		return ctl_fail(&ei);
	f->integration_id = i->id;
	integration_unref(i);
	return CTL_OK;
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

	ok = take_states(a, &f);
	ok = take_since(a, &f) && ok;
	ok = take_limit(a, &f) && ok;
	if (!ok)
		return CTL_USAGE;
	status = ctl_open(c);
	if (status == CTL_OK)
		status = take_integration(c, a, &f);
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

static bool
take_id(const struct args *a, struct uuid *id)
{
	if (uuid_parse(a->words[0], id))
		return true;
	args_complain(a,
	    "\"%s\" is not an Event ID; one looks like "
	    "01890a5d-ac96-774b-bcce-b302099a8057",
	    a->words[0]);
	return false;
}

int
cmd_event_show(struct ctl *c, const struct args *a)
{
	struct errinfo ei;
	struct uuid id;
	struct event e;
	int status;

	if (!take_id(a, &id))
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

	if (!take_id(a, &id))
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
