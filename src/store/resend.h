/*
 * Resend reply and handle again: what an operator asks for finished events,
 * one by one or by a filter; for ewactl and the API.
 *
 * Resend reply puts a finished event back to the queue at its reply step.
 * What follows are attempts of the kind "resend", outside the event's own
 * deadline (within horizon_ms from now), and one more outcome row; the first
 * outcome stays as it is.  The event must have been handled, its integration
 * must be enabled and have a reply URL.  While it is paused the reply waits.
 *
 * Handle again makes a new event of the same integration with the same body,
 * content type and headers, and replay_of naming the old one; it passes by
 * the recognition of repeats.  The integration must be enabled.
 *
 * A run goes over the events of its filter in order of their ids, a bounded
 * batch with each step; each batch is one transaction with its row in
 * ewa.audit.  A run that was broken off can be begun anew: what waits for its
 * reply is passed over.  Events received after the beginning are not touched.
 *
 * All calls want an open connection and block up to their deadline;
 * ERR_UNAVAILABLE when the database is away.
 */
#ifndef EWA_STORE_RESEND_H
#define EWA_STORE_RESEND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid7.h"
#include "store/events.h"
#include "store/pg.h"

enum resend_what { RESEND_REPLY, RESEND_EVENT };

struct resend_filter {
	int32_t integration_id;  /* 0: all */
	const char *state;       /* of the last outcome; NULL: all */
	const char *reply_state; /* the same */
	int64_t since_us;        /* received since; EVENT_NO_TIME: all */
	int64_t until_us;        /* received before; EVENT_NO_TIME: all */
};

struct resend {
	enum resend_what what;
	struct resend_filter filter;
	const char *actor;
	int64_t horizon_ms; /* settings.reply_horizon_ms */
	bool over;
	int64_t looked;  /* finished events that were looked at */
	int64_t matched; /* by the filter */
	int64_t fit;     /* of these: what can be done */
	int64_t made;    /* of these: what was done */
	struct uuid last_made;
	struct uuid at, below; /* ids that are still to be looked at */
};

/* The filter's and the actor's strings must live as long as the run. */
enum err resend_begin(struct resend *r, struct pg *pg, enum resend_what what,
    const struct resend_filter *f, int64_t horizon_ms, const char *actor,
    int64_t deadline_ms, struct errinfo *ei);

/* One batch: counts, and unless `dry` does it.  r->over: there is no more. */
enum err resend_step(struct resend *r, struct pg *pg, bool dry,
    int64_t deadline_ms, struct errinfo *ei);

/* One event.  ERR_NOT_FOUND; ERR_CONFLICT with the reason why it can't be
 * done.  *made is the new event, or the same for a reply. */
enum err resend_one(struct pg *pg, enum resend_what what, const struct uuid *id,
    int64_t horizon_ms, const char *actor, int64_t deadline_ms,
    struct uuid *made, struct errinfo *ei);

#endif
