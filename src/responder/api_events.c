/* Lists of events. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "responder/api_ops.h"
#include "responder/event_form.h"
#include "responder/event_json.h"

/* Events become visible a little out of order: what is newer than the newest
 * shown is looked for from so long before. */
#define OVERLAP_US 2000000

static void
newest_cursor(struct buf *b, const struct event_page *p)
{
	int64_t ms = (clock_wall_us() - OVERLAP_US) / 1000;
	struct uuid id = {{0}};

	for (int n = 5; n >= 0; n--, ms >>= 8)
		id.b[n] = (uint8_t)ms;
	if (p->count != 0 && memcmp(p->items[0].id.b, id.b, sizeof(id.b)) < 0)
		id = p->items[0].id;
	event_cursor_json(b, "previous", 'n', &id);
}

static void
write_page(
    struct buf *b, const struct event_query *q, const struct event_page *p)
{
	const struct uuid *older = NULL, *newer = NULL;

	if (q->newer) {
		older = p->count != 0 ? &p->items[p->count - 1].id : &q->anchor;
		newer = p->more ? &p->reached : NULL;
	} else {
		older = p->more ? &p->reached : NULL;
		newer = !q->anchored    ? NULL
			: p->count != 0 ? &p->items[0].id
					: &q->anchor;
	}
	jsonw_object(b, NULL);
	jsonw_array(b, "items");
	for (size_t n = 0; n < p->count; n++) {
		event_summary_json(b, &p->items[n]);
		jsonw_end_object(b);
	}
	jsonw_end_array(b);
	if (older != NULL)
		event_cursor_json(b, "next", 'o', older);
	else
		jsonw_null(b, "next");
	if (newer != NULL)
		event_cursor_json(b, "previous", 'n', newer);
	else
		newest_cursor(b, p);
	jsonw_int(b, "searched", p->searched);
	jsonw_end_object(b);
}

/* One Event ID: its page holds it or nothing. */
static void
only_id(struct call *c, struct event_query *q)
{
	const char *s = call_param(c, "id");

	if (s == NULL)
		return;
	if (!uuid_parse(s, &q->anchor)) {
		call_fault(c, "id", "this is no Event ID");
		return;
	}
	q->by_id = true;
}

enum err
api_events_get(struct call *c)
{
	struct event_query q;
	struct event_page p;
	int64_t limit;
	enum err e;

	e = event_query_read(c, &q);
	if (e != ERR_OK)
		return e;
	if (call_param_int(c, "limit", 1, PAGE_LIMIT_MAX, &limit))
		q.limit = (int)limit;
	event_cursor_read(c, &q);
	only_id(c, &q);
	q.text = call_param_text(c, "text", 800);
	if (q.text != NULL && strlen(q.text) < 2)
		call_fault(c, "text", "write at least 2 characters");
	if (c->fault_count != 0)
		return ERR_UNPROCESSABLE;
	if (q.text != NULL) {
		q.role = ROLE_OPERATOR; /* viewers see no bodies */
		if (grants_role_any(&c->who.grants) < ROLE_OPERATOR)
			return err_set(c->ei, ERR_FORBIDDEN,
			    "searching bodies needs the role operator");
	}
	e = event_page_read(c->pg, &q, c->deadline_ms, &p, c->ei);
	if (e != ERR_OK)
		return e;
	write_page(call_json(c, HTTP_OK), &q, &p);
	event_page_fini(&p);
	return ERR_OK;
}

enum err
api_events_count(struct call *c)
{
	struct event_query q;
	int64_t count;
	struct buf *b;
	bool more;
	enum err e;

	e = event_query_read(c, &q);
	if (e != ERR_OK || c->fault_count != 0)
		return e;
	e = event_page_count(c->pg, &q, c->deadline_ms, &count, &more, c->ei);
	if (e != ERR_OK)
		return e;
	b = call_json(c, HTTP_OK);
	jsonw_object(b, NULL);
	jsonw_int(b, "count", count);
	jsonw_bool(b, "capped", more);
	jsonw_end_object(b);
	return ERR_OK;
}
