/*
 * Whether the replies of integrations arrive, and whether they are stopped
 * (ewa.integration_status).
 *
 * Dispatchers report how their attempts end; ewactl and the API read.  Replies
 * are stopped by a report that says so (410), or once they have failed for
 * longer than the integration allows; its intake and its handling go on.
 * What waits for a stopped reply is due at its deadline; when the replies are
 * resumed the dispatchers make it due (reply_status_wake), a batch at a time.
 *
 * All calls want an open connection and block up to their deadline;
 * ERR_UNAVAILABLE when the database is away.
 */
#ifndef EWA_STORE_REPLY_STATUS_H
#define EWA_STORE_REPLY_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/pg.h"

#define REPLY_STATUS_BATCH 256
#define REPLY_STATUS_NO_TIME INT64_MIN

/* Of one integration; none: never replied, shown as Unknown. */
struct reply_status {
	int32_t integration_id;
	bool ok;            /* else Error */
	int64_t since_us;   /* that it is so */
	char *cause;        /* of the error, the last; or NULL */
	int64_t stopped_us; /* REPLY_STATUS_NO_TIME: not stopped */
	char *stopped_reason;
	char *certificate_subject;      /* of the receiver; or NULL */
	int64_t certificate_expires_us; /* REPLY_STATUS_NO_TIME: not known */
};

struct reply_status_list {
	struct reply_status *items; /* in order of integration_id */
	size_t count;
};

/* "ok", "error", "unknown" (s is NULL). */
const char *reply_status_name(const struct reply_status *s);

/* All, or (integration_id not 0) of one. */
enum err reply_status_read(struct pg *pg, int32_t integration_id,
    int64_t deadline_ms, struct reply_status_list *out, struct errinfo *ei);
const struct reply_status *reply_status_find(
    const struct reply_status_list *l, int32_t integration_id);
void reply_status_list_fini(struct reply_status_list *l);

/* How the last attempt of an integration ended, as one dispatcher knows. */
struct reply_report {
	int32_t integration_id;
	int64_t age_ms; /* since that attempt ended */
	bool ok;
	char *cause; /* a sentence; NULL when ok */
	bool stop;   /* the receiver does not want any more (410) */
	char *certificate_subject;
	int64_t certificate_expires_us;
};

/* At most REPLY_STATUS_BATCH, in order of integration_id.  A report of an
 * attempt that ended before one that was written already leaves the status as
 * it is. */
enum err reply_status_write(struct pg *pg, const struct reply_report *reports,
    size_t n, int64_t deadline_ms, struct errinfo *ei);

/* An integration whose replies fail, are stopped or were resumed of late. */
struct reply_control {
	int32_t integration_id;
	bool failing; /* its status is Error */
	char *cause;  /* of the error */
	bool stopped;
	char *reason; /* of the stop */
	bool resumed;
};

struct reply_controls {
	struct reply_control *items; /* in order of integration_id */
	size_t count;
};

enum err reply_status_controls(struct pg *pg, int64_t deadline_ms,
    struct reply_controls *out, struct errinfo *ei);
const struct reply_control *reply_controls_find(
    const struct reply_controls *c, int32_t integration_id);
void reply_controls_fini(struct reply_controls *c);

/* What waits for the resumed replies of the integration becomes due; *more:
 * call again. */
enum err reply_status_wake(struct pg *pg, int32_t integration_id,
    int64_t deadline_ms, bool *more, struct errinfo *ei);

/* How many replies that wait now reach their deadline before a pause until
 * then is over (INT64_MAX: any that has one). */
enum err reply_status_would_expire(struct pg *pg, int32_t integration_id,
    int64_t until_us, int64_t deadline_ms, int64_t *count, struct errinfo *ei);

#endif
