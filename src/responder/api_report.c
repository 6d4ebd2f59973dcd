/* Figures for the overview. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "responder/api_ops.h"
#include "responder/notice_json.h"
#include "store/report.h"

#define SECOND_US ((int64_t)1000000)
#define MINUTE_US (60 * SECOND_US)
#define DAY_US (1440 * MINUTE_US)
#define SPAN_MAX_US (31 * DAY_US)

/* Names of the members, by enum report_figure. */
static const char *const figure_names[REPORT_FIGURES] = {"accepted", "waiting",
    "handled", "failed", "replySent", "replyFailed", "replyExpired",
    "replyCancelled"};

/* The least of them that fits, or the one that was asked for. */
static int64_t
choose_step(struct call *c, int64_t span_us)
{
	static const int64_t minutes[] = {1, 5, 15, 60, 360, 1440};
	static const char *const names[] = {
	    "PT1M", "PT5M", "PT15M", "PT1H", "PT6H", "P1D"};
	const char *s = call_param(c, "step");

	for (size_t n = 0; n < sizeof(minutes) / sizeof(minutes[0]); n++) {
		int64_t step_us = minutes[n] * MINUTE_US;
		bool fits = span_us / step_us < REPORT_BUCKETS_MAX;

		if (s == NULL ? fits : strcmp(s, names[n]) == 0) {
			if (!fits)
				call_fault(c, "step",
				    "that would be more than %d buckets",
				    REPORT_BUCKETS_MAX);
			return step_us;
		}
	}
	call_fault(c, "step", "write PT1M, PT5M, PT15M, PT1H, PT6H or P1D");
	return MINUTE_US;
}

static void
read_span(struct call *c, struct report_query *q, int64_t *to_us)
{
	*to_us = clock_wall_us();
	call_param_time(c, "to", to_us);
	q->from_us = *to_us - DAY_US;
	call_param_time(c, "from", &q->from_us);
	if (q->from_us >= *to_us || *to_us - q->from_us > SPAN_MAX_US ||
	    q->from_us < 0)
		call_fault(c, "from",
		    "this must lie before the end, by at most 31 days");
	if (c->fault_count != 0)
		return;
	q->step_us = choose_step(c, *to_us - q->from_us);
	q->from_us -= q->from_us % q->step_us;
	q->buckets =
	    (size_t)((*to_us - q->from_us + q->step_us - 1) / q->step_us);
	if (q->buckets > REPORT_BUCKETS_MAX)
		q->buckets = REPORT_BUCKETS_MAX;
}

static void
figures_json(struct buf *b, const int64_t figures[REPORT_FIGURES])
{
	for (int k = 0; k < REPORT_FIGURES; k++)
		jsonw_int(b, figure_names[k], figures[k]);
}

static void
percentiles_json(struct buf *b, const char *name, const struct percentiles *p)
{
	if (!p->any) {
		jsonw_null(b, name);
		return;
	}
	jsonw_object(b, name);
	buf_addf(b, "\"p50\":%.3f,\"p95\":%.3f,\"p99\":%.3f", p->p50, p->p95,
	    p->p99);
	jsonw_end_object(b);
}

static void
buckets_json(struct buf *b, const struct report *r)
{
	int64_t totals[REPORT_FIGURES] = {0};

	jsonw_array(b, "buckets");
	for (size_t n = 0; n < r->bucket_count; n++) {
		const struct report_bucket *x = &r->buckets[n];

		jsonw_object(b, NULL);
		jsonw_time(b, "at", x->at_us);
		figures_json(b, x->figures);
		percentiles_json(b, "latency", &x->latency);
		percentiles_json(b, "handling", &x->handling);
		jsonw_end_object(b);
		for (int k = 0; k < REPORT_FIGURES; k++)
			totals[k] += x->figures[k];
	}
	jsonw_end_array(b);
	jsonw_object(b, "totals");
	figures_json(b, totals);
	jsonw_end_object(b);
}

static void
ref_json(struct buf *b, const char *key, const char *name)
{
	jsonw_object(b, "integration");
	jsonw_str(b, "key", key);
	jsonw_str(b, "name", name);
	jsonw_end_object(b);
}

static void
notices_json(struct buf *b, const struct report *r)
{
	jsonw_array(b, "notices");
	for (size_t n = 0; n < r->expiring_count; n++) {
		const struct report_expiring *x = &r->expiring[n];

		jsonw_object(b, NULL);
		ref_json(b, x->key, x->name);
		notice_certificate_json(b, x->ours, x->subject, x->expires_us);
		jsonw_end_object(b);
	}
	jsonw_end_array(b);
}

static void
now_json(struct buf *b, const struct report *r)
{
	jsonw_object(b, "backlog");
	jsonw_int(b, "waiting",
	    r->waiting < REPORT_COUNT_MAX ? r->waiting : REPORT_COUNT_MAX);
	jsonw_bool(b, "capped", r->waiting > REPORT_COUNT_MAX);
	jsonw_int(b, "late", r->late);
	jsonw_time(b, "oldestAt", r->oldest_us);
	jsonw_end_object(b);
	jsonw_array(b, "failing");
	for (size_t n = 0; n < r->failing_count; n++) {
		jsonw_object(b, NULL);
		ref_json(b, r->failing[n].key, r->failing[n].name);
		jsonw_time(b, "since", r->failing[n].since_us);
		jsonw_str(b, "detail", r->failing[n].cause);
		jsonw_end_object(b);
	}
	jsonw_end_array(b);
}

static void
write_report(struct call *c, const struct report_query *q, int64_t to_us,
    const struct report *r)
{
	struct buf *b = call_json(c, HTTP_OK);

	jsonw_object(b, NULL);
	jsonw_time(b, "from", q->from_us);
	jsonw_time(b, "to", to_us);
	jsonw_duration(b, "step", q->step_us / 1000);
	jsonw_time(b, "at", clock_wall_us());
	buckets_json(b, r);
	now_json(b, r);
	notices_json(b, r);
	jsonw_end_object(b);
}

enum err
api_report_get(struct call *c)
{
	struct report_query q = {
	    .grants = &c->who.grants, .team = call_param(c, "team")};
	const char *key = call_param(c, "integration");
	struct integration *i = NULL;
	struct report *r;
	int64_t to_us;
	enum err e = ERR_OK;

	read_span(c, &q, &to_us);
	if (c->fault_count != 0)
		return ERR_UNPROCESSABLE;
	if (key != NULL)
		e = call_integration(c, key, ROLE_VIEWER, NULL, &i);
	if (i != NULL)
		q.integration_id = i->id;
	integration_unref(i);
	if (e != ERR_OK)
		return e;
	r = mem_zalloc(sizeof(*r));
	e = report_read(c->pg, &q, c->deadline_ms, r, c->ei);
	if (e == ERR_OK)
		write_report(c, &q, to_us, r);
	report_fini(r);
	free(r);
	return e;
}
