#include "config.h"

#include "store/waits.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/pgval.h"

/*
 * $1 ids, $2 rows, $3 greatest body.  An event is handled when it has an
 * outcome, or when its queue row has moved on to the reply.  Each is looked
 * up by primary key (lateral and limit see to it).
 */
static const struct pg_stmt finished = {"waits_finished",
    "select f.id, f.state, f.handled_at, e.received_at, e.kind,"
    " e.content_type, case when e.body_length <= $3 then e.body end,"
    " e.test, exists (select from ewa.result where event_id = f.id)"
    " from (select w.id, coalesce(o.state, 'handled') as state,"
    "   coalesce(o.handled_at, o.finished_at, q.handled_at) as handled_at"
    "  from unnest($1::uuid[]) as w(id)"
    "  left join lateral (select state, handled_at, finished_at"
    "   from ewa.outcome where event_id = w.id"
    "   order by seq desc limit 1) o on true"
    "  left join lateral (select handled_at from ewa.queue"
    "   where event_id = w.id and step = 1 limit 1) q on true"
    "  where o.state is not null or q.handled_at is not null"
    "  order by w.id limit $2) f"
    " cross join lateral (select received_at, kind, content_type,"
    "  body_length, body, test from ewa.event where id = f.id limit 1) e"
    " order by f.id"};

static void
row_fini(struct waits_row *r)
{
	free(r->content_type);
	free(r->body);
}

void
waits_fini(struct waits *w)
{
	for (size_t i = 0; i < w->count; i++)
		row_fini(&w->rows[i]);
	free(w->rows);
	*w = (struct waits){NULL, 0};
}

static void
take_row(struct waits_row *out, const PGresult *r, int row)
{
	char *state = pg_text(r, row, 1), *kind = pg_text(r, row, 4);
	const char *body;

	pg_uuid(r, row, 0, &out->id);
	out->failed = strcmp(state, event_state_name(EVENT_FAILED)) == 0;
	out->handled_us = pg_time(r, row, 2);
	out->received_us = pg_time(r, row, 3);
	BUG_ON(!event_kind_parse(kind, &out->kind));
	out->content_type = pg_text(r, row, 5);
	if (!pg_null(r, row, 6)) {
		body = pg_bytes(r, row, 6, &out->body_len);
		out->body = mem_alloc(out->body_len + 1);
		memcpy(out->body, body, out->body_len);
		out->body[out->body_len] = '\0';
	}
	out->test = pg_bool(r, row, 7);
	out->has_results = pg_bool(r, row, 8);
	free(state);
	free(kind);
}

static enum err
ask(struct pg *pg, const struct uuid *ids, size_t n, int32_t body_max,
    int64_t deadline_ms, struct waits *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	*out = (struct waits){NULL, 0};
	pg_params_init(&p);
	pg_array_begin(&p, PG_UUID, n);
	for (size_t i = 0; i < n; i++)
		pg_elem_uuid(&p, &ids[i]);
	pg_array_end(&p);
	pg_add_int8(&p, WAITS_ROWS_MAX);
	pg_add_int4(&p, body_max);
	e = pg_query(pg, &finished, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	out->count = (size_t)PQntuples(r);
	out->rows = mem_array(out->count, sizeof(*out->rows));
	for (size_t i = 0; i < out->count; i++)
		take_row(&out->rows[i], r, (int)i);
	PQclear(r);
	return ERR_OK;
}

enum err
waits_finished(struct pg *pg, const struct uuid *ids, size_t n,
    int64_t deadline_ms, struct waits *out, struct errinfo *ei)
{
	return ask(pg, ids, n, WAITS_BODY_MAX, deadline_ms, out, ei);
}

enum err
waits_one(struct pg *pg, const struct uuid *id, int64_t deadline_ms,
    struct waits *out, struct errinfo *ei)
{
	enum err e = ask(pg, id, 1, INT32_MAX, deadline_ms, out, ei);

	if (e == ERR_OK && out->count == 0) {
		waits_fini(out);
		e = err_set(ei, ERR_NOT_FOUND, "the event is not finished");
	}
	return e;
}

enum err
waits_open(struct pg *pg, int64_t deadline_ms, bool *fresh, struct errinfo *ei)
{
	uint64_t before = pg_generation(pg);
	enum err e = pg_open(pg, deadline_ms, ei);

	*fresh = pg_generation(pg) != before;
	if (e != ERR_OK || !*fresh)
		return e;
	/* a ring need not wait for the disk */
	e = pg_script(pg, "set synchronous_commit = off", deadline_ms, ei);
	if (e == ERR_OK)
		e = pg_listen(pg, "ewa_done", deadline_ms, ei);
	if (e != ERR_OK)
		pg_close(pg);
	return e;
}

enum err
waits_say(struct pg *pg, int64_t deadline_ms, struct errinfo *ei)
{
	return pg_notify(pg, "ewa_wait", deadline_ms, ei);
}
