/* Replies sent again, events handled again: one, or many by a filter. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "responder/api_ops.h"
#include "responder/event_form.h"
#include "responder/event_json.h"
#include "responder/form.h"
#include "store/resend.h"

static enum err
answer_made(struct call *c, const struct uuid *made)
{
	char id[UUID_TEXT_LEN + 1];
	struct buf *b;

	uuid_format(made, id);
	call_start(c, HTTP_ACCEPTED);
	call_location(c, "/api/events/%s", id);
	b = http_json(c->answer);
	jsonw_object(b, NULL);
	jsonw_str(b, "eventId", id);
	jsonw_end_object(b);
	return ERR_OK;
}

static enum err
one(struct call *c, enum resend_what what)
{
	struct uuid made;
	struct event e;
	enum role has;
	enum err rc = api_event_of(c, ROLE_OPERATOR, &e, &has);

	if (rc != ERR_OK)
		return rc;
	rc = resend_one(c->pg, what, &e.id, c->app->settings.reply_horizon_ms,
	    c->who.name, c->deadline_ms, &made, c->ei);
	event_fini(&e);
	if (rc != ERR_OK)
		return rc;
	watch_ring(c->app->watch);
	return answer_made(c, &made);
}

enum err
api_event_resend(struct call *c)
{
	return one(c, RESEND_REPLY);
}

enum err
api_event_handle_again(struct call *c)
{
	return one(c, RESEND_EVENT);
}

/* ---- many ------------------------------------------------------------------
 */

#define BULK_LIMIT 200
#define BULK_LIMIT_MAX 500
#define BULK_MS 60000

struct bulk {
	struct event_query q;
	int64_t up_to_us;
	bool dry;
	int64_t count, done, skipped;
	bool capped, more;
	struct uuid reached;
};

static enum err
read_bulk(struct call *c, struct bulk *k)
{
	struct json_object *o = NULL;
	const char *cursor;
	struct form f, filter;
	int64_t limit;
	enum err e = ERR_UNPROCESSABLE;

	form_body(&f, c, "filter dryRun upTo cursor limit");
	if (form_need(&f, "filter"))
		json_object_object_get_ex(c->body, "filter", &o);
	if (o != NULL &&
	    form_object(&filter, &f, "filter", SIZE_MAX, o, EVENT_FILTERS))
		e = event_query_form(&filter, &k->q);
	k->q.role = ROLE_OPERATOR;
	k->q.limit = BULK_LIMIT;
	form_bool(&f, "dryRun", &k->dry);
	k->up_to_us = clock_wall_us();
	form_time(&f, "upTo", &k->up_to_us);
	if (k->q.to_us == EVENT_NO_TIME || k->q.to_us > k->up_to_us)
		k->q.to_us = k->up_to_us;
	if (form_int(&f, "limit", 1, BULK_LIMIT_MAX, &limit))
		k->q.limit = (int)limit;
	cursor = form_text(&f, "cursor", 1, 500);
	if (cursor != NULL && !event_cursor_parse(cursor, &k->q))
		form_fault(&f, "cursor", "this is no cursor of this answer");
	return e;
}

static enum err
do_page(struct call *c, enum resend_what what, struct bulk *k)
{
	struct event_page p;
	struct uuid made;
	enum err e;

	e = event_page_read(c->pg, &k->q, c->deadline_ms, &p, c->ei);
	if (e != ERR_OK)
		return e;
	for (size_t n = 0; n < p.count; n++) {
		e = resend_one(c->pg, what, &p.items[n].id,
		    c->app->settings.reply_horizon_ms, c->who.name,
		    c->deadline_ms, &made, c->ei);
		if (e == ERR_OK)
			k->done++;
		else if (e == ERR_CONFLICT || e == ERR_NOT_FOUND)
			k->skipped++;
		else
			break;
		e = ERR_OK;
	}
	k->more = p.more;
	k->reached = p.reached;
	event_page_fini(&p);
	return e;
}

static void
write_bulk(struct call *c, const struct bulk *k)
{
	struct buf *b = call_json(c, HTTP_OK);

	jsonw_object(b, NULL);
	jsonw_int(b, "count", k->count);
	jsonw_bool(b, "capped", k->capped);
	jsonw_int(b, "done", k->done);
	jsonw_int(b, "skipped", k->skipped);
	if (k->more)
		event_cursor_json(b, "next", 'o', &k->reached);
	else
		jsonw_null(b, "next");
	jsonw_time(b, "upTo", k->up_to_us);
	jsonw_end_object(b);
}

static enum err
many(struct call *c, enum resend_what what)
{
	struct bulk k = {.dry = false};
	enum err e = read_bulk(c, &k);

	if (e != ERR_OK || c->fault_count != 0)
		return e;
	c->deadline_ms = clock_mono_ms() + BULK_MS;
	if (k.dry)
		e = event_page_count(
		    c->pg, &k.q, c->deadline_ms, &k.count, &k.capped, c->ei);
	else
		e = do_page(c, what, &k);
	if (e != ERR_OK)
		return e;
	if (k.done != 0)
		watch_ring(c->app->watch);
	write_bulk(c, &k);
	return ERR_OK;
}

enum err
api_events_resend(struct call *c)
{
	return many(c, RESEND_REPLY);
}

enum err
api_events_handle_again(struct call *c)
{
	return many(c, RESEND_EVENT);
}
