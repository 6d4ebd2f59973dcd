#include "config.h"

#include "store/report.h"

#include <stdlib.h>
#include <string.h>

#include "store/pgval.h"
#include "store/scope.h"

/* $1, $2 scope, $3 integration or 0, $4 team or NULL */
#define SCOPE                                                          \
	"i as materialized (select id, key, name from ewa.integration" \
	" where ($1 or team = any($2)) and ($3 = 0 or id = $3)"        \
	" and ($4::text is null or team = $4)),"

#define PERCENTILES(value, which)                                      \
	"percentile_disc(array[0.5, 0.95, 0.99]) within group (order " \
	"by " value ") filter (where " which ")"

/* $5 from, $6 step in us, $7 number of buckets */
static const struct pg_stmt read_buckets = {"report_buckets",
    "with " SCOPE "span as (select ewa.uuid7_floor($5) as low,"
    " ewa.uuid7_floor($5 + $7 * $6 * interval '1 us') as high),"
    "t as materialized (select e.id from ewa.event e, span"
    "  where e.test and e.id >= span.low and e.id < span.high),"
    "r as (select width_bucket(extract(epoch from"
    "   ewa.uuid7_time(o.event_id) - $5) * 1000000, 0, ($7 * $6)::numeric,"
    "   $7::int) as n, o.state, o.reply_state,"
    "  extract(epoch from o.handled_at - ewa.uuid7_time(o.event_id))"
    "   * 1000 as handling,"
    "  extract(epoch from o.finished_at - ewa.uuid7_time(o.event_id))"
    "   * 1000 as latency"
    " from ewa.outcome o, span where o.seq = 0 and o.event_id >= span.low"
    "  and o.event_id < span.high and o.integration_id in (select id from i)"
    "  and o.event_id not in (select id from t)"
    " union all select width_bucket(extract(epoch from"
    "   ewa.uuid7_time(q.event_id) - $5) * 1000000, 0, ($7 * $6)::numeric,"
    "   $7::int), case q.step when 1 then 'handled' end, 'waiting',"
    "   null, null"
    " from ewa.queue q, span where q.seq = 0 and q.event_id >= span.low"
    "  and q.event_id < span.high and q.integration_id in (select id from i)"
    "  and q.event_id not in (select id from t))"
    "select n, c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8],"
    " l[1]::float8, l[2]::float8, l[3]::float8,"
    " h[1]::float8, h[2]::float8, h[3]::float8"
    " from (select n, array[count(*),"
    " count(*) filter (where reply_state = 'waiting'),"
    " count(*) filter (where state = 'handled'),"
    " count(*) filter (where state = 'failed'),"
    " count(*) filter (where reply_state = 'sent'),"
    " count(*) filter (where reply_state = 'failed'),"
    " count(*) filter (where reply_state = 'expired'),"
    " count(*) filter (where reply_state = 'cancelled')] as c," PERCENTILES(
	"greatest(latency, 0)",
	"reply_state = 'sent'") " as l," PERCENTILES("greatest(handling, 0)",
	"handling is not null") " as h"
				" from r group by n) p order by n"};

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

static enum err
buckets(struct pg *pg, const struct report_query *q, int64_t deadline_ms,
    struct report *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	begin(&p, q);
	pg_add_time(&p, q->from_us);
	pg_add_int8(&p, q->step_us);
	pg_add_int8(&p, (int64_t)q->buckets);
	e = pg_query(pg, &read_buckets, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	out->bucket_count = q->buckets;
	for (size_t n = 0; n < q->buckets; n++)
		out->buckets[n].at_us = q->from_us + (int64_t)n * q->step_us;
	for (int row = 0; row < PQntuples(r); row++) {
		int32_t n = pg_int4(r, row, 0);
		struct report_bucket *b;

		if (n < 1 || (size_t)n > q->buckets)
			continue; /* an id's time at the very end */
		b = &out->buckets[n - 1];
		for (int k = 0; k < REPORT_FIGURES; k++)
			b->figures[k] = pg_int8(r, row, 1 + k);
		take_percentiles(&b->latency, r, row, 1 + REPORT_FIGURES);
		take_percentiles(&b->handling, r, row, 4 + REPORT_FIGURES);
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

enum err
report_read(struct pg *pg, const struct report_query *q, int64_t deadline_ms,
    struct report *out, struct errinfo *ei)
{
	enum err e;

	BUG_ON(q->buckets > REPORT_BUCKETS_MAX);
	memset(out, 0, sizeof(*out));
	e = buckets(pg, q, deadline_ms, out, ei);
	if (e == ERR_OK)
		e = backlog(pg, q, deadline_ms, out, ei);
	if (e == ERR_OK)
		e = failing(pg, q, deadline_ms, out, ei);
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
}
