#include "config.h"

#include "store/report_figures.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/scope.h"
#include "store/tally.h"

/* $5 from, $6 step in us, $7 number of buckets */
#define END "($5::timestamptz + $7 * $6 * interval '1 us')"

/* The ids at which buckets begin, and the last ends; test events. */
#define BOUNDS                                                       \
	"b as materialized (select array_agg(ewa.uuid7_floor("       \
	" $5 + k * $6 * interval '1 us') order by k) as bounds"      \
	" from generate_series(0, $7) k),"                           \
	"tests as materialized (select id from ewa.event where test" \
	" and id >= ewa.uuid7_floor($5) and id < ewa.uuid7_floor(" END ")),"

#define BUCKET(x) "width_bucket(" x ".event_id, (select bounds from b))"

/* Who sees all has no condition at all, one integration an index: the values
 * are known when it is planned. */
#define ALL "$1 and $3 = 0 and $4::text is null"
#define WANTED(x)                                                      \
	x ".seq = 0 and ($3 = 0 or " x ".integration_id = $3)"         \
	  " and ((" ALL ") or " x ".integration_id in (select id from" \
	  "  i)) and " x ".event_id not in (select id from tests)"

/* $8 whether buckets hold whole slots */
#define REST                                                          \
	TALLY_REST("$5::timestamptz", END)                            \
	",ranges as materialized (select * from rest where $8"        \
	" and (open is null or $3 = 0 or $3 = any(open)) union all"   \
	" select ewa.uuid7_floor($5), ewa.uuid7_floor(" END "), null" \
	" where not $8)"

#define TALLIED                                                           \
	"x as (select * from ewa.tally where " ALL                        \
	" and integration_id = 0 and slot >= $5 and slot < " END          \
	" union all select t.* from i join ewa.tally t"                   \
	"  on t.integration_id = i.id and t.slot >= $5 and t.slot < " END \
	" where not (" ALL "))"
#define BUCKET_OF_SLOT \
	"1 + floor(date_part('epoch', slot - $5) * 1e6 / $6)::integer"

/* clang-format off */
static const struct pg_stmt read_tally = {"report_tally",
    "with " REPORT_SCOPE TALLIED
    "select " BUCKET_OF_SLOT ", sum(accepted)::bigint, 0::bigint,"
    " sum(handled)::bigint, sum(failed)::bigint, sum(sent)::bigint,"
    " sum(reply_failed)::bigint, sum(expired)::bigint,"
    " sum(cancelled)::bigint from x where $7 > 0 group by 1"};

static const struct pg_stmt read_bins = {"report_bins",
    "with " REPORT_SCOPE TALLIED
    "select " BUCKET_OF_SLOT ", k.which, k.bin::integer, sum(k.n)::bigint"
    " from x, lateral (select 0 as which, u.bin, u.n"
    "  from unnest(latency_bins, latency_counts) u(bin, n)"
    "  union all select 1, u.bin, u.n"
    "  from unnest(handling_bins, handling_counts) u(bin, n)) k"
    " where $7 > 0 group by 1, 2, 3"};

/* What is not tallied, and what is not finished (reply state ''). */
static const struct pg_stmt read_rest = {"report_rest",
    "with " REPORT_SCOPE BOUNDS REST
    "select " BUCKET("o") ", o.state, o.reply_state,"
    " case when o.reply_state = 'sent' then ewa.latency_bin("
    "  date_part('epoch', o.finished_at - a.at) * 1000)::integer end,"
    " case when o.handled_at is not null then ewa.latency_bin("
    "  date_part('epoch', o.handled_at - a.at) * 1000)::integer end,"
    " count(*)"
    " from ranges rest join ewa.outcome o"
    "  on o.event_id >= rest.low and o.event_id < rest.high"
    " cross join lateral"
    "  (select ewa.uuid7_time(o.event_id) as at offset 0) a"
    " where " WANTED("o") " and " TALLY_REST_OF("o.integration_id")
    " group by 1, 2, 3, 4, 5"
    " union all"
    " select " BUCKET("q") ", case q.step when 1 then 'handled' else '' end,"
    "  '', null, null, count(*) from ewa.queue q where " WANTED("q")
    " and q.event_id >= ewa.uuid7_floor($5)"
    " and q.event_id < ewa.uuid7_floor(" END ")"
    " group by 1, 2"};
/* clang-format on */

/* How many times fell into each bin. */
struct histogram {
	int64_t counts[TALLY_BINS];
};

struct figures {
	struct report *out;
	struct histogram *latency, *handling; /* by bucket */
};

void
report_begin(struct pg_params *p, const struct report_query *q)
{
	pg_params_init(p);
	scope_add(p, q->grants, ROLE_VIEWER);
	pg_add_int4(p, q->integration_id);
	pg_add_text(p, q->team);
}

static void
begin_span(struct pg_params *p, const struct report_query *q)
{
	report_begin(p, q);
	pg_add_time(p, q->from_us);
	pg_add_int8(p, q->step_us);
	pg_add_int4(p, (int32_t)q->buckets);
}

/* The number of a row's bucket; -1: an id's time at the very end. */
static int
bucket_of(const struct figures *f, const PGresult *r, int row)
{
	int32_t n = pg_int4(r, row, 0);

	return n >= 1 && (size_t)n <= f->out->bucket_count ? n - 1 : -1;
}

/* ---- rows ------------------------------------------------------------------
 */

static void
take_tally(struct figures *f, const PGresult *r, int row)
{
	int n = bucket_of(f, r, row);

	for (int k = 0; n >= 0 && k < REPORT_FIGURES; k++)
		f->out->buckets[n].figures[k] += pg_int8(r, row, 1 + k);
}

static void
add_bin(struct histogram *h, int bin, int64_t count)
{
	if (bin >= 0 && bin < TALLY_BINS)
		h->counts[bin] += count;
}

static void
take_bin(struct figures *f, const PGresult *r, int row)
{
	int n = bucket_of(f, r, row);

	if (n >= 0)
		add_bin(
		    pg_int4(r, row, 1) == 0 ? &f->latency[n] : &f->handling[n],
		    pg_int4(r, row, 2), pg_int8(r, row, 3));
}

static bool
is(const char *word, const char *s, size_t n)
{
	return strlen(word) == n && memcmp(word, s, n) == 0;
}

static void
add_words(int64_t *figures, const PGresult *r, int row, int64_t count)
{
	static const struct {
		int column;
		const char *word;
		enum report_figure figure;
	} words[] = {
	    {1, "handled",   REPORT_HANDLED        },
	    {1, "failed",    REPORT_FAILED         },
	    {2, "",          REPORT_WAITING        },
	    {2, "sent",      REPORT_SENT           },
	    {2, "failed",    REPORT_REPLY_FAILED   },
	    {2, "expired",   REPORT_REPLY_EXPIRED  },
	    {2, "cancelled", REPORT_REPLY_CANCELLED},
	};

	figures[REPORT_ACCEPTED] += count;
	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		size_t n;
		const char *s = pg_bytes(r, row, words[k].column, &n);

		if (is(words[k].word, s, n))
			figures[words[k].figure] += count;
	}
}

static void
take_rest(struct figures *f, const PGresult *r, int row)
{
	int64_t count = pg_int8(r, row, 5);
	int n = bucket_of(f, r, row);

	if (n < 0)
		return;
	add_words(f->out->buckets[n].figures, r, row, count);
	if (!pg_null(r, row, 3))
		add_bin(&f->latency[n], pg_int4(r, row, 3), count);
	if (!pg_null(r, row, 4))
		add_bin(&f->handling[n], pg_int4(r, row, 4), count);
}

/* ---- percentiles -----------------------------------------------------------
 */

/* The middle of a bin: bins rise by the eighth root of 2 from 1 ms on. */
static double
bin_ms(int bin)
{
	double ms = 1.0442737824274138; /* 2 ** (1 / 16) */

	if (bin == 0)
		return 0.5;
	for (int k = 1; k < bin; k++)
		ms *= 1.0905077326652577; /* 2 ** (1 / 8) */
	return ms;
}

static double
percentile(const struct histogram *h, int64_t rank)
{
	int64_t so_far = 0;
	int bin;

	for (bin = 0; bin < TALLY_BINS - 1; bin++) {
		so_far += h->counts[bin];
		if (so_far >= rank)
			break;
	}
	return bin_ms(bin);
}

static void
take_percentiles(struct percentiles *out, const struct histogram *h)
{
	int64_t total = 0;

	for (int bin = 0; bin < TALLY_BINS; bin++)
		total += h->counts[bin];
	out->any = total != 0;
	if (!out->any)
		return;
	out->p50 = percentile(h, (total * 50 + 99) / 100);
	out->p95 = percentile(h, (total * 95 + 99) / 100);
	out->p99 = percentile(h, (total * 99 + 99) / 100);
}

/* ---- reading ---------------------------------------------------------------
 */

static enum err
read_all(struct pg *pg, const struct pg_stmt *stmt, const struct pg_params *p,
    void (*take)(struct figures *, const PGresult *, int), struct figures *f,
    int64_t deadline_ms, struct errinfo *ei)
{
	PGresult *r;
	enum err e = pg_query(pg, stmt, p, deadline_ms, &r, ei);

	if (e != ERR_OK)
		return e;
	for (int row = 0; row < PQntuples(r); row++)
		take(f, r, row);
	PQclear(r);
	return ERR_OK;
}

enum err
report_figures(struct pg *pg, const struct report_query *q, int64_t deadline_ms,
    struct report *out, struct errinfo *ei)
{
	bool whole = q->step_us % TALLY_SLOT_US == 0;
	struct figures f = {.out = out};
	struct pg_params p;
	enum err e = ERR_OK;

	out->bucket_count = q->buckets;
	for (size_t n = 0; n < q->buckets; n++)
		out->buckets[n].at_us = q->from_us + (int64_t)n * q->step_us;
	f.latency = mem_array(q->buckets, sizeof(*f.latency));
	f.handling = mem_array(q->buckets, sizeof(*f.handling));
	begin_span(&p, q);
	if (whole)
		e = read_all(
		    pg, &read_tally, &p, take_tally, &f, deadline_ms, ei);
	if (e == ERR_OK && whole)
		e = read_all(pg, &read_bins, &p, take_bin, &f, deadline_ms, ei);
	pg_add_bool(&p, whole);
	if (e == ERR_OK)
		e = read_all(
		    pg, &read_rest, &p, take_rest, &f, deadline_ms, ei);
	pg_params_fini(&p);
	for (size_t n = 0; e == ERR_OK && n < q->buckets; n++) {
		take_percentiles(&out->buckets[n].latency, &f.latency[n]);
		take_percentiles(&out->buckets[n].handling, &f.handling[n]);
	}
	free(f.handling);
	free(f.latency);
	return e;
}
