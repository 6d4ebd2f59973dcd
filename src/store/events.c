#include "config.h"

#include "store/events.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/event_parts.h"
#include "store/event_rows.h"
#include "store/pgval.h"

/* How far an id's time may lie from its event's time of receipt. */
#define SKEW_US ((int64_t)61 * 1000000)

enum column {
	C_ID,
	C_INTEGRATION,
	C_KEY,
	C_NAME,
	C_RECEIVED,
	C_DEADLINE,
	C_KIND,
	C_MALFORMED,
	C_CONTENT_TYPE,
	C_SOURCE,
	C_REQUEST_ID,
	C_HEADERS,
	C_LENGTH,
	C_TEST,
	C_STATE,
	C_REPLY_STATE,
	C_REASON,
	C_SUBJECT,
	C_HANDLED,
	C_FINISHED,
	C_NEXT,
	C_ATTEMPTS,
	C_REPLAY_OF,
	C_SEQ,
	C_RESEND_DEADLINE,
	C_DIFFERS_FROM
};

/* clang-format off */
static const struct pg_stmt read_event = {"event_get",
    EVENT_COLUMNS("e.headers::text")
    " from ewa.event e"
    EVENT_LOOKUPS("$1")
    " where e.id = $1 and ($2 = 0 or e.integration_id = $2)"};

/* $1 integration or 0, $2 state, $3 reply state, $4 first id, $5 received
 * since, $6 limit, $7 how many events are looked at. */
static const struct pg_stmt read_list = {"events_list",
    "select * from ("
    EVENT_COLUMNS("null::text")
    " from ("
    "  select id, integration_id, received_at, deadline, kind, malformed,"
    "   content_type, source_ip, request_id, body_length, test, replay_of,"
    "   differs_from"
    "  from ewa.event where id >= $4 order by id desc limit $7) e"
    EVENT_LOOKUPS("e.id")
    " where ($1 = 0 or e.integration_id = $1) and e.received_at >= $5) l"
    " where ($2::text is null or state = $2)"
    " and ($3::text is null or reply_state = $3)"
    " order by id desc limit $6"};
/* clang-format on */

static const struct pg_stmt read_body = {
    "event_body", "select body from ewa.event where id = $1"};

static const struct pg_stmt is_more = {"events_more",
    "select 1 from ewa.event where id >= $1 order by id desc"
    " offset $2 limit 1"};

void
event_fini(struct event *e)
{
	event_parts_fini(e);
	free(e->integration_key);
	free(e->integration_name);
	free(e->malformed);
	free(e->content_type);
	free(e->source_ip);
	free(e->request_id);
	free(e->headers);
	free(e->reason);
	free(e->subject);
	memset(e, 0, sizeof(*e));
}

void
event_list_fini(struct event_list *l)
{
	for (size_t n = 0; n < l->count; n++)
		event_fini(&l->items[n]);
	free(l->items);
	l->items = NULL;
	l->count = 0;
}

/* ---- rows ------------------------------------------------------------------
 */

static int64_t
time_or_none(const PGresult *r, int row, int col)
{
	return pg_null(r, row, col) ? EVENT_NO_TIME : pg_time(r, row, col);
}

static void
take_words(struct event *e, const PGresult *r, int row)
{
	char *kind = pg_text(r, row, C_KIND);
	char *state = pg_text(r, row, C_STATE);
	char *reply = pg_text(r, row, C_REPLY_STATE);

	/* constraints of the tables hold these */
	BUG_ON(!event_kind_parse(kind, &e->kind));
	BUG_ON(!event_state_parse(state, &e->state));
	BUG_ON(!reply_state_parse(reply, &e->reply_state));
	free(reply);
	free(state);
	free(kind);
}

void
event_take_row(struct event *e, const PGresult *r, int row)
{
	memset(e, 0, sizeof(*e));
	pg_uuid(r, row, C_ID, &e->id);
	e->integration_id = pg_int4(r, row, C_INTEGRATION);
	e->integration_key = pg_text(r, row, C_KEY);
	e->integration_name = pg_text(r, row, C_NAME);
	e->received_us = pg_time(r, row, C_RECEIVED);
	e->deadline_us = time_or_none(r, row, C_DEADLINE);
	e->malformed = pg_text(r, row, C_MALFORMED);
	e->content_type = pg_text(r, row, C_CONTENT_TYPE);
	e->source_ip = pg_text(r, row, C_SOURCE);
	e->request_id = pg_text(r, row, C_REQUEST_ID);
	e->headers = pg_text(r, row, C_HEADERS);
	e->body_length = pg_int4(r, row, C_LENGTH);
	e->test = pg_bool(r, row, C_TEST);
	take_words(e, r, row);
	e->reason = pg_text(r, row, C_REASON);
	e->subject = pg_text(r, row, C_SUBJECT);
	e->handled_us = time_or_none(r, row, C_HANDLED);
	e->finished_us = time_or_none(r, row, C_FINISHED);
	e->next_attempt_us = time_or_none(r, row, C_NEXT);
	e->attempts_total = pg_int4(r, row, C_ATTEMPTS);
	e->is_replay = !pg_null(r, row, C_REPLAY_OF);
	if (e->is_replay)
		pg_uuid(r, row, C_REPLAY_OF, &e->replay_of);
	e->differs = !pg_null(r, row, C_DIFFERS_FROM);
	if (e->differs)
		pg_uuid(r, row, C_DIFFERS_FROM, &e->differs_from);
	e->outcome_seq = pg_int4(r, row, C_SEQ);
	e->resending = !pg_null(r, row, C_RESEND_DEADLINE);
	e->resend_deadline_us = time_or_none(r, row, C_RESEND_DEADLINE);
}

/* ---- one event -------------------------------------------------------------
 */

static enum err
not_found(const struct uuid *id, struct errinfo *ei)
{
	char text[UUID_TEXT_LEN + 1];

	uuid_format(id, text);
	return err_set(ei, ERR_NOT_FOUND, "there is no event %s", text);
}

static enum err
get_head(struct pg *pg, const struct uuid *id, int32_t integration_id,
    int64_t deadline_ms, struct event *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	pg_add_uuid(&p, id);
	pg_add_int4(&p, integration_id);
	e = pg_query(pg, &read_event, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 1)
		event_take_row(out, r, 0);
	else
		e = not_found(id, ei);
	PQclear(r);
	return e;
}

enum err
events_get(struct pg *pg, const struct uuid *id, int32_t integration_id,
    int64_t deadline_ms, struct event *out, struct errinfo *ei)
{
	enum err e;

	/* the state first: what is read later holds all that led to it */
	memset(out, 0, sizeof(*out));
	e = get_head(pg, id, integration_id, deadline_ms, out, ei);
	if (e == ERR_OK)
		e = event_parts_read(pg, deadline_ms, out, ei);
	if (e != ERR_OK)
		event_fini(out);
	return e;
}

enum err
events_body(struct pg *pg, const struct uuid *id, int64_t deadline_ms,
    char **body, size_t *len, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	*body = NULL;
	*len = 0;
	pg_params_init(&p);
	pg_add_uuid(&p, id);
	e = pg_query(pg, &read_body, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 1)
		*body = event_take_bytes(r, 0, 0, len);
	else
		e = not_found(id, ei);
	PQclear(r);
	return e;
}

/* ---- many ------------------------------------------------------------------
 */

/* The least id that an event received since then can have. */
static void
first_id(int64_t since_us, struct uuid *out)
{
	int64_t ms;

	memset(out, 0, sizeof(*out));
	if (since_us <= SKEW_US) /* EVENT_NO_TIME is far below */
		return;
	ms = (since_us - SKEW_US) / 1000;
	for (int n = 5; n >= 0; n--, ms >>= 8)
		out->b[n] = (uint8_t)ms;
}

/* Were there more events than were looked at? */
static enum err
look_for_more(struct pg *pg, const struct uuid *first, int64_t deadline_ms,
    bool *more, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	pg_add_uuid(&p, first);
	pg_add_int8(&p, EVENTS_SCAN_MAX);
	e = pg_query(pg, &is_more, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	*more = PQntuples(r) > 0;
	PQclear(r);
	return ERR_OK;
}

enum err
events_list(struct pg *pg, const struct event_filter *f, int64_t deadline_ms,
    struct event_list *out, struct errinfo *ei)
{
	struct pg_params p;
	struct uuid first;
	PGresult *r;
	enum err e;

	BUG_ON(f->limit < 1 || f->limit > EVENTS_PAGE_MAX);
	memset(out, 0, sizeof(*out));
	first_id(f->since_us, &first);
	pg_params_init(&p);
	pg_add_int4(&p, f->integration_id);
	pg_add_text(&p, f->state);
	pg_add_text(&p, f->reply_state);
	pg_add_uuid(&p, &first);
	pg_add_time(&p, f->since_us);
	pg_add_int8(&p, f->limit);
	pg_add_int8(&p, EVENTS_SCAN_MAX);
	e = pg_query(pg, &read_list, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	out->count = (size_t)PQntuples(r);
	out->items = mem_array(out->count, sizeof(*out->items));
	for (size_t n = 0; n < out->count; n++)
		event_take_row(&out->items[n], r, (int)n);
	PQclear(r);
	if (out->count < (size_t)f->limit)
		e = look_for_more(pg, &first, deadline_ms, &out->cut, ei);
	if (e != ERR_OK)
		event_list_fini(out);
	return e;
}
