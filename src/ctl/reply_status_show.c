#include "config.h"

#include "ctl/reply_status_show.h"

#include <strings.h>

#include "base/clock.h"
#include "domain/reply_secret.h"
#include "store/reply_status.h"

int
reply_status_load(struct ctl *c)
{
	struct errinfo ei;

	reply_status_list_fini(&c->statuses);
	if (reply_status_read(c->pg, 0, ctl_deadline(), &c->statuses, &ei) !=
	    ERR_OK)
		return ctl_fail(&ei);
	return CTL_OK;
}

static const struct reply_status *
status_of(const struct ctl *c, const struct integration *i)
{
	return reply_status_find(&c->statuses, i->id);
}

bool
reply_status_stopped(const struct ctl *c, const struct integration *i)
{
	const struct reply_status *s = status_of(c, i);

	return s != NULL && s->stopped_us != REPLY_STATUS_NO_TIME;
}

const char *
reply_status_word(const struct ctl *c, const struct integration *i)
{
	const struct reply_status *s = status_of(c, i);

	if (s == NULL)
		return "Unknown";
	if (s->stopped_us != REPLY_STATUS_NO_TIME)
		return "Stopped";
	return s->ok ? "Ok" : "Error";
}

static struct json_object *
time_json(int64_t us)
{
	return us != REPLY_STATUS_NO_TIME ? ctl_json_time(us) : NULL;
}

static struct json_object *
certificate_json(const struct reply_status *s)
{
	struct json_object *o;

	if (s->certificate_subject == NULL)
		return NULL;
	o = json_object_new_object();
	json_object_object_add(
	    o, "subject", ctl_json_text(s->certificate_subject));
	json_object_object_add(
	    o, "expiresAt", time_json(s->certificate_expires_us));
	return o;
}

struct json_object *
reply_status_json(const struct ctl *c, const struct integration *i)
{
	static const struct reply_status none = {
	    .since_us = REPLY_STATUS_NO_TIME,
	    .stopped_us = REPLY_STATUS_NO_TIME,
	};
	const struct reply_status *found = status_of(c, i);
	const struct reply_status *s = found != NULL ? found : &none;
	struct json_object *o = json_object_new_object();

	json_object_object_add(
	    o, "status", ctl_json_text(reply_status_name(found)));
	json_object_object_add(o, "since", time_json(s->since_us));
	json_object_object_add(o, "cause", ctl_json_text(s->cause));
	json_object_object_add(o, "stoppedAt", time_json(s->stopped_us));
	json_object_object_add(
	    o, "stoppedReason", ctl_json_text(s->stopped_reason));
	json_object_object_add(o, "certificate", certificate_json(s));
	return o;
}

static void
certificate_row(
    struct table *t, const struct integration *i, const struct reply_status *s)
{
	char when[CLOCK_TEXT_MAX];
	int64_t left_us;

	/* it may have been seen at another URL, before */
	if (s->certificate_subject == NULL ||
	    strncasecmp(i->reply_url, "https:", 6) != 0)
		return;
	left_us = s->certificate_expires_us - clock_wall_us();
	if (left_us > CERTIFICATE_NOTICE_US)
		return;
	clock_format(s->certificate_expires_us, when);
	table_add(t, "Certificate");
	table_addf(t, "that of %s %s on %s", s->certificate_subject,
	    left_us > 0 ? "expires" : "has expired", when);
}

void
reply_status_rows(
    const struct ctl *c, struct table *t, const struct integration *i)
{
	const struct reply_status *s = status_of(c, i);
	char when[CLOCK_TEXT_MAX];

	table_add(t, "Reply Status");
	if (s == NULL) {
		table_add(t, "Unknown: no reply yet");
		return;
	}
	clock_format(s->since_us, when);
	table_addf(t, "%s since %s%s%s", s->ok ? "Ok" : "Error", when,
	    s->cause != NULL ? ": " : "", s->cause != NULL ? s->cause : "");
	if (s->stopped_us != REPLY_STATUS_NO_TIME) {
		clock_format(s->stopped_us, when);
		table_add(t, "Replies Stopped");
		table_addf(t, "%s: %s; \"integration resume\" lets them go on",
		    when, s->stopped_reason);
	}
	certificate_row(t, i, s);
}
