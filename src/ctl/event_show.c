#include "config.h"

#include "ctl/event_show.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "ctl/table.h"
#include "ctl/times.h"

#define DETAIL_MAX 2048

static void
row(struct table *t, const char *what, const char *value)
{
	table_add(t, what);
	table_add(t, value);
}

static void
row_if(struct table *t, const char *what, const char *value)
{
	if (value != NULL)
		row(t, what, value);
}

/* A time, and how far it is from now. */
static void
time_row(struct table *t, const char *what, int64_t us)
{
	int64_t away_us = us - clock_wall_us();
	char when[CLOCK_TEXT_MAX], span[TIMES_TEXT_MAX];

	clock_format(us, when);
	times_span(away_us >= 0 ? away_us : -away_us, span);
	table_add(t, what);
	table_addf(t, "%s (%s%s%s)", when, away_us >= 0 ? "in " : "", span,
	    away_us >= 0 ? "" : " ago");
}

static void
print_head(const struct event *e)
{
	char id[UUID_TEXT_LEN + 1];
	struct table t;

	uuid_format(&e->id, id);
	table_init(&t, 2);
	row(&t, "Event ID", id);
	table_add(&t, "Integration");
	table_addf(&t, "%s (%s)", e->integration_name, e->integration_key);
	time_row(&t, "Received", e->received_us);
	row_if(&t, "From", e->source_ip);
	row_if(&t, "Request ID", e->request_id);
	table_add(&t, "Body");
	table_addf(&t, "%s, %s, %d bytes", event_kind_name(e->kind),
	    e->content_type != NULL ? e->content_type : "no content type",
	    (int)e->body_length);
	row_if(&t, "Malformed", e->malformed);
	row_if(&t, "Subject", e->subject);
	row(&t, "Status", event_state_name(e->state));
	row_if(&t, "Reason", e->reason);
	table_add(&t, "Reply");
	table_addf(&t, "%s%s", reply_state_name(e->reply_state),
	    e->resending ? ", being sent again" : "");
	if (e->is_replay)
		uuid_format(&e->replay_of, id);
	row_if(&t, "Repeat of", e->is_replay ? id : NULL);
	if (e->differs)
		uuid_format(&e->differs_from, id);
	row_if(&t, "Differs from", e->differs ? id : NULL);
	if (e->deadline_us != EVENT_NO_TIME)
		time_row(&t, "Deadline", e->deadline_us);
	if (e->next_attempt_us != EVENT_NO_TIME)
		time_row(&t, "Next attempt", e->next_attempt_us);
	table_print(&t, "", stdout);
	table_fini(&t);
}

/* ---- the journey
 * --------------------------------------------------------------- */

/* One line: how long after the receipt, and what. */
static void
step(struct table *t, const struct event *e, int64_t us, const char *what)
{
	int64_t after_us = us - e->received_us;
	char span[TIMES_TEXT_MAX];

	/* clocks of hosts may differ by a little */
	times_span(after_us >= 0 ? after_us : -after_us, span);
	table_addf(t, "%c%s", after_us >= 0 ? '+' : '-', span);
	table_add(t, what);
}

/* "retry, http 503, in 30 ms, 127.0.0.1: try later" */
static void
attempt_detail(const struct event_attempt *a, struct buf *out)
{
	buf_adds(out, a->outcome);
	if (a->cause != NULL)
		buf_addf(out, ", %s", a->cause);
	if (a->status != 0)
		buf_addf(out, "%s %d", a->cause != NULL ? "" : ", http",
		    (int)a->status);
	buf_addf(out, ", in %d ms", (int)a->duration_ms);
	if (a->remote_address != NULL)
		buf_addf(out, ", %s", a->remote_address);
	if (a->detail != NULL)
		buf_addf(out, ": %s", a->detail);
}

static void
attempt_step(
    struct table *t, const struct event *e, const struct event_attempt *a)
{
	struct buf detail;
	char what[64];

	buf_init(&detail, DETAIL_MAX);
	attempt_detail(a, &detail);
	snprintf(what, sizeof(what), "%s attempt %d", a->kind, (int)a->number);
	step(t, e, a->started_us, what);
	table_add(t, detail.data);
	buf_fini(&detail);
}

static void
handled_step(struct table *t, const struct event *e)
{
	step(t, e, e->handled_us, event_state_name(EVENT_HANDLED));
	table_add(t, "");
}

static void
outcome_step(
    struct table *t, const struct event *e, const struct event_outcome *o)
{
	step(t, e, o->finished_us, o->seq == 0 ? "finished" : "sent again");
	table_addf(t, "%s, reply %s%s%s", event_state_name(o->state),
	    reply_state_name(o->reply_state), o->reason != NULL ? ": " : "",
	    o->reason != NULL ? o->reason : "");
}

static void
last_step(struct table *t, const struct event *e)
{
	if (e->finished_us != EVENT_NO_TIME && !e->resending) {
		return;
	} else if (e->next_attempt_us != EVENT_NO_TIME) {
		step(t, e, e->next_attempt_us, "next attempt");
		table_add(t, "planned");
	} else {
		step(t, e, clock_wall_us(), "now");
		table_addf(t, "%s, reply %s", event_state_name(e->state),
		    reply_state_name(e->reply_state));
	}
}

static void
print_journey(const struct event *e)
{
	bool handled = e->handled_us == EVENT_NO_TIME;
	size_t outcome = 0;
	struct table t;

	table_init(&t, 3);
	step(&t, e, e->received_us, "accepted");
	table_add(&t, "");
	for (size_t n = 0; n < e->attempt_count; n++) {
		const struct event_attempt *a = &e->attempts[n];

		if (!handled && e->handled_us <= a->started_us) {
			handled_step(&t, e);
			handled = true;
		}
		for (; outcome < e->outcome_count &&
		       e->outcomes[outcome].finished_us <= a->started_us;
		     outcome++)
			outcome_step(&t, e, &e->outcomes[outcome]);
		attempt_step(&t, e, a);
	}
	if (!handled)
		handled_step(&t, e);
	for (; outcome < e->outcome_count; outcome++)
		outcome_step(&t, e, &e->outcomes[outcome]);
	last_step(&t, e);
	puts("\nJourney");
	table_print(&t, "  ", stdout);
	table_fini(&t);
}

static void
print_results(const struct event *e)
{
	struct table t;

	if (e->result_count == 0)
		return;
	table_init(&t, 4);
	for (size_t n = 0; n < e->result_count; n++) {
		const struct event_result *r = &e->results[n];

		row(&t, r->automation, r->status);
		table_addf(&t, "%d ms", (int)r->duration_ms);
		table_add(&t, r->error != NULL ? r->error : "");
	}
	puts("\nResults");
	table_print(&t, "  ", stdout);
	table_fini(&t);
}

void
event_print(const struct event *e)
{
	print_head(e);
	print_journey(e);
	print_results(e);
}

/* ---- lists
 * ----------------------------------------------------------------------- */

void
event_print_list(const struct event_list *l)
{
	char id[UUID_TEXT_LEN + 1], when[CLOCK_TEXT_MAX];
	struct table t;

	if (l->count == 0) {
		puts("There are no such events.");
		return;
	}
	table_init(&t, 7);
	row(&t, "RECEIVED", "EVENT ID");
	row(&t, "STATUS", "REPLY");
	row(&t, "ATTEMPTS", "INTEGRATION");
	table_add(&t, "SUBJECT");
	for (size_t n = 0; n < l->count; n++) {
		const struct event *e = &l->items[n];

		clock_format(e->received_us, when);
		uuid_format(&e->id, id);
		row(&t, when, id);
		row(&t, event_state_name(e->state),
		    reply_state_name(e->reply_state));
		table_addf(&t, "%d", (int)e->attempts_total);
		row(&t, e->integration_name, e->subject);
	}
	table_print(&t, "", stdout);
	table_fini(&t);
}
