#include "config.h"

#include "store/report.h"

#include <stdlib.h>
#include <string.h>

#include "domain/reply_secret.h"
#include "store/pgval.h"
#include "store/scope.h"

/* $1, $2 scope, $3 integration or 0, $4 team or NULL */
#define SCOPE                                                          \
	"i as materialized (select id, key, name from ewa.integration" \
	" where ($1 or team = any($2)) and ($3 = 0 or id = $3)"        \
	" and ($4::text is null or team = $4)),"

/* $5 from, $6 step in us, $7 number of buckets: the ids at which buckets
 * begin, and the last ends. */
#define BOUNDS                                                  \
	"b as materialized (select array_agg(ewa.uuid7_floor("  \
	" $5 + k * $6 * interval '1 us') order by k) as bounds" \
	" from generate_series(0, $7) k),"                      \
	"span as materialized (select bounds[1] as low,"        \
	" bounds[$7 + 1] as high from b),"                      \
	"t as materialized (select e.id from ewa.event e, span" \
	" where e.test and e.id >= span.low and e.id < span.high),"

/* With the values known when it is planned: no condition at all for who sees
 * all, an index for one integration. */
#define IN_SPAN(x)                                                     \
	x ".seq = 0 and " x ".event_id >= ewa.uuid7_floor($5)"         \
	  " and " x ".event_id < ewa.uuid7_floor($5 + $7 * $6 *"       \
	  "  interval '1 us')"                                         \
	  " and ($3 = 0 or " x ".integration_id = $3)"                 \
	  " and (($1 and $4::text is null) or " x ".integration_id in" \
	  "  (select id from i))"                                      \
	  " and " x ".event_id not in (select id from t)"

#define BUCKET(x) "width_bucket(" x ".event_id, (select bounds from b))"

#define PERCENTILES(value, which)                                         \
	"percentile_disc(array[0.5, 0.95, 0.99]) within group (order by " \
	"greatest(" value ", 0)) filter (where " which ")"

/* clang-format off */
static const struct pg_stmt read_buckets = {"report_buckets",
    "with " SCOPE BOUNDS
    "r as ("
    " select " BUCKET("o") " as n, o.state, o.reply_state, count(*) as c"
    " from ewa.outcome o where " IN_SPAN("o") " group by 1, 2, 3"
    " union all"
    " select " BUCKET("q") ", case q.step when 1 then 'handled' end,"
    "  'waiting', count(*) from ewa.queue q where " IN_SPAN("q")
    " group by 1, 2)"
    "select n, sum(c)::bigint,"
    " coalesce(sum(c) filter (where reply_state = 'waiting'), 0)::bigint,"
    " coalesce(sum(c) filter (where state = 'handled'), 0)::bigint,"
    " coalesce(sum(c) filter (where state = 'failed'), 0)::bigint,"
    " coalesce(sum(c) filter (where reply_state = 'sent'), 0)::bigint,"
    " coalesce(sum(c) filter (where reply_state = 'failed'), 0)::bigint,"
    " coalesce(sum(c) filter (where reply_state = 'expired'), 0)::bigint,"
    " coalesce(sum(c) filter (where reply_state = 'cancelled'), 0)::bigint"
    " from r group by n order by n"};

/* $8: of very many a sample, by random bits of their ids. */
static const struct pg_stmt read_latencies = {"report_latencies",
    "with " SCOPE BOUNDS
    "r as (select " BUCKET("o") " as n, o.reply_state,"
    " date_part('epoch', o.handled_at - a.at) * 1000 as handling,"
    " date_part('epoch', o.finished_at - a.at) * 1000 as latency"
    " from ewa.outcome o cross join lateral"
    " (select ewa.uuid7_time(o.event_id) as at offset 0) a"
    " where get_byte(uuid_send(o.event_id), 15) & $8 = 0 and " IN_SPAN("o")
    ")"
    "select n, l[1], l[2], l[3], h[1], h[2], h[3] from (select n,"
    PERCENTILES("latency", "reply_state = 'sent'") " as l,"
    PERCENTILES("handling", "handling is not null") " as h"
    " from r group by n) p order by n"};
/* clang-format on */

static const struct pg_stmt read_backlog = {"report_backlog",
    "with " SCOPE "w as (select q.event_id, q.deadline from ewa.queue q"
    " where q.integration_id in (select id from i) limit $5)"
    "select count(*), count(*) filter (where deadline < now()),"
    " min(ewa.uuid7_time(event_id)) from w"};

static const struct pg_stmt read_failing = {"report_failing",
    "with " SCOPE "s as (select * from ewa.integration_status"
    " where state = 'error')"
    "select i.key, i.name, s.since, s.cause from i join s"
    " on s.integration_id = i.id join ewa.integration x on x.id = i.id"
    " where x.deleted_at is null order by s.since limit $5"};

static const struct pg_stmt read_expiring = {"report_expiring",
    "with " SCOPE "c as (select * from ewa.certificate)"
    "select i.key, i.name, c.subject, c.whose = 'client', c.expires_at"
    " from i join c on c.integration_id = i.id"
    " where c.expires_at <= now() + $6 * interval '1 us'"
    " order by c.expires_at, i.name limit $5"};

static void
begin(struct pg_params *p, const struct report_query *q)
{
	pg_params_init(p);
	scope_add(p, q->grants, ROLE_VIEWER);
	pg_add_int4(p, q->integration_id);
	pg_add_text(p, q->team);
}

static void
take_percentiles(struct percentiles *out, const PGresult *r, int row, int col)
{
	out->any = !pg_null(r, row, col);
	if (!out->any)
		return;
	out->p50 = pg_float8(r, row, col);
	out->p95 = pg_float8(r, row, col + 1);
	out->p99 = pg_float8(r, row, col + 2);
}

static void
begin_span(struct pg_params *p, const struct report_query *q)
{
	begin(p, q);
	pg_add_time(p, q->from_us);
	pg_add_int8(p, q->step_us);
	pg_add_int4(p, (int32_t)q->buckets);
}

/* The bucket of a row; NULL: an id's time at the very end. */
static struct report_bucket *
bucket_of(struct report *out, const PGresult *r, int row)
{
	int32_t n = pg_int4(r, row, 0);

	return n >= 1 && (size_t)n <= out->bucket_count ? &out->buckets[n - 1]
							: NULL;
}

static enum err
buckets(struct pg *pg, const struct report_query *q, int64_t deadline_ms,
    struct report *out, struct errinfo *ei)
{
	struct report_bucket *b;
	struct pg_params p;
	PGresult *r;
	enum err e;

	begin_span(&p, q);
	e = pg_query(pg, &read_buckets, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	out->bucket_count = q->buckets;
	for (size_t n = 0; n < q->buckets; n++)
		out->buckets[n].at_us = q->from_us + (int64_t)n * q->step_us;
	for (int row = 0; row < PQntuples(r); row++) {
		b = bucket_of(out, r, row);
		for (int k = 0; b != NULL && k < REPORT_FIGURES; k++)
			b->figures[k] = pg_int8(r, row, 1 + k);
	}
	PQclear(r);
	return ERR_OK;
}

/* Bits that are 0 in the ids of about REPORT_SAMPLE of so many events. */
static int32_t
sample_mask(const struct report *r)
{
	int64_t total = 0;
	int32_t mask = 0;

	for (size_t n = 0; n < r->bucket_count; n++)
		total += r->buckets[n].figures[REPORT_ACCEPTED];
	for (; total > REPORT_SAMPLE && mask < 255; total /= 2)
		mask = mask << 1 | 1;
	return mask;
}

static enum err
latencies(struct pg *pg, const struct report_query *q, int64_t deadline_ms,
    struct report *out, struct errinfo *ei)
{
	struct report_bucket *b;
	struct pg_params p;
	PGresult *r;
	enum err e;

	begin_span(&p, q);
	pg_add_int4(&p, sample_mask(out));
	e = pg_query(pg, &read_latencies, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	for (int row = 0; row < PQntuples(r); row++) {
		b = bucket_of(out, r, row);
		if (b == NULL)
			continue;
		take_percentiles(&b->latency, r, row, 1);
		take_percentiles(&b->handling, r, row, 4);
	}
	PQclear(r);
	return ERR_OK;
}

static enum err
backlog(struct pg *pg, const struct report_query *q, int64_t deadline_ms,
    struct report *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	begin(&p, q);
	pg_add_int8(&p, REPORT_COUNT_MAX + 1);
	e = pg_query(pg, &read_backlog, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	out->waiting = pg_int8(r, 0, 0);
	out->late = pg_int8(r, 0, 1);
	out->oldest_us = pg_null(r, 0, 2) ? INT64_MIN : pg_time(r, 0, 2);
	PQclear(r);
	return ERR_OK;
}

static enum err
failing(struct pg *pg, const struct report_query *q, int64_t deadline_ms,
    struct report *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	begin(&p, q);
	pg_add_int8(&p, REPORT_FAILING_MAX);
	e = pg_query(pg, &read_failing, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	for (int n = 0; n < PQntuples(r); n++) {
		struct report_failing *f = &out->failing[out->failing_count++];

		f->key = pg_text(r, n, 0);
		f->name = pg_text(r, n, 1);
		f->since_us = pg_time(r, n, 2);
		f->cause = pg_text(r, n, 3);
	}
	PQclear(r);
	return ERR_OK;
}

static enum err
expiring(struct pg *pg, const struct report_query *q, int64_t deadline_ms,
    struct report *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	begin(&p, q);
	pg_add_int8(&p, REPORT_EXPIRING_MAX);
	pg_add_int8(&p, CERTIFICATE_NOTICE_US);
	e = pg_query(pg, &read_expiring, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	for (int n = 0; n < PQntuples(r); n++) {
		struct report_expiring *x =
		    &out->expiring[out->expiring_count++];

		x->key = pg_text(r, n, 0);
		x->name = pg_text(r, n, 1);
		x->subject = pg_text(r, n, 2);
		x->ours = pg_bool(r, n, 3);
		x->expires_us = pg_time(r, n, 4);
	}
	PQclear(r);
	return ERR_OK;
}

enum err
report_read(struct pg *pg, const struct report_query *q, int64_t deadline_ms,
    struct report *out, struct errinfo *ei)
{
	enum err e;

	BUG_ON(q->buckets > REPORT_BUCKETS_MAX);
	memset(out, 0, sizeof(*out));
	e = pg_script(
	    pg, "set plan_cache_mode = force_custom_plan", deadline_ms, ei);
	if (e == ERR_OK)
		e = buckets(pg, q, deadline_ms, out, ei);
	if (e == ERR_OK)
		e = latencies(pg, q, deadline_ms, out, ei);
	if (e == ERR_OK)
		e = backlog(pg, q, deadline_ms, out, ei);
	if (e == ERR_OK)
		e = failing(pg, q, deadline_ms, out, ei);
	if (e == ERR_OK)
		e = expiring(pg, q, deadline_ms, out, ei);
	return e;
}

void
report_fini(struct report *r)
{
	for (size_t n = 0; n < r->failing_count; n++) {
		free(r->failing[n].key);
		free(r->failing[n].name);
		free(r->failing[n].cause);
	}
	for (size_t n = 0; n < r->expiring_count; n++) {
		free(r->expiring[n].key);
		free(r->expiring[n].name);
		free(r->expiring[n].subject);
	}
}
