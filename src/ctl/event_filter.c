#include "config.h"

#include "ctl/event_filter.h"

#include "base/clock.h"
#include "base/duration.h"
#include "ctl/times.h"
#include "store/integrations.h"

bool
event_filter_states(const struct args *a, struct event_filter *f)
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

bool
event_filter_time(const struct args *a, const char *option, int64_t *us)
{
	const char *value = args_get(a, option);
	struct errinfo ei;
	int64_t ms;

	*us = EVENT_NO_TIME;
	if (value == NULL)
		return true;
	if (*value == 'P' || *value == 'p') {
		if (duration_parse(value, &ms, &ei) == ERR_OK) {
			/* before 1970 is all */
			if (ms < clock_wall_us() / 1000)
				*us = clock_wall_us() - ms * 1000;
			return true;
		}
	} else if (times_parse(value, us, &ei) == ERR_OK) {
		return true;
	}
	args_complain(a, "--%s: %s", option, ei.detail);
	return false;
}

int
event_filter_integration(
    struct ctl *c, const struct args *a, struct event_filter *f)
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

bool
event_filter_id(const struct args *a, struct uuid *id)
{
	if (uuid_parse(a->words[0], id))
		return true;
	args_complain(a,
	    "\"%s\" is not an Event ID; one looks like "
	    "01890a5d-ac96-774b-bcce-b302099a8057",
	    a->words[0]);
	return false;
}
