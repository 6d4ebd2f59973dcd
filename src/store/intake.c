#include "config.h"

#include "store/intake.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/pgval.h"

struct intake {
	struct pg_params params;
	bool keyed; /* what was sent last */
};

/* Values of one row: 83 us where unnest takes 130. */
static const struct pg_stmt accept_one = {"accept_one",
    "with e as ("
    " insert into ewa.event (id, integration_id, received_at, deadline,"
    "  content_type, source_ip, request_id, headers, body, body_length,"
    "  kind, malformed)"
    " values ($1, $2, now(), now() + $3 * interval '1 ms',"
    "  $4, $5, $6, $7::text::json, $8, length($8), $9, $10)"
    " on conflict (id) do nothing"
    " returning id, integration_id, deadline),"
    "q as ("
    " insert into ewa.queue (event_id, integration_id, due_at, deadline)"
    " select id, integration_id, now(), deadline from e)"
    "select now()"};

/* No "on conflict", which costs a tenth of the whole: a batch that is sent
 * again after all is refused for its first id, and then sent row by row. */
static const struct pg_stmt accept_many = {"accept_many",
    "with e as ("
    " insert into ewa.event (id, integration_id, received_at, deadline,"
    "  content_type, source_ip, request_id, headers, body, body_length,"
    "  kind, malformed)"
    " select id, integration_id, now(), now() + wait_ms * interval '1 ms',"
    "  content_type, source_ip, request_id, headers::json, body, length(body),"
    "  kind, malformed"
    " from unnest($1::uuid[], $2::int4[], $3::int8[], $4::text[],"
    "  $5::text[], $6::text[], $7::text[], $8::bytea[], $9::text[],"
    "  $10::text[]) as t(id, integration_id, wait_ms, content_type, source_ip,"
    "  request_id, headers, body, kind, malformed)"
    " returning id, integration_id, deadline),"
    "q as ("
    " insert into ewa.queue (event_id, integration_id, due_at, deadline)"
    " select id, integration_id, now(), deadline from e)"
    "select now()"};

/* The same for a batch that holds keys; the others don't pay for it.  A known
 * key's row is written anew as it was: so it is returned, and locked, also if
 * it became visible only while this statement ran.  Repeats are counted by
 * the hour; rows are locked in order here too. */
static const struct pg_stmt accept_keyed = {"accept_keyed",
    "with i as materialized ("
    " select * from unnest($1::uuid[], $2::int4[], $3::int8[], $4::text[],"
    "  $5::text[], $6::text[], $7::text[], $8::bytea[], $9::text[],"
    "  $10::text[], $11::bytea[], $12::bytea[], $13::int8[], $14::uuid[])"
    " with ordinality as t(id, integration_id, wait_ms, content_type,"
    "  source_ip, request_id, headers, body, kind, malformed, key, body_hash,"
    "  window_ms, differs_from, n)),"
    "d as ("
    " insert into ewa.dedup as s (integration_id, key, event_id, body_hash,"
    "  received_at, expires_at)"
    " select distinct on (integration_id, key) integration_id, key, id,"
    "  body_hash, now(), now() + window_ms * interval '1 ms'"
    " from i where key is not null order by integration_id, key, n"
    " on conflict (integration_id, key) do update set"
    "  (event_id, body_hash, received_at, expires_at) = (select"
    "   case when over then excluded.event_id else s.event_id end,"
    "   case when over then excluded.body_hash else s.body_hash end,"
    "   case when over then excluded.received_at else s.received_at end,"
    "   case when over then excluded.expires_at else s.expires_at end"
    "   from (select s.expires_at <= now() as over) as x)"
    " returning integration_id, key, event_id, body_hash, received_at),"
    "e as ("
    " insert into ewa.event (id, integration_id, received_at, deadline,"
    "  content_type, source_ip, request_id, headers, body, body_length,"
    "  kind, malformed, differs_from)"
    " select id, integration_id, now(), now() + wait_ms * interval '1 ms',"
    "  content_type, source_ip, request_id, headers::json, body, length(body),"
    "  kind, malformed, differs_from from i"
    " where key is null or id in (select event_id from d)"
    " on conflict (id) do nothing"
    " returning id, integration_id, deadline),"
    "q as ("
    " insert into ewa.queue (event_id, integration_id, due_at, deadline)"
    " select id, integration_id, now(), deadline from e),"
    "p as ("
    " insert into ewa.repeat as s (integration_id, hour, repeats, last_at)"
    " select integration_id, date_trunc('hour', now(), 'UTC'), count(*), now()"
    " from i join d using (integration_id, key)"
    " where d.event_id <> i.id and d.body_hash = i.body_hash"
    " group by integration_id order by integration_id"
    " on conflict (integration_id, hour) do update set"
    "  repeats = s.repeats + excluded.repeats, last_at = excluded.last_at)"
    "select now(), r.n, r.event_id, r.same_body, r.received_at"
    " from (select 1) as one left join ("
    "  select i.n - 1 as n, d.event_id, d.body_hash = i.body_hash as same_body,"
    "   d.received_at"
    "  from i join d on d.integration_id = i.integration_id"
    "   and d.key = i.key and d.event_id <> i.id) as r on true"
    " order by r.n"};

static const struct pg_stmt clock_now = {
    "clock_now", "select clock_timestamp()"};

static const struct pg_stmt make_partitions = {
    "make_partitions", "select ewa.make_partitions()"};

struct intake *
intake_new(void)
{
	struct intake *in = mem_alloc(sizeof(*in));

	pg_params_init(&in->params);
	return in;
}

void
intake_free(struct intake *in)
{
	if (in == NULL)
		return;
	pg_params_fini(&in->params);
	free(in);
}

static enum err
check_clock(struct pg *pg, int64_t deadline_ms, struct errinfo *ei)
{
	PGresult *res;
	int64_t skew_s;
	enum err e;

	e = pg_query(pg, &clock_now, NULL, deadline_ms, &res, ei);
	if (e != ERR_OK)
		return e;
	skew_s = (pg_time(res, 0, 0) - clock_wall_us()) / 1000000;
	PQclear(res);
	if (llabs(skew_s) <= INTAKE_SKEW_MAX_S)
		return ERR_OK;
	pg_close(pg);
	return err_set(ei, ERR_UNAVAILABLE,
	    "the database's clock differs from this host's by %lld s; "
	    "at most %d s are allowed",
	    (long long)skew_s, INTAKE_SKEW_MAX_S);
}

enum err
intake_open(struct pg *pg, int64_t deadline_ms, struct errinfo *ei)
{
	enum err e;

	if (pg_is_open(pg))
		return ERR_OK;
	e = pg_open(pg, deadline_ms, ei);
	if (e == ERR_OK)
		e = check_clock(pg, deadline_ms, ei);
	return e;
}

static void
bind_one(struct pg_params *p, const struct intake_row *r)
{
	pg_add_uuid(p, &r->id);
	pg_add_int4(p, r->integration_id);
	pg_add_int8(p, r->wait_ms);
	pg_add_text(p, r->content_type);
	pg_add_text(p, r->source_ip);
	pg_add_text(p, r->request_id);
	pg_add_bytes(p, PG_TEXT, r->headers, r->headers_len);
	pg_add_bytes(p, PG_BYTEA, r->body, r->body_len);
	pg_add_text(p, event_kind_name(r->kind));
	pg_add_text(p, r->malformed);
}

/* One array a column: begin, an element of each row, end. */
#define COLUMN(type, element)                                 \
	do {                                                  \
		pg_array_begin(p, (type), n);                 \
		for (size_t i = 0; i < n; i++) {              \
			const struct intake_row *r = rows[i]; \
			element;                              \
		}                                             \
		pg_array_end(p);                              \
	} while (0)

static void
bind_many(struct pg_params *p, const struct intake_row *const *rows, size_t n)
{
	COLUMN(PG_UUID, pg_elem_uuid(p, &r->id));
	COLUMN(PG_INT4, pg_elem_int4(p, r->integration_id));
	COLUMN(PG_INT8, pg_elem_int8(p, r->wait_ms));
	COLUMN(PG_TEXT, pg_elem_text(p, r->content_type));
	COLUMN(PG_TEXT, pg_elem_text(p, r->source_ip));
	COLUMN(PG_TEXT, pg_elem_text(p, r->request_id));
	COLUMN(PG_TEXT, pg_elem_bytes(p, r->headers, r->headers_len));
	COLUMN(PG_BYTEA, pg_elem_bytes(p, r->body, r->body_len));
	COLUMN(PG_TEXT, pg_elem_text(p, event_kind_name(r->kind)));
	COLUMN(PG_TEXT, pg_elem_text(p, r->malformed));
}

static void
elem_key(struct pg_params *p, const struct intake_row *r, const uint8_t *hash)
{
	if (r->key.present)
		pg_elem_bytes(p, hash, INTAKE_KEY_LEN);
	else
		pg_elem_null(p);
}

static void
elem_differs(struct pg_params *p, const struct intake_row *r)
{
	if (r->differs)
		pg_elem_uuid(p, &r->differs_from);
	else
		pg_elem_null(p);
}

static void
bind_keys(struct pg_params *p, const struct intake_row *const *rows, size_t n)
{
	COLUMN(PG_BYTEA, elem_key(p, r, r->key.hash));
	COLUMN(PG_BYTEA, elem_key(p, r, r->key.body_hash));
	COLUMN(PG_INT8, pg_elem_int8(p, r->key.window_ms));
	COLUMN(PG_UUID, elem_differs(p, r));
}

static bool
any_key(const struct intake_row *const *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i]->key.present)
			return true;
	return false;
}

enum err
intake_begin(struct intake *in, struct pg *pg,
    const struct intake_row *const *rows, size_t n, int64_t deadline_ms,
    struct errinfo *ei)
{
	const struct pg_stmt *stmt = n == 1 ? &accept_one : &accept_many;

	BUG_ON(n == 0 || n > INTAKE_BATCH_MAX);
	pg_params_reset(&in->params);
	in->keyed = any_key(rows, n);
	if (n == 1 && !in->keyed)
		bind_one(&in->params, rows[0]);
	else
		bind_many(&in->params, rows, n);
	if (in->keyed) {
		bind_keys(&in->params, rows, n);
		stmt = &accept_keyed;
	}
	return pg_start(pg, stmt, &in->params, deadline_ms, ei);
}

static void
take_repeats(const PGresult *res, struct intake_receipt *out)
{
	for (int row = 0; row < PQntuples(res); row++) {
		struct intake_repeat *r = &out->repeats[out->repeat_count];

		if (pg_null(res, row, 1))
			continue; /* there is none */
		r->row = (size_t)pg_int8(res, row, 1);
		pg_uuid(res, row, 2, &r->event_id);
		r->same_body = pg_bool(res, row, 3);
		r->received_us = pg_time(res, row, 4);
		out->repeat_count++;
	}
}

enum err
intake_end(struct intake *in, struct pg *pg, int64_t deadline_ms,
    struct intake_receipt *out, struct errinfo *ei)
{
	PGresult *res;
	enum err e;

	e = pg_finish(pg, deadline_ms, &res, ei);
	if (e != ERR_OK)
		return e;
	out->received_us = pg_time(res, 0, 0);
	out->repeat_count = 0;
	if (in->keyed)
		take_repeats(res, out);
	PQclear(res);
	return ERR_OK;
}

bool
intake_no_partition(const struct pg *pg)
{
	return strcmp(pg_sqlstate(pg), "23514") == 0;
}

enum err
intake_make_partitions(struct pg *pg, int64_t deadline_ms, struct errinfo *ei)
{
	return pg_query(pg, &make_partitions, NULL, deadline_ms, NULL, ei);
}
