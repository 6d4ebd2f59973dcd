#include "config.h"

#include "store/resend.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "store/pgval.h"

/* How far an id's time may lie from its event's time of receipt. */
#define SKEW_US ((int64_t)61 * 1000000)

#define COUNT_BATCH 5000
#define REPLY_BATCH 1000
#define EVENT_BATCH 200
#define EVENT_BATCH_BYTES (32 << 20)
#define FILTER_MAX 2048

/*
 * s: the next finished events, in order of their ids, as many as a batch may
 * have; of events that are copied no more than some bytes ($9).  m: those of
 * them that the filter wants.  f: those with which it can be done.  Each
 * look-up is by primary key: lateral and limit see to it.
 *
 * $1 integration or 0, $2 state, $3 reply state, $4 above that id, $5 below
 * that id, $6 received since, $7 received before, $8 events, $9 bytes,
 * $10 for a reply.
 */
#define PAGE                                                               \
	"with w as materialized ("                                         \
	" select o.event_id from ewa.outcome o where o.seq = 0"            \
	" and o.event_id > $4 and o.event_id < $5"                         \
	" order by o.event_id limit $8),"                                  \
	"s as materialized (select e.* from ("                             \
	" select w.event_id, e.integration_id, e.received_at,"             \
	"  sum(e.body_length) over (order by w.event_id) - e.body_length"  \
	"   as before"                                                     \
	" from w cross join lateral ("                                     \
	"  select integration_id, received_at, body_length from ewa.event" \
	"  where id = w.event_id limit 1) e) e where e.before < $9),"      \
	"m as materialized ("                                              \
	" select s.event_id, s.integration_id, l.seq, l.handled_at"        \
	" from s cross join lateral ("                                     \
	"  select seq, state, reply_state, handled_at from ewa.outcome"    \
	"  where event_id = s.event_id order by seq desc limit 1) l"       \
	" where ($1 = 0 or s.integration_id = $1)"                         \
	" and ($2::text is null or l.state = $2)"                          \
	" and ($3::text is null or l.reply_state = $3)"                    \
	" and s.received_at >= $6 and s.received_at < $7),"                \
	"f as materialized ("                                              \
	" select m.*, i.request_timeout_ms from m cross join lateral ("    \
	"  select request_timeout_ms from ewa.integration"                 \
	"  where id = m.integration_id and enabled and deleted_at is null" \
	"  and (reply_url <> '' or not $10) limit 1) i"                    \
	" where (m.handled_at is not null or not $10) and not exists ("    \
	"  select from ewa.queue q where q.event_id = m.event_id)),"

/* d: what was done, one row an event. */
#define AUDIT                                                                 \
	"a as (insert into ewa.audit (actor, action, integration_id, detail)" \
	" select $12, $13, case when min(integration_id) ="                   \
	"   max(integration_id) then min(integration_id) end,"                \
	"  json_build_object('filter', $14::json, 'events', count(*),"        \
	"   'first', min(event_id::text), 'last', max(event_id::text))"       \
	" from d having count(*) > 0)"

#define RESULT                                                       \
	"select (select count(*) from w), (select count(*) from s)," \
	" (select event_id from s order by event_id desc limit 1),"  \
	" (select count(*) from m), (select count(*) from f)"

static const struct pg_stmt count_stmt = {"resend_count",
    PAGE "d as (select null::uuid as event_id where false)" RESULT
	 ", 0::int8, null::uuid"};

/* $11 the horizon in ms */
static const struct pg_stmt reply_stmt = {"resend_reply",
    PAGE "d as (insert into ewa.queue (event_id, integration_id, step, due_at,"
	 "  deadline, handled_at, seq, attempts_before)"
	 " select f.event_id, f.integration_id, 1, now(),"
	 "  now() + $11 * interval '1 ms', f.handled_at, f.seq + 1,"
	 "  coalesce((select max(a.number) from ewa.attempt a"
	 "   where a.event_id = f.event_id and a.kind = 'resend'), 0)"
	 " from f order by f.event_id on conflict do nothing"
	 " returning event_id, integration_id)," AUDIT RESULT
	 ", (select count(*) from d), (select event_id from d limit 1)"};

/* The database's clock makes the ids, so that they lie in days that are
 * there. */
static const struct pg_stmt event_stmt = {"resend_event", PAGE
    "n as materialized (select f.*,"
    "  (substr(ewa.uuid7_floor(clock_timestamp())::text, 1, 14) || '7'"
    "   || substr(gen_random_uuid()::text, 16))::uuid as id from f),"
    "e as (insert into ewa.event (id, integration_id, received_at, deadline,"
    "  content_type, source_ip, headers, body, body_length, kind, malformed,"
    "  test, replay_of)"
    " select n.id, n.integration_id, now(),"
    "  now() + coalesce(n.request_timeout_ms, $11) * interval '1 ms',"
    "  o.content_type, o.source_ip, o.headers, o.body, o.body_length, o.kind,"
    "  o.malformed, o.test, n.event_id"
    " from n cross join lateral ("
    "  select * from ewa.event where id = n.event_id limit 1) o"
    " returning id, integration_id, received_at, deadline),"
    "d as (insert into ewa.queue (event_id, integration_id, due_at, deadline)"
    " select id, integration_id, received_at, deadline from e"
    " returning event_id, integration_id)," AUDIT RESULT
    ", (select count(*) from d), (select event_id from d limit 1)"};

static const struct pg_stmt now_stmt = {"resend_now", "select now()"};

/* Why it can't be done with one event. */
static const struct pg_stmt why_stmt = {"resend_why",
    "select exists (select from ewa.queue q where q.event_id = e.id),"
    " o.seq is not null, o.handled_at is not null, i.deleted_at is not null,"
    " i.enabled, i.reply_url <> ''"
    " from ewa.event e join ewa.integration i on i.id = e.integration_id"
    " left join lateral (select seq, handled_at from ewa.outcome"
    "  where event_id = e.id order by seq desc limit 1) o on true"
    " where e.id = $1"};

enum page_col {
	C_LISTED,
	C_LOOKED,
	C_LAST,
	C_MATCHED,
	C_FIT,
	C_MADE,
	C_MADE_ID
};

/* ---- ids -------------------------------------------------------------------
 */

/* The least id of a time. */
static void
floor_of(int64_t us, struct uuid *out)
{
	int64_t ms = us / 1000;

	memset(out, 0, sizeof(*out));
	if (us <= 0)
		return;
	for (int n = 5; n >= 0; n--, ms >>= 8)
		out->b[n] = (uint8_t)ms;
}

/* The ids just below and just above; a UUIDv7 is neither the first nor the
 * last of all. */
static void
around(const struct uuid *id, struct uuid *below, struct uuid *above)
{
	int n;

	*below = *above = *id;
	for (n = 15; n >= 0 && below->b[n]-- == 0; n--)
		;
	for (n = 15; n >= 0 && ++above->b[n] == 0; n--)
		;
}

/* ---- a batch ---------------------------------------------------------------
 */

static void
add_time(struct buf *b, const char *name, int64_t us)
{
	char text[CLOCK_TEXT_MAX];

	if (us == EVENT_NO_TIME || us == INT64_MAX)
		return;
	clock_format(us, text);
	buf_addf(b, "%s\"%s\":\"%s\"", b->len > 1 ? "," : "", name, text);
}

static void
add_word(struct buf *b, const char *name, const char *word)
{
	if (word == NULL)
		return;
	buf_addf(b, "%s\"%s\":", b->len > 1 ? "," : "", name);
	buf_add_json_str(b, word, strlen(word));
}

/* The filter, for the audit. */
static void
add_filter(struct pg_params *p, const struct resend_filter *f)
{
	struct buf b;

	buf_init(&b, FILTER_MAX);
	buf_addc(&b, '{');
	add_word(&b, "state", f->state);
	add_word(&b, "replyState", f->reply_state);
	add_time(&b, "since", f->since_us);
	add_time(&b, "until", f->until_us);
	buf_addc(&b, '}');
	BUG_ON(buf_failed(&b));
	pg_add_bytes(p, PG_JSON, b.data, b.len);
	buf_fini(&b);
}

static void
add_page(struct pg_params *p, const struct resend *r, int batch)
{
	const struct resend_filter *f = &r->filter;

	pg_add_int4(p, f->integration_id);
	pg_add_text(p, f->state);
	pg_add_text(p, f->reply_state);
	pg_add_uuid(p, &r->at);
	pg_add_uuid(p, &r->below);
	pg_add_time(p, f->since_us); /* none is -infinity */
	pg_add_time(p, f->until_us);
	pg_add_int8(p, batch);
	pg_add_int8(p, r->what == RESEND_EVENT ? EVENT_BATCH_BYTES : INT64_MAX);
	pg_add_bool(p, r->what == RESEND_REPLY);
}

static void
add_doing(struct pg_params *p, const struct resend *r)
{
	pg_add_int8(p, r->horizon_ms);
	pg_add_text(p, r->actor);
	pg_add_text(
	    p, r->what == RESEND_REPLY ? "event.resend" : "event.handle-again");
	add_filter(p, &r->filter);
}

static void
take_page(struct resend *r, const PGresult *res, int batch)
{
	int64_t listed = pg_int8(res, 0, C_LISTED);
	int64_t looked = pg_int8(res, 0, C_LOOKED);

	r->looked += looked;
	r->matched += pg_int8(res, 0, C_MATCHED);
	r->fit += pg_int8(res, 0, C_FIT);
	r->made += pg_int8(res, 0, C_MADE);
	if (!pg_null(res, 0, C_MADE_ID))
		pg_uuid(res, 0, C_MADE_ID, &r->last_made);
	if (looked != 0)
		pg_uuid(res, 0, C_LAST, &r->at);
	/* what is listed and has no event any more is not looked at */
	r->over = looked == 0 || (looked == listed && listed < batch);
}

enum err
resend_step(struct resend *r, struct pg *pg, bool dry, int64_t deadline_ms,
    struct errinfo *ei)
{
	int batch = r->what == RESEND_REPLY ? REPLY_BATCH : EVENT_BATCH;
	const struct pg_stmt *stmt =
	    r->what == RESEND_REPLY ? &reply_stmt : &event_stmt;
	struct pg_params p;
	PGresult *res;
	int64_t made = r->made;
	enum err e;

	if (dry) {
		batch = COUNT_BATCH;
		stmt = &count_stmt;
	}
	pg_params_init(&p);
	add_page(&p, r, batch);
	if (!dry)
		add_doing(&p, r);
	e = pg_query(pg, stmt, &p, deadline_ms, &res, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	take_page(r, res, batch);
	PQclear(res);
	if (r->made != made) /* a lost bell costs a second at most */
		(void)pg_notify(pg, "ewa_event", deadline_ms, NULL);
	return ERR_OK;
}

/* ---- by a filter -----------------------------------------------------------
 */

enum err
resend_begin(struct resend *r, struct pg *pg, enum resend_what what,
    const struct resend_filter *f, int64_t horizon_ms, const char *actor,
    int64_t deadline_ms, struct errinfo *ei)
{
	PGresult *res;
	int64_t now_us;
	enum err e;

	*r = (struct resend){
	    .what = what,
	    .filter = *f,
	    .horizon_ms = horizon_ms,
	    .actor = actor,
	};
	e = pg_query(pg, &now_stmt, NULL, deadline_ms, &res, ei);
	if (e != ERR_OK)
		return e;
	now_us = pg_time(res, 0, 0);
	PQclear(res);
	if (f->until_us == EVENT_NO_TIME || f->until_us > now_us)
		r->filter.until_us = now_us;
	if (f->since_us > SKEW_US) /* none is far below */
		floor_of(f->since_us - SKEW_US, &r->at);
	floor_of(r->filter.until_us + SKEW_US, &r->below);
	return ERR_OK;
}

/* ---- one -------------------------------------------------------------------
 */

static enum err
refuse(const PGresult *res, enum resend_what what, const struct uuid *id,
    struct errinfo *ei)
{
	bool reply = what == RESEND_REPLY;
	char text[UUID_TEXT_LEN + 1];
	const char *why;

	uuid_format(id, text);
	if (PQntuples(res) == 0)
		return err_set(ei, ERR_NOT_FOUND, "there is no event %s", text);
	if (pg_bool(res, 0, 0))
		why = pg_bool(res, 0, 1) ? "its reply is being sent again"
					 : "it is not finished yet";
	else if (!pg_bool(res, 0, 1))
		why = "it is not finished yet";
	else if (pg_bool(res, 0, 3))
		why = "its integration was deleted";
	else if (!pg_bool(res, 0, 4))
		why = "its integration is disabled; enable it first";
	else if (reply && !pg_bool(res, 0, 5))
		why = "its integration has no reply URL";
	else if (reply && !pg_bool(res, 0, 2))
		why = "it was never handled, so there is no reply; let it be "
		      "handled again";
	else
		why = "it was changed just now; try again";
	return err_set(ei, ERR_CONFLICT, "the event %s %s: %s", text,
	    reply ? "has no reply that could be sent again"
		  : "can't be handled again",
	    why);
}

static enum err
say_why(struct pg *pg, enum resend_what what, const struct uuid *id,
    int64_t deadline_ms, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *res;
	enum err e;

	pg_params_init(&p);
	pg_add_uuid(&p, id);
	e = pg_query(pg, &why_stmt, &p, deadline_ms, &res, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	e = refuse(res, what, id, ei);
	PQclear(res);
	return e;
}

enum err
resend_one(struct pg *pg, enum resend_what what, const struct uuid *id,
    int64_t horizon_ms, const char *actor, int64_t deadline_ms,
    struct uuid *made, struct errinfo *ei)
{
	struct resend r = {
	    .what = what,
	    .filter = {.since_us = EVENT_NO_TIME, .until_us = INT64_MAX},
	    .horizon_ms = horizon_ms,
	    .actor = actor,
	};
	enum err e;

	around(id, &r.at, &r.below);
	e = resend_step(&r, pg, false, deadline_ms, ei);
	if (e == ERR_OK && r.made == 0)
		e = say_why(pg, what, id, deadline_ms, ei);
	if (e == ERR_OK)
		*made = r.last_made;
	return e;
}
