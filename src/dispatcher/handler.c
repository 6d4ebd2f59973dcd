#include "config.h"

#include "dispatcher/handler.h"

#include "base/log.h"
#include "dispatcher/automate.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/reply.h"
#include "dispatcher/round.h"

/* Claimed so often without an attempt that could be recorded: it ends its
 * dispatchers. */
#define CLAIMS_MAX 5

static void
count(struct counts *c, enum reply_state reply)
{
	switch (reply) {
	case REPLY_SENT:
		c->sent++;
		break;
	case REPLY_EXPIRED:
		c->expired++;
		break;
	case REPLY_FAILED:
		c->failed++;
		break;
	case REPLY_CANCELLED:
		c->cancelled++;
		break;
	case REPLY_NONE:
	case REPLY_PENDING:
		c->quiet++;
		break;
	}
}

void
handler_finish(struct dispatcher *d, struct work *w, enum event_state state,
    enum reply_state reply, const char *reason)
{
	bool well = state == EVENT_HANDLED &&
		    (reply == REPLY_SENT || reply == REPLY_NONE);
	char id[UUID_TEXT_LEN + 1];

	if (w->failed && state == EVENT_HANDLED) {
		state = EVENT_FAILED;
		well = false;
		if (reason == NULL)
			reason = w->failure;
	}
	uuid_format(&w->done.fence.id, id);
	count(&d->counts, reply);
	log_at(well ? LOG_DEBUG : LOG_INFO, F_STR("msg", "finished"),
	    F_STR("event", id), F_STR("integration", w->lane->settings->key),
	    F_STR("state", event_state_name(state)),
	    F_STR("reply", reply_state_name(reply)),
	    F_INT("attempts", w->tries + (w->done.attempted ? 1 : 0)),
	    F_STR("reason", reason));
	w->done.finish = true;
	w->done.state = state;
	w->done.reply = reply;
	w->done.reason = reason;
	w->done.handled_us = w->handled_us;
	w->done.subject = w->subject;
	round_done(d->round, w);
}

static enum event_state
state_now(const struct work *w)
{
	return w->handled_us != QUEUE_NOT_HANDLED ? EVENT_HANDLED
						  : EVENT_FAILED;
}

/* Has it a reply that can't be made any more? */
static enum reply_state
reply_given_up(const struct work *w)
{
	return *w->lane->settings->reply_url != '\0' ? REPLY_FAILED
						     : REPLY_NONE;
}

void
handler_begin(struct dispatcher *d, struct work *w)
{
	const struct integration *s = w->lane->settings;

	if (s->deleted) {
		handler_finish(d, w, state_now(w), REPLY_CANCELLED,
		    "the integration was deleted");
	} else if (!integration_runs(s, dispatcher_now_us(d))) {
		round_back(d->round, w);
	} else if (!w->known) {
		handler_finish(d, w, state_now(w), reply_given_up(w),
		    "the stored event is gone");
	} else if (w->claims > CLAIMS_MAX) {
		handler_finish(d, w, state_now(w), reply_given_up(w),
		    "taken up 5 times, and each time its dispatcher ended "
		    "before an attempt could be recorded");
	} else if (automate_concerns(w)) {
		automate_begin(d, w);
	} else {
		if (w->handled_us == QUEUE_NOT_HANDLED)
			w->handled_us = dispatcher_now_us(d);
		reply_begin(d, w);
	}
}
