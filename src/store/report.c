#include "config.h"

#include "store/report.h"

#include <stdlib.h>
#include <string.h>

#include "domain/reply_secret.h"
#include "store/pgval.h"
#include "store/report_figures.h"

static const struct pg_stmt read_backlog = {"report_backlog",
    "with " REPORT_SCOPE "w as (select q.event_id, q.deadline from ewa.queue q"
    " where q.integration_id in (select id from i) limit $5)"
    "select count(*), count(*) filter (where deadline < now()),"
    " min(ewa.uuid7_time(event_id)) from w"};

static const struct pg_stmt read_failing = {"report_failing",
    "with " REPORT_SCOPE "s as (select * from ewa.integration_status"
    " where state = 'error')"
    "select i.key, i.name, s.since, s.cause from i join s"
    " on s.integration_id = i.id join ewa.integration x on x.id = i.id"
    " where x.deleted_at is null order by s.since limit $5"};

static const struct pg_stmt read_expiring = {"report_expiring",
    "with " REPORT_SCOPE "c as (select * from ewa.certificate)"
    "select i.key, i.name, c.subject, c.whose = 'client', c.expires_at"
    " from i join c on c.integration_id = i.id"
    " where c.expires_at <= now() + $6 * interval '1 us'"
    " order by c.expires_at, i.name limit $5"};

static enum err
backlog(struct pg *pg, const struct report_query *q, int64_t deadline_ms,
    struct report *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	report_begin(&p, q);
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

	report_begin(&p, q);
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

	report_begin(&p, q);
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
	struct errinfo ignored;
	enum err e;

	BUG_ON(q->buckets > REPORT_BUCKETS_MAX);
	memset(out, 0, sizeof(*out));
	/* what is tallied and what is not yet, as of one moment */
	e = pg_script(pg,
	    "begin isolation level repeatable read read only;"
	    "set local plan_cache_mode = force_custom_plan",
	    deadline_ms, ei);
	if (e == ERR_OK)
		e = report_figures(pg, q, deadline_ms, out, ei);
	if (e == ERR_OK)
		e = backlog(pg, q, deadline_ms, out, ei);
	if (e == ERR_OK)
		e = failing(pg, q, deadline_ms, out, ei);
	if (e == ERR_OK)
		e = expiring(pg, q, deadline_ms, out, ei);
	if (e == ERR_OK)
		return pg_script(pg, "commit", deadline_ms, ei);
	if (pg_is_open(pg) &&
	    pg_script(pg, "rollback", deadline_ms, &ignored) != ERR_OK)
		pg_close(pg);
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
