/*
 * Figures of a span of time: events by outcome and latencies in buckets, the
 * backlog, integrations whose replies fail.
 *
 * Counted from what is tallied, else from outcomes and queue rows, by the time
 * in the event's id; test events are left out.  Latencies come from
 * histograms: they are within 5%.  Blocking; ERR_UNAVAILABLE when the database
 * is away.
 */
#ifndef EWA_STORE_REPORT_H
#define EWA_STORE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/access.h"
#include "store/pg.h"

#define REPORT_BUCKETS_MAX 200
#define REPORT_FAILING_MAX 50
#define REPORT_EXPIRING_MAX 50
#define REPORT_COUNT_MAX 10000

enum report_figure {
	REPORT_ACCEPTED,
	REPORT_WAITING,
	REPORT_HANDLED,
	REPORT_FAILED,
	REPORT_SENT,
	REPORT_REPLY_FAILED,
	REPORT_REPLY_EXPIRED,
	REPORT_REPLY_CANCELLED,
	REPORT_FIGURES
};

struct percentiles {
	bool any;
	double p50, p95, p99; /* ms */
};

struct report_bucket {
	int64_t at_us;
	int64_t figures[REPORT_FIGURES];
	struct percentiles latency, handling;
};

struct report_failing {
	char *key, *name, *cause;
	int64_t since_us;
};

/* A certificate that replies of an integration depend on, and that expires
 * within CERTIFICATE_NOTICE_US. */
struct report_expiring {
	char *key, *name, *subject;
	bool ours; /* else the receiver's */
	int64_t expires_us;
};

struct report {
	struct report_bucket buckets[REPORT_BUCKETS_MAX];
	size_t bucket_count;
	int64_t waiting, late; /* waiting up to REPORT_COUNT_MAX + 1 */
	int64_t oldest_us;     /* INT64_MIN: none waits */
	struct report_failing failing[REPORT_FAILING_MAX];
	size_t failing_count;
	struct report_expiring expiring[REPORT_EXPIRING_MAX]; /* next first */
	size_t expiring_count;
};

struct report_query {
	const struct grants *grants;
	int32_t integration_id; /* 0: all */
	const char *team;       /* NULL: any */
	int64_t from_us, step_us;
	size_t buckets;
};

enum err report_read(struct pg *pg, const struct report_query *q,
    int64_t deadline_ms, struct report *out, struct errinfo *ei);
void report_fini(struct report *r);

#endif
