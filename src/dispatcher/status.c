#include "config.h"

#include "dispatcher/status.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dispatcher/cache.h"
#include "dispatcher/certificates.h"
#include "dispatcher/claimer.h"
#include "dispatcher/dispatcher.h"

#define AGAIN_MS 1000  /* how often "still failing" is written at most */
#define WAKE_ROUNDS 20 /* batches woken in one pass */
#define GONE 410

/* ---- attempts --------------------------------------------------------------
 */

/* Attempts that say nothing about the receiver. */
static bool
says_nothing(enum attempt_cause cause)
{
	return cause == CAUSE_LEASE_LOST || cause == CAUSE_SHUTDOWN ||
	       cause == CAUSE_EXPIRED;
}

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
stop(struct dispatcher *d, struct lane *l)
{
	if (l->stopped)
		return;
	log_notice(F_STR("msg", "replies stopped"),
	    F_STR("integration", l->settings->key),
	    F_STR("reason", l->replies.cause));
	l->stopped = true;
	l->replies.stop = true;
	l->replies.dirty = true;
	cache_refresh(d->cache);
}

void
status_attempt(struct dispatcher *d, struct lane *l, const struct verdict *v,
    const struct transfer_result *r, const char *detail)
{
	struct lane_replies *s = &l->replies;
	bool ok = v->outcome == ATTEMPT_OK;
	const char *cause = ok ? NULL : detail;

	if (says_nothing(v->cause))
		return;
	s->ended_ms = clock_mono_ms();
	s->later = true;
	if (!s->known || s->ok != ok || !same(s->cause, cause)) {
		free(s->cause);
		s->cause = mem_strdup(cause);
		s->dirty = true;
	} else if (!ok && l->settings->stop_replies_after_ms > 0 &&
		   s->ended_ms - s->written_ms >= AGAIN_MS) {
		s->dirty = true; /* is it long enough? */
	}
	s->known = true;
	s->ok = ok;
	certificates_look(l, r->certificate);
	if (!ok && r->status == GONE)
		stop(d, l);
}

/* ---- a pass ----------------------------------------------------------------
 */

static int
by_id(const void *a, const void *b)
{
	const struct reply_report *x = a, *y = b;

	return (x->integration_id > y->integration_id) -
	       (x->integration_id < y->integration_id);
}

void
status_gather(struct dispatcher *d, struct status_job *j)
{
	struct lane *l, *next;

	j->count = 0;
	j->written = false;
	j->learnt = false;
	HASH_ITER (hh, d->lanes.by_id, l, next) {
		struct lane_replies *s = &l->replies;

		if (!s->dirty || j->count == REPLY_STATUS_BATCH)
			continue;
		j->reports[j->count++] = (struct reply_report){
		    .integration_id = l->integration_id,
		    .age_ms = clock_mono_ms() - s->ended_ms,
		    .ok = s->ok,
		    .cause = mem_strdup(s->cause),
		    .stop = s->stop,
		    .certificate_subject =
			s->certificate_dirty
			    ? mem_strdup(s->certificate_subject)
			    : NULL,
		    .certificate_expires_us = s->certificate_dirty
						  ? s->certificate_expires_us
						  : REPLY_STATUS_NO_TIME,
		};
		s->dirty = false;
		s->later = false;
	}
	qsort(j->reports, j->count, sizeof(j->reports[0]), by_id);
}

static enum err
wake(const struct status_job *j, struct pg *pg, int64_t deadline_ms,
    struct errinfo *ei)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < j->controls.count && e == ERR_OK; i++) {
		const struct reply_control *c = &j->controls.items[i];
		bool more = c->resumed;

		for (int n = 0; more && n < WAKE_ROUNDS && e == ERR_OK; n++)
			e = reply_status_wake(
			    pg, c->integration_id, deadline_ms, &more, ei);
	}
	return e;
}

enum err
status_work(struct status_job *j, struct pg *pg, int64_t deadline_ms,
    struct errinfo *ei)
{
	enum err e = ERR_OK;

	if (j->count != 0)
		e = reply_status_write(
		    pg, j->reports, j->count, deadline_ms, ei);
	j->written = e == ERR_OK;
	if (e == ERR_OK)
		e = reply_status_controls(pg, deadline_ms, &j->controls, ei);
	j->learnt = e == ERR_OK;
	if (e == ERR_OK)
		e = wake(j, pg, deadline_ms, ei);
	return e;
}

void
status_drop(struct status_job *j)
{
	for (size_t i = 0; i < j->count; i++) {
		free(j->reports[i].cause);
		free(j->reports[i].certificate_subject);
	}
	j->count = 0;
	reply_controls_fini(&j->controls);
}

static void
take_written(struct dispatcher *d, const struct status_job *j)
{
	for (size_t i = 0; i < j->count; i++) {
		const struct reply_report *r = &j->reports[i];
		struct lane_replies *s =
		    &lane_get(&d->lanes, r->integration_id)->replies;

		if (!j->written) {
			s->dirty = true;
			s->later = true;
			continue;
		}
		s->written_ms = clock_mono_ms();
		if (r->stop)
			s->stop = false;
		if (same(s->certificate_subject, r->certificate_subject) &&
		    s->certificate_expires_us == r->certificate_expires_us)
			s->certificate_dirty = false;
	}
}

/*
 * What another dispatcher has written may differ from what we wrote before it
 * and have seen again since.  Ours is written again then; whose attempt was
 * the later, the database decides.
 */
static void
compare(struct lane *l, const struct reply_control *c)
{
	struct lane_replies *s = &l->replies;
	bool ok = c == NULL || !c->failing;

	if (s->later && (s->ok != ok || (!ok && !same(s->cause, c->cause))))
		s->dirty = true;
}

static void
take_control(
    struct dispatcher *d, struct lane *l, const struct reply_control *c)
{
	bool stopped = c != NULL && c->stopped;

	if (l->settings == NULL || l->replies.stop || stopped == l->stopped)
		return;
	l->stopped = stopped;
	log_notice(
	    F_STR("msg", stopped ? "replies stopped" : "replies resumed"),
	    F_STR("integration", l->settings->key),
	    F_STR("reason", stopped ? c->reason : NULL));
	if (!stopped)
		claimer_ring(d->claimer);
}

void
status_take(struct dispatcher *d, struct status_job *j)
{
	struct lane *l, *next;

	take_written(d, j);
	if (j->learnt)
		HASH_ITER (hh, d->lanes.by_id, l, next) {
			const struct reply_control *c = reply_controls_find(
			    &j->controls, l->integration_id);

			compare(l, c);
			take_control(d, l, c);
		}
	status_drop(j);
}
