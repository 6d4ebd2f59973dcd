#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "ctl/ctl.h"
#include "ctl/event_filter.h"
#include "store/resend.h"

#define PROGRESS_MS 1000

/* clang-format off */
const struct arg_def event_resend_args[] = {
	EVENT_FILTER_ARGS,
	{"until", "TIME", false, "received before then, as --since"},
	{"dry-run", NULL, false, "only count"},
	{"json", NULL, false, "one JSON document for programs"},
	{NULL}
};
/* clang-format on */

static const char *
done_word(enum resend_what what)
{
	return what == RESEND_REPLY ? "sent again" : "handled again";
}

/* ---- one event
 * ------------------------------------------------------------------ */

static int
run_one(struct ctl *c, const struct args *a, enum resend_what what)
{
	char text[UUID_TEXT_LEN + 1];
	struct uuid id, made;
	struct errinfo ei;
	struct json_object *o;
	int status;

	if (!event_filter_id(a, &id))
		return CTL_USAGE;
	status = ctl_open(c);
	if (status != CTL_OK)
		return status;
	if (resend_one(c->pg, what, &id, c->settings.reply_horizon_ms, c->actor,
		ctl_deadline(), &made, &ei) != ERR_OK)
		return ctl_fail(&ei);
	uuid_format(&made, text);
	if (c->json) {
		o = json_object_new_object();
		json_object_object_add(o, "eventId", ctl_json_text(text));
		ctl_print_json(o);
	} else if (what == RESEND_REPLY) {
		printf("the reply of %s is sent again\n", text);
	} else {
		printf("handled again as %s\n", text);
	}
	return CTL_OK;
}

/* ---- by a filter
 * ---------------------------------------------------------------- */

static bool
take_filter(const struct args *a, struct event_filter *f, int64_t *until_us)
{
	bool ok = event_filter_states(a, f);

	ok = event_filter_time(a, "since", &f->since_us) && ok;
	return event_filter_time(a, "until", until_us) && ok;
}

/* All batches, with progress where it takes long; an exit status. */
static int
run_through(struct ctl *c, struct resend *r, bool dry, int64_t of)
{
	int64_t next_ms = clock_mono_ms() + PROGRESS_MS;
	struct errinfo ei;

	while (!r->over) {
		if (resend_step(r, c->pg, dry, ctl_deadline(), &ei) != ERR_OK) {
			if (r->made != 0)
				fprintf(stderr,
				    "ewactl: broken off after %" PRId64
				    " events\n",
				    r->made);
			return ctl_fail(&ei);
		}
		if (clock_mono_ms() < next_ms)
			continue;
		next_ms = clock_mono_ms() + PROGRESS_MS;
		if (dry)
			fprintf(stderr,
			    "ewactl: counting, %" PRId64 " of %" PRId64
			    " events\n",
			    r->matched, r->looked);
		else
			fprintf(stderr,
			    "ewactl: %" PRId64 " of %" PRId64 " events\n",
			    r->made, of);
	}
	return CTL_OK;
}

static void
say_count(const struct resend *r)
{
	int64_t not_fit = r->matched - r->fit;

	fprintf(stderr, "ewactl: %" PRId64 " events can be %s", r->fit,
	    done_word(r->what));
	if (not_fit != 0)
		fprintf(stderr,
		    "; %" PRId64 " more match, but their integration is "
		    "disabled or deleted%s",
		    not_fit,
		    r->what == RESEND_REPLY ? " or has no reply URL, they were "
					      "never handled, or are being "
					      "sent again already"
					    : "");
	fputc('\n', stderr);
}

static void
say_end(const struct ctl *c, const struct resend *counted, int64_t made)
{
	struct json_object *o;

	if (!c->json) {
		printf("%" PRId64 " events %s\n", made,
		    counted->what == RESEND_REPLY ? "are sent again"
						  : "are handled again");
		return;
	}
	o = json_object_new_object();
	json_object_object_add(
	    o, "matched", json_object_new_int64(counted->matched));
	json_object_object_add(
	    o, "possible", json_object_new_int64(counted->fit));
	json_object_object_add(o, "done", json_object_new_int64(made));
	ctl_print_json(o);
}

static int
run_filter(struct ctl *c, const struct args *a, enum resend_what what)
{
	struct event_filter f = {0};
	struct resend_filter rf = {0};
	struct resend counted, r;
	struct errinfo ei;
	int status;

	if (!take_filter(a, &f, &rf.until_us))
		return CTL_USAGE;
	status = ctl_open(c);
	if (status == CTL_OK)
		status = event_filter_integration(c, a, &f);
	if (status != CTL_OK)
		return status;
	rf.integration_id = f.integration_id;
	rf.state = f.state;
	rf.reply_state = f.reply_state;
	rf.since_us = f.since_us;
	if (resend_begin(&counted, c->pg, what, &rf,
		c->settings.reply_horizon_ms, c->actor, ctl_deadline(),
		&ei) != ERR_OK)
		return ctl_fail(&ei);
	r = counted;
	status = run_through(c, &counted, true, 0);
	if (status != CTL_OK)
		return status;
	say_count(&counted);
	if (!args_has(a, "dry-run"))
		status = run_through(c, &r, false, counted.fit);
	if (status == CTL_OK)
		say_end(c, &counted, r.made);
	return status;
}

static int
run(struct ctl *c, const struct args *a, enum resend_what what)
{
	size_t filters = a->count - args_has(a, "json") -
			 args_has(a, "dry-run") - args_has(a, "config");

	if (a->word_count != 0 && filters + args_has(a, "dry-run") != 0) {
		args_complain(a, "an Event ID and a filter are both given; one "
				 "of them is meant");
		return CTL_USAGE;
	}
	if (a->word_count != 0)
		return run_one(c, a, what);
	if (filters == 0) {
		args_complain(a, "which events?  Give an Event ID or a filter: "
				 "--integration, --since, ...");
		return CTL_USAGE;
	}
	return run_filter(c, a, what);
}

int
cmd_event_resend(struct ctl *c, const struct args *a)
{
	return run(c, a, RESEND_REPLY);
}

int
cmd_event_handle_again(struct ctl *c, const struct args *a)
{
	return run(c, a, RESEND_EVENT);
}
