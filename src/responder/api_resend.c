/* Replies sent again, events handled again: one, or many by a filter. */
#include "config.h"

#include <string.h>

#include "base/jsonw.h"
#include "domain/handled.h"
#include "responder/api_ops.h"
#include "responder/event_json.h"
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
