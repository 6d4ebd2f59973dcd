/* One event: its journey, its body, what its reply carries. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/handled.h"
#include "responder/api_ops.h"
#include "responder/event_json.h"
#include "store/integration_page.h"

enum err
api_event_of(struct call *c, enum role role, struct event *out, enum role *has)
{
	struct integration_page of = {.count = 0};
	struct uuid id;
	enum err e;

	memset(out, 0, sizeof(*out));
	e = call_arg_uuid(c, 0, &id);
	if (e == ERR_OK)
		e = events_get(c->pg, &id, 0, c->deadline_ms, out, c->ei);
	if (e == ERR_OK) /* also of an integration that is deleted */
		e = integration_row_read(
		    c->pg, out->integration_id, c->deadline_ms, &of, c->ei);
	if (e == ERR_OK)
		e = call_may(c, of.items[0].team, role, "event");
	if (e == ERR_OK)
		*has = grants_role(&c->who.grants, of.items[0].team);
	integration_page_fini(&of);
	if (e != ERR_OK)
		event_fini(out);
	return e;
}

enum err
api_event_get(struct call *c)
{
	struct event e;
	enum role has;
	enum err rc = api_event_of(c, ROLE_VIEWER, &e, &has);

	if (rc == ERR_OK) {
		event_json(call_json(c, HTTP_OK), &e, has);
		event_fini(&e);
	}
	return rc;
}

enum err
api_event_body(struct call *c)
{
	char field[128], id[UUID_TEXT_LEN + 1], *body = NULL;
	struct event e;
	enum role has;
	size_t n;
	enum err rc = api_event_of(c, ROLE_OPERATOR, &e, &has);

	if (rc != ERR_OK)
		return rc;
	rc = events_body(c->pg, &e.id, c->deadline_ms, &body, &n, c->ei);
	if (rc == ERR_OK) {
		call_start(c, HTTP_OK);
		uuid_format(&e.id, id);
		snprintf(field, sizeof(field), "%s; filename=\"ewa-event-%s\"",
		    e.kind == EVENT_BINARY ? "attachment" : "inline", id);
		http_field(c->answer, "Content-Disposition", field);
		http_field(c->answer, "Content-Type",
		    e.kind == EVENT_BINARY ? "application/octet-stream"
					   : "text/plain; charset=utf-8");
		buf_add(&c->answer->body, body, n);
	}
	free(body);
	event_fini(&e);
	return rc;
}

/* ---- what its reply carries ------------------------------------------------
 */

static void
write_results(struct buf *out, const struct event *e)
{
	for (size_t n = 0; n < e->result_count; n++) {
		const struct event_result *from = &e->results[n];
		struct handled_result r = {.automation = from->automation,
		    .status = from->status,
		    .output = from->output,
		    .output_len = from->output_len,
		    .error = from->error,
		    .duration_ms = from->duration_ms};

		if (n != 0)
			buf_addc(out, ',');
		handled_write_result(&r, out);
	}
}

static void
write_reply(struct call *c, const struct event *e, const char *body, size_t len)
{
	struct handled h = {.event_id = e->id,
	    .failed = e->state == EVENT_FAILED,
	    .test = e->test,
	    .integration_key = e->integration_key,
	    .integration_name = e->integration_name,
	    .received_us = e->received_us,
	    .handled_us =
		e->handled_us != EVENT_NO_TIME ? e->handled_us : e->finished_us,
	    .kind = e->kind,
	    .content_type = e->content_type,
	    .body = body,
	    .body_len = len};
	struct buf results;

	buf_init(&results, HANDLED_MAX);
	write_results(&results, e);
	h.results = results.data;
	h.results_len = results.len;
	call_start(c, HTTP_OK);
	http_field(c->answer, "Content-Type", "text/plain; charset=utf-8");
	handled_write(&h, &c->answer->body);
	buf_fini(&results);
}

enum err
api_event_reply(struct call *c)
{
	char *body = NULL;
	struct event e;
	enum role has;
	size_t n;
	enum err rc = api_event_of(c, ROLE_OPERATOR, &e, &has);

	if (rc != ERR_OK)
		return rc;
	if (!event_state_final(e.state))
		rc = err_set(c->ei, ERR_CONFLICT,
		    "the event is not handled yet; there is no reply");
	else
		rc =
		    events_body(c->pg, &e.id, c->deadline_ms, &body, &n, c->ei);
	if (rc == ERR_OK)
		write_reply(c, &e, body, n);
	free(body);
	event_fini(&e);
	return rc;
}
