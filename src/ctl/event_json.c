#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "ctl/event_show.h"

/* As much as buf wants; what is not UTF-8 becomes U+FFFD. */
static struct json_object *
bytes_json(const char *s, size_t n)
{
	struct json_object *o;
	struct buf clean;
	size_t width;

	if (s == NULL)
		return NULL;
	buf_init(&clean, 3 * n);
	for (; n > 0; s += width, n -= width) {
		width = utf8_width(s, n);
		if (width > 0) {
			buf_add(&clean, s, width);
		} else {
			buf_adds(&clean, "\xef\xbf\xbd");
			width = 1;
		}
	}
	o = json_object_new_string_len(clean.data, (int)clean.len);
	buf_fini(&clean);
	return o;
}

static struct json_object *
time_json(int64_t us)
{
	return us != EVENT_NO_TIME ? ctl_json_time(us) : NULL;
}

static struct json_object *
attempt_json(const struct event_attempt *t)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "kind", ctl_json_text(t->kind));
	json_object_object_add(o, "number", json_object_new_int(t->number));
	json_object_object_add(o, "startedAt", time_json(t->started_us));
	json_object_object_add(
	    o, "durationMs", json_object_new_int(t->duration_ms));
	json_object_object_add(o, "outcome", ctl_json_text(t->outcome));
	json_object_object_add(o, "cause", ctl_json_text(t->cause));
	json_object_object_add(o, "detail", ctl_json_text(t->detail));
	json_object_object_add(o, "status",
	    t->status != 0 ? json_object_new_int(t->status) : NULL);
	json_object_object_add(
	    o, "remoteAddress", ctl_json_text(t->remote_address));
	json_object_object_add(
	    o, "responseHeaders", ctl_json_text(t->response_headers));
	json_object_object_add(
	    o, "responseBody", bytes_json(t->response_body, t->response_len));
	json_object_object_add(
	    o, "responseCut", json_object_new_boolean(t->response_cut));
	return o;
}

static struct json_object *
results_json(const struct event *e)
{
	struct json_object *list = json_object_new_array();

	for (size_t n = 0; n < e->result_count; n++) {
		const struct event_result *r = &e->results[n];
		struct json_object *o = json_object_new_object();

		json_object_object_add(
		    o, "automation", ctl_json_text(r->automation));
		json_object_object_add(o, "status", ctl_json_text(r->status));
		json_object_object_add(
		    o, "output", bytes_json(r->output, r->output_len));
		json_object_object_add(o, "error", ctl_json_text(r->error));
		json_object_object_add(
		    o, "durationMs", json_object_new_int(r->duration_ms));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *
outcomes_json(const struct event *e)
{
	struct json_object *list = json_object_new_array();

	for (size_t n = 0; n < e->outcome_count; n++) {
		const struct event_outcome *t = &e->outcomes[n];
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "seq", json_object_new_int(t->seq));
		json_object_object_add(
		    o, "status", ctl_json_text(event_state_name(t->state)));
		json_object_object_add(o, "reply",
		    ctl_json_text(reply_state_name(t->reply_state)));
		json_object_object_add(o, "reason", ctl_json_text(t->reason));
		json_object_object_add(
		    o, "finishedAt", time_json(t->finished_us));
		json_object_object_add(
		    o, "attempts", json_object_new_int(t->attempts));
		json_object_array_add(list, o);
	}
	return list;
}

/* brief: how many attempts instead of which. */
static struct json_object *
reply_json(const struct event *e, bool brief)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list;

	json_object_object_add(
	    o, "state", ctl_json_text(reply_state_name(e->reply_state)));
	if (!brief) {
		list = json_object_new_array();
		for (size_t n = 0; n < e->attempt_count; n++)
			json_object_array_add(
			    list, attempt_json(&e->attempts[n]));
		json_object_object_add(o, "attempts", list);
	}
	json_object_object_add(
	    o, "attemptsTotal", json_object_new_int(e->attempts_total));
	json_object_object_add(
	    o, "nextAttemptAt", time_json(e->next_attempt_us));
	json_object_object_add(o, "deadline", time_json(e->deadline_us));
	json_object_object_add(
	    o, "resending", json_object_new_boolean(e->resending));
	return o;
}

static void
add_origin(struct json_object *o, const struct event *e)
{
	struct json_object *i = json_object_new_object();
	char old[UUID_TEXT_LEN + 1];

	json_object_object_add(i, "key", ctl_json_text(e->integration_key));
	json_object_object_add(i, "name", ctl_json_text(e->integration_name));
	json_object_object_add(o, "integration", i);
	json_object_object_add(o, "subject", ctl_json_text(e->subject));
	json_object_object_add(o, "reason", ctl_json_text(e->reason));
	json_object_object_add(o, "malformed", ctl_json_text(e->malformed));
	json_object_object_add(
	    o, "contentType", ctl_json_text(e->content_type));
	json_object_object_add(
	    o, "bodyLength", json_object_new_int(e->body_length));
	json_object_object_add(o, "sourceIp", ctl_json_text(e->source_ip));
	json_object_object_add(o, "requestId", ctl_json_text(e->request_id));
	json_object_object_add(o, "test", json_object_new_boolean(e->test));
	if (e->is_replay)
		uuid_format(&e->replay_of, old);
	json_object_object_add(
	    o, "replayOf", ctl_json_text(e->is_replay ? old : NULL));
	if (e->differs)
		uuid_format(&e->differs_from, old);
	json_object_object_add(
	    o, "differsFrom", ctl_json_text(e->differs ? old : NULL));
}

static struct json_object *
make(const struct event *e, bool brief)
{
	struct json_object *o = json_object_new_object();
	char id[UUID_TEXT_LEN + 1];

	uuid_format(&e->id, id);
	json_object_object_add(o, "eventId", ctl_json_text(id));
	json_object_object_add(
	    o, "status", ctl_json_text(event_state_name(e->state)));
	json_object_object_add(
	    o, "kind", ctl_json_text(event_kind_name(e->kind)));
	json_object_object_add(o, "receivedAt", time_json(e->received_us));
	json_object_object_add(o, "handledAt", time_json(e->handled_us));
	json_object_object_add(o, "finishedAt", time_json(e->finished_us));
	add_origin(o, e);
	if (!brief) {
		/* our own document: the responder wrote it */
		json_object_object_add(o, "headers",
		    e->headers != NULL ? json_tokener_parse(e->headers) : NULL);
		json_object_object_add(o, "results", results_json(e));
		json_object_object_add(o, "outcomes", outcomes_json(e));
	}
	json_object_object_add(o, "reply", reply_json(e, brief));
	return o;
}

struct json_object *
event_json(const struct event *e)
{
	return make(e, false);
}

struct json_object *
event_brief_json(const struct event *e)
{
	return make(e, true);
}
