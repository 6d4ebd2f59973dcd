#include "config.h"

#include "store/reply_status.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/uri.h"
#include "store/change.h"
#include "store/integration_rows.h"
#include "store/pgval.h"

#define WAKE_BATCH 5000

static const struct pg_stmt read_stmt = {"reply_status_read",
    "select integration_id, state = 'ok', since, cause, stopped_at,"
    " stopped_reason, certificate_subject, certificate_expires_at"
    " from ewa.integration_status where $1 = 0 or integration_id = $1"
    " order by integration_id"};

/*
 * The last attempt decides, by the clock of the database: seen_at is when it
 * ended (in the future: that clock was set back).  A stop and a certificate
 * are taken whenever they were seen.
 */
#define LATER "(excluded.seen_at >= s.seen_at or s.seen_at > now())"
#define LATER_OF(column) \
	"case when " LATER " then excluded." column " else s." column " end"

/* clang-format off */
static const struct pg_stmt write_stmt = {"reply_status_write",
    "insert into ewa.integration_status as s (integration_id, state, cause,"
    " since, seen_at, stopped_at, stopped_reason, certificate_subject,"
    " certificate_expires_at)"
    " select i.id, case when i.ok then 'ok' else 'error' end, i.cause,"
    "  now() - i.age * interval '1 ms', now() - i.age * interval '1 ms',"
    "  case when i.stop then now() end, case when i.stop then i.cause end,"
    "  i.subject, i.expires"
    " from unnest($1::int4[], $2::int8[], $3::bool[], $4::text[],"
    "  $5::bool[], $6::text[], $7::timestamptz[])"
    "  as i(id, age, ok, cause, stop, subject, expires)"
    " join ewa.integration g on g.id = i.id order by i.id"
    " on conflict (integration_id) do update set"
    "  since = case when s.state <> excluded.state and " LATER
    "   then excluded.since else s.since end,"
    "  state = " LATER_OF("state") ","
    "  cause = " LATER_OF("cause") ","
    "  seen_at = " LATER_OF("seen_at") ","
    "  stopped_at = coalesce(s.stopped_at, excluded.stopped_at),"
    "  stopped_reason = coalesce(s.stopped_reason, excluded.stopped_reason),"
    "  resumed_at = case when excluded.stopped_at is null"
    "   then s.resumed_at end,"
    "  certificate_subject = coalesce(excluded.certificate_subject,"
    "   s.certificate_subject),"
    "  certificate_expires_at = coalesce(excluded.certificate_expires_at,"
    "   s.certificate_expires_at)"
    " where " LATER " or excluded.stopped_at is not null"
    " or excluded.certificate_expires_at is not null"};
/* clang-format on */

/* Failing for longer than the integration allows. */
static const struct pg_stmt stop_stmt = {"reply_status_stop",
    "update ewa.integration_status s set stopped_at = now(),"
    " resumed_at = null, stopped_reason = 'replies have failed since '"
    "  || to_char(s.since at time zone 'UTC',"
    "   'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') || ': ' || s.cause"
    " from ewa.integration g where s.integration_id = any($1::int4[])"
    " and s.state = 'error' and s.stopped_at is null"
    " and g.id = s.integration_id and s.since <="
    "  now() - g.stop_replies_after_ms * interval '1 ms'"};

/* What is not simply Ok.  Resumed ones stay on the list until every dispatcher
 * must have seen that, and so has stopped putting off what it claims. */
#define RESUMED "stopped_at is null and resumed_at > now() - interval '30 s'"
static const struct pg_stmt controls_stmt = {"reply_status_controls",
    "select integration_id, state = 'error', cause, stopped_at is not null,"
    " stopped_reason, coalesce(" RESUMED ", false)"
    " from ewa.integration_status"
    " where stopped_at is not null or state = 'error' or " RESUMED
    " order by integration_id"};

static const struct pg_stmt resume_stmt = {"reply_status_resume",
    "update ewa.integration_status set stopped_at = null,"
    " stopped_reason = null, resumed_at = now(), since = now()"
    " where integration_id = $1 and stopped_at is not null"};

static const struct pg_stmt moved_stmt = {"reply_status_moved",
    "update ewa.integration_status set certificate_subject = null,"
    " certificate_expires_at = null"
    " where integration_id = $1 and certificate_expires_at is not null"};

static const struct pg_stmt would_expire_stmt = {"reply_would_expire",
    "select count(*) from ewa.queue q"
    " join ewa.integration i on i.id = q.integration_id"
    " where q.integration_id = $1 and q.deadline > now()"
    " and q.deadline <= $2 and (q.step = 1 or i.reply_url <> '')"};

/* What is due at its deadline waits for its replies to be resumed: a retry is
 * planned before it. */
static const struct pg_stmt wake_stmt = {"reply_status_wake",
    "with x as materialized ("
    " select event_id from ewa.queue where integration_id = $1 and step = 1"
    " and owner is null and due_at > now() and due_at >= deadline"
    " order by event_id limit $2 for update skip locked),"
    "u as (update ewa.queue q set due_at = now() from x"
    " where q.event_id = x.event_id returning q.event_id)"
    "select count(*) from u"};

const char *
reply_status_name(const struct reply_status *s)
{
	if (s == NULL)
		return "unknown";
	return s->ok ? "ok" : "error";
}

/* ---- for people ------------------------------------------------------------
 */

static int64_t
time_or_none(const PGresult *r, int row, int col)
{
	return pg_null(r, row, col) ? REPLY_STATUS_NO_TIME
				    : pg_time(r, row, col);
}

static void
take_status(struct reply_status *s, const PGresult *r, int row)
{
	s->integration_id = pg_int4(r, row, 0);
	s->ok = pg_bool(r, row, 1);
	s->since_us = pg_time(r, row, 2);
	s->cause = pg_text(r, row, 3);
	s->stopped_us = time_or_none(r, row, 4);
	s->stopped_reason = pg_text(r, row, 5);
	s->certificate_subject = pg_text(r, row, 6);
	s->certificate_expires_us = time_or_none(r, row, 7);
}

enum err
reply_status_read(struct pg *pg, int32_t integration_id, int64_t deadline_ms,
    struct reply_status_list *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	*out = (struct reply_status_list){NULL, 0};
	pg_params_init(&p);
	pg_add_int4(&p, integration_id);
	e = pg_query(pg, &read_stmt, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	out->count = (size_t)PQntuples(r);
	out->items = mem_array(out->count, sizeof(*out->items));
	for (size_t n = 0; n < out->count; n++)
		take_status(&out->items[n], r, (int)n);
	PQclear(r);
	return ERR_OK;
}

static int
by_id(const void *key, const void *item)
{
	int32_t id = *(const int32_t *)key;
	const struct reply_status *s = item;

	return (id > s->integration_id) - (id < s->integration_id);
}

const struct reply_status *
reply_status_find(const struct reply_status_list *l, int32_t integration_id)
{
	if (l->count == 0)
		return NULL;
	return bsearch(
	    &integration_id, l->items, l->count, sizeof(*l->items), by_id);
}

void
reply_status_list_fini(struct reply_status_list *l)
{
	for (size_t n = 0; n < l->count; n++) {
		free(l->items[n].cause);
		free(l->items[n].stopped_reason);
		free(l->items[n].certificate_subject);
	}
	free(l->items);
	*l = (struct reply_status_list){NULL, 0};
}

enum err
reply_status_would_expire(struct pg *pg, int32_t integration_id,
    int64_t until_us, int64_t deadline_ms, int64_t *count, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	*count = 0;
	pg_params_init(&p);
	pg_add_int4(&p, integration_id);
	pg_add_time(&p, until_us);
	e = pg_query(pg, &would_expire_stmt, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	*count = pg_int8(r, 0, 0);
	PQclear(r);
	return ERR_OK;
}

static enum err
resume(struct change *c, int32_t integration_id, const char *verb)
{
	struct pg_params p;

	if (strcmp(verb, "pause") == 0 || strcmp(verb, "disable") == 0)
		return ERR_OK;
	pg_params_init(&p);
	pg_add_int4(&p, integration_id);
	return change_run(c, &resume_stmt, &p, NULL);
}

static bool
same_origin(const char *a, const char *b)
{
	struct uri x, y;
	bool same = false;

	if (uri_parse(a, &x, NULL) != ERR_OK)
		return false;
	if (uri_parse(b, &y, NULL) == ERR_OK) {
		same = strcmp(x.origin, y.origin) == 0;
		uri_fini(&y);
	}
	uri_fini(&x);
	return same;
}

static enum err
forget_certificate(struct change *c, int32_t integration_id)
{
	struct pg_params p;

	pg_params_init(&p);
	pg_add_int4(&p, integration_id);
	return change_run(c, &moved_stmt, &p, NULL);
}

enum err
reply_status_saved(struct change *c, const struct integration *old,
    const struct integration *now, const char *verb)
{
	enum err e = resume(c, now->id, verb);

	if (e == ERR_OK && !same_origin(old->reply_url, now->reply_url))
		e = forget_certificate(c, now->id);
	return e;
}

/* ---- for dispatchers -------------------------------------------------------
 */

#define COLUMN(type, add)                                           \
	do {                                                        \
		pg_array_begin(p, type, n);                         \
		for (size_t i = 0; i < n; i++) {                    \
			const struct reply_report *r = &reports[i]; \
			add;                                        \
		}                                                   \
		pg_array_end(p);                                    \
	} while (0)

static void
elem_time(struct pg_params *p, int64_t us)
{
	if (us == REPLY_STATUS_NO_TIME)
		pg_elem_null(p);
	else
		pg_elem_time(p, us);
}

static void
add_reports(struct pg_params *p, const struct reply_report *reports, size_t n)
{
	COLUMN(PG_INT4, pg_elem_int4(p, r->integration_id));
	COLUMN(PG_INT8, pg_elem_int8(p, r->age_ms));
	COLUMN(PG_BOOL, pg_elem_bool(p, r->ok));
	COLUMN(PG_TEXT, pg_elem_text(p, r->cause));
	COLUMN(PG_BOOL, pg_elem_bool(p, r->stop));
	COLUMN(PG_TEXT, pg_elem_text(p, r->certificate_subject));
	COLUMN(PG_TIMESTAMPTZ, elem_time(p, r->certificate_expires_us));
}

enum err
reply_status_write(struct pg *pg, const struct reply_report *reports, size_t n,
    int64_t deadline_ms, struct errinfo *ei)
{
	struct pg_params params;
	struct pg_params *p = &params;
	enum err e;

	pg_params_init(p);
	add_reports(p, reports, n);
	e = pg_query(pg, &write_stmt, p, deadline_ms, NULL, ei);
	if (e == ERR_OK) {
		pg_params_reset(p);
		COLUMN(PG_INT4, pg_elem_int4(p, r->integration_id));
		e = pg_query(pg, &stop_stmt, p, deadline_ms, NULL, ei);
	}
	pg_params_fini(p);
	return e;
}

enum err
reply_status_controls(struct pg *pg, int64_t deadline_ms,
    struct reply_controls *out, struct errinfo *ei)
{
	PGresult *r;
	enum err e;

	*out = (struct reply_controls){NULL, 0};
	e = pg_query(pg, &controls_stmt, NULL, deadline_ms, &r, ei);
	if (e != ERR_OK)
		return e;
	out->count = (size_t)PQntuples(r);
	out->items = mem_array(out->count, sizeof(*out->items));
	for (size_t n = 0; n < out->count; n++) {
		struct reply_control *c = &out->items[n];

		c->integration_id = pg_int4(r, (int)n, 0);
		c->failing = pg_bool(r, (int)n, 1);
		c->cause = pg_text(r, (int)n, 2);
		c->stopped = pg_bool(r, (int)n, 3);
		c->reason = pg_text(r, (int)n, 4);
		c->resumed = pg_bool(r, (int)n, 5);
	}
	PQclear(r);
	return ERR_OK;
}

static int
control_by_id(const void *key, const void *item)
{
	int32_t id = *(const int32_t *)key;
	const struct reply_control *c = item;

	return (id > c->integration_id) - (id < c->integration_id);
}

const struct reply_control *
reply_controls_find(const struct reply_controls *c, int32_t integration_id)
{
	if (c->count == 0)
		return NULL;
	return bsearch(&integration_id, c->items, c->count, sizeof(*c->items),
	    control_by_id);
}

void
reply_controls_fini(struct reply_controls *c)
{
	for (size_t n = 0; n < c->count; n++) {
		free(c->items[n].cause);
		free(c->items[n].reason);
	}
	free(c->items);
	*c = (struct reply_controls){NULL, 0};
}

enum err
reply_status_wake(struct pg *pg, int32_t integration_id, int64_t deadline_ms,
    bool *more, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	*more = false;
	pg_params_init(&p);
	pg_add_int4(&p, integration_id);
	pg_add_int8(&p, WAKE_BATCH);
	e = pg_query(pg, &wake_stmt, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	*more = pg_int8(r, 0, 0) == WAKE_BATCH;
	PQclear(r);
	return ERR_OK;
}
