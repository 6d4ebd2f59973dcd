#include "config.h"

#include "store/changes.h"

#include <string.h>

#include "store/pgval.h"
#include "store/scope.h"

#define MARK(text) "left(md5(coalesce((" text ")::text, '')), 12)"

/* What is going on with an event: its last outcome and its queue row. */
#define STATE(id)                                                          \
	"(select coalesce(max(o.seq)::text, '-') from ewa.outcome o"       \
	" where o.event_id = " id "),"                                     \
	"(select (q.step, q.tries, q.claim, q.seq)::text from ewa.queue q" \
	" where q.event_id = " id ")"

/* clang-format off */
/* $1, $2 scope, $3 integration or 0, $4 event or NULL */
static const struct pg_stmt read_marks = {"changes_read",
    "with i as materialized (select id, settings_version"
    " from ewa.integration where ($1 or team = any($2))"
    " and ($3 = 0 or id = $3))"
    "select "
    MARK("select (max(i.settings_version), max(s.since),"
	" count(s.stopped_at)) from i left join ewa.integration_status s"
	" on s.integration_id = i.id")
    ","
    MARK("select string_agg(concat_ws(':', e.id::text," STATE("e.id")
	"), ',' order by e.id) from (select id, integration_id from ("
	" (select id, integration_id from ewa.event where $3 = 0"
	"  order by id desc limit 100) union"
	" (select event_id, integration_id from ewa.outcome"
	"  where integration_id = $3 order by event_id desc limit 100) union"
	" (select event_id, integration_id from ewa.queue"
	"  where integration_id = $3 order by due_at desc limit 100)) u"
	" where integration_id in (select id from i)"
	" order by id desc limit 100) e")
    ","
    /* counts rise: what is counted anew is among the latest */
    MARK("select (sum(r.count), max(r.last_at), count(*)) from ("
	" (select integration_id, count, last_at from ewa.refusal"
	"  where $3 = 0 order by last_at desc limit 200) union all"
	" (select integration_id, count, last_at from ewa.refusal"
	"  where $3 <> 0 and integration_id = $3)) r"
	" where r.integration_id in (select id from i)"
	" or (r.integration_id = 0 and $1 and $3 = 0)")
    ","
    MARK("select concat_ws(':'," STATE("$4") ","
	"(select count(*) from ewa.attempt where event_id = $4),"
	"(select count(*) from ewa.result where event_id = $4))"
	" from ewa.event e where e.id = $4"
	" and e.integration_id in (select id from i)")};
/* clang-format on */

enum err
changes_read(struct pg *pg, const struct grants *grants, int32_t integration_id,
    const struct uuid *event, int64_t deadline_ms, struct changes *out,
    struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	memset(out, 0, sizeof(*out));
	pg_params_init(&p);
	scope_add(&p, grants, ROLE_VIEWER);
	pg_add_int4(&p, integration_id);
	pg_add_uuid(&p, event);
	e = pg_query(pg, &read_marks, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	for (int k = 0; k < CHANGES_KINDS; k++) {
		size_t n;
		const char *s = pg_bytes(r, 0, k, &n);

		BUG_ON(n != CHANGES_MARK_LEN);
		memcpy(out->marks[k], s, n);
	}
	PQclear(r);
	return ERR_OK;
}

enum err
changes_listen(
    struct pg *pg, int64_t deadline_ms, bool *fresh, struct errinfo *ei)
{
	static const char *const channels[] = {
	    "ewa_event", "ewa_done", "ewa_settings", "ewa_refusal"};
	uint64_t before = pg_generation(pg);
	enum err e = pg_open(pg, deadline_ms, ei);

	*fresh = pg_generation(pg) != before;
	if (e != ERR_OK || !*fresh)
		return e;
	/* a ring need not wait for the disk */
	e = pg_script(pg, "set synchronous_commit = off", deadline_ms, ei);
	for (size_t n = 0; e == ERR_OK && n < 4; n++)
		e = pg_listen(pg, channels[n], deadline_ms, ei);
	if (e != ERR_OK)
		pg_close(pg);
	return e;
}
