#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "base/log.h"
#include "dispatcher/automate.h"
#include "dispatcher/claimer.h"
#include "dispatcher/listener.h"
#include "dispatcher/reply.h"
#include "dispatcher/round_impl.h"

static void
take_lost(struct round *r)
{
	int n = queue_lost(r->queue);

	for (int i = 0; i < n; i++) {
		char text[UUID_TEXT_LEN + 1];
		struct uuid id;
		bool recorded;

		queue_lost_row(r->queue, i, &id, &recorded);
		if (!recorded)
			continue; /* it was ours: recorded the first time */
		uuid_format(&id, text);
		r->d->counts.lost++;
		log_warning(F_STR("msg", "lease lost"), F_STR("event", text));
	}
}

static void
take_recorded(struct round *r, int64_t now_ms)
{
	struct dispatcher *d = r->d;
	bool any = r->recording_count != 0;

	for (size_t i = 0; i < r->recording_count; i++) {
		struct work *w = r->recording[i];
		int64_t due_ms = now_ms + w->done.delay_ms;

		if (!w->done.finish && due_ms < w->lane->due_ms)
			lane_set_due(&d->lanes, w->lane, due_ms);
		work_free(&d->works, w);
	}
	for (size_t i = 0; i < r->returning_count; i++)
		work_free(&d->works, r->returning[i]);
	if (r->recording_count != 0 && r->batch < QUEUE_BATCH_MAX)
		r->batch *= 2;
	r->recording_count = 0;
	r->returning_count = 0;
	if (any)
		listener_done(d->listener);
}

static bool
was_noted(struct round *r, const struct uuid *id)
{
	struct uuid noted;

	for (int i = 0; i < handling_noted(r->queue); i++) {
		handling_noted_row(r->queue, i, &noted);
		if (memcmp(&noted, id, sizeof(noted)) == 0)
			return true;
	}
	return false;
}

static void
take_noted(struct round *r)
{
	size_t count = r->noting_count;

	r->noting_count = 0;
	r->note_batch = HANDLING_NOTES_MAX;
	for (size_t i = 0; i < count; i++) {
		struct work *w = r->noting[i];

		automate_noted(r->d, w, was_noted(r, &w->done.fence.id));
	}
}

static int
uuid_cmp(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct uuid));
}

static void
take_renewed(struct round *r)
{
	struct uuid ids[QUEUE_BATCH_MAX];
	struct works *ws = &r->d->works;
	size_t n = (size_t)queue_renewed(r->queue);
	struct work *w, *tmp;

	if (r->renewing_count == 0)
		return;
	for (size_t i = 0; i < n; i++)
		queue_renewed_row(r->queue, (int)i, &ids[i]);
	qsort(ids, n, sizeof(ids[0]), uuid_cmp);
	DL_FOREACH_SAFE2(ws->all, w, tmp, all_next)
	{
		if (!w->renewing)
			continue;
		w->renewing = false;
		if (bsearch(&w->done.fence.id, ids, n, sizeof(ids[0]),
			uuid_cmp) != NULL)
			work_renewed(
			    ws, w, r->started_ms + r->d->conf.lease_ms);
		else if (work_goes_on(w))
			reply_lost(r->d, w);
	}
}

static void
take_expired(struct round *r)
{
	int n = queue_expired(r->queue);

	for (int i = 0; i < n; i++) {
		int32_t integration_id;
		int64_t count;

		queue_expired_row(r->queue, i, &integration_id, &count);
		claimer_expired(r->d->claimer, integration_id, count);
	}
	if (n != 0)
		listener_done(r->d->listener);
}

static void
take_claimed(struct round *r)
{
	struct queue_event e;
	int n = queue_claimed(r->queue);

	for (int i = 0; i < n; i++) {
		queue_claimed_row(r->queue, i, &e);
		claimer_claimed(r->d->claimer, &e, r->started_ms);
	}
	take_expired(r);
	if (r->want_count != 0)
		claimer_claim_end(r->d->claimer);
}

static void
take_looked(struct round *r, int64_t now_ms)
{
	struct queue_scan row;
	int n = queue_looked(r->queue);

	if (!r->looking)
		return;
	claimer_look_begin(r->d->claimer);
	for (int i = 0; i < n; i++) {
		queue_looked_row(r->queue, i, &row);
		claimer_looked(r->d->claimer, &row, now_ms);
	}
	claimer_look_end(r->d->claimer, now_ms);
}

static void
take_fetched(struct round *r)
{
	struct work *w = r->d->works.body;
	const char *body = NULL;
	size_t len = 0;

	/* it may have been given up meanwhile */
	if (!r->fetching || w == NULL ||
	    memcmp(&w->done.fence.id, &r->fetched_id, sizeof(struct uuid)) != 0)
		return;
	queue_fetched(r->queue, &body, &len);
	reply_fetched(r->d, w, body, len);
}

static void
tell(const struct round *r, int64_t now_ms)
{
	log_debug(F_STR("msg", "round"), F_INT("ms", now_ms - r->started_ms),
	    F_INT("recorded", r->recording_count),
	    F_INT("given_back", r->returning_count),
	    F_INT("renewed", r->renewing_count), F_INT("asked", r->want_count),
	    F_INT("claimed", queue_claimed(r->queue)),
	    F_INT("looked", r->looking ? queue_looked(r->queue) : -1));
}

void
round_take(struct round *r, int64_t now_ms)
{
	tell(r, now_ms);
	take_lost(r);
	take_recorded(r, now_ms);
	take_noted(r);
	take_renewed(r);
	take_claimed(r);
	take_looked(r, now_ms);
	take_fetched(r);
}
