/*
 * How the replies of each integration fare: kept in its lane as attempts end,
 * written to the database when it changes (at most once a second, by the
 * worker that reads the settings).  The same pass reads which replies fail, as
 * the database has it: where another dispatcher has said otherwise and we have
 * seen an attempt end since, ours is written again.  Reports carry the age of
 * their attempt, and the later one stays.
 *
 * The same pass learns whose replies are stopped.  Such a lane begins no
 * attempt; its events are handled, and put off to their deadlines.  When the
 * replies are resumed every dispatcher makes due what waits, for a while, so
 * that what the last of them has put off is found too.
 */
#ifndef EWA_DISPATCHER_STATUS_H
#define EWA_DISPATCHER_STATUS_H

#include "dispatcher/sender.h"
#include "dispatcher/verdict.h"
#include "store/reply_status.h"

struct dispatcher;
struct lane;

/* What the worker is given, and what it brings. */
struct status_job {
	struct reply_report reports[REPLY_STATUS_BATCH];
	size_t count;
	bool written; /* the reports */
	bool learnt;  /* the controls */
	struct reply_controls controls;
};

/* An attempt has ended. */
void status_attempt(struct dispatcher *d, struct lane *l,
    const struct verdict *v, const struct transfer_result *r,
    const char *detail);

/* On the loop: what is to be written; on the worker; on the loop again. */
void status_gather(struct dispatcher *d, struct status_job *j);
enum err status_work(struct status_job *j, struct pg *pg, int64_t deadline_ms,
    struct errinfo *ei);
void status_take(struct dispatcher *d, struct status_job *j);

/* Nothing comes of it any more. */
void status_drop(struct status_job *j);

#endif
