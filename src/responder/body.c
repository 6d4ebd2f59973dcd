#include "config.h"

#include "responder/body.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/inflate.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "domain/cloudevent.h"
#include "responder/headers.h"
#include "responder/repeat.h"

/* The media type says JSON: application/json, text/json, anything +json. */
static bool
declares_json(const char *type)
{
	size_t n;

	if (type == NULL)
		return false;
	n = strcspn(type, "; \t");
	return (n == 16 && strncasecmp(type, "application/json", n) == 0) ||
	       (n == 9 && strncasecmp(type, "text/json", n) == 0) ||
	       (n > 5 && strncasecmp(type + n - 5, "+json", 5) == 0);
}

static enum event_kind
text_or_binary(const struct buf *b)
{
	return memchr(b->data, '\0', b->len) == NULL &&
		       utf8_valid(b->data, b->len, NULL)
		   ? EVENT_TEXT
		   : EVENT_BINARY;
}

/* Sets kind, and the reason where a declared JSON is kept as it is. */
static enum err
classify(struct arrival *a, const struct integration *i, struct errinfo *ei)
{
	size_t bom = json_bom(a->body.data, a->body.len);
	struct errinfo why;
	char text[sizeof(why.where) + sizeof(why.detail) + 4];

	if (json_check(a->body.data + bom, a->body.len - bom, &why) == ERR_OK) {
		a->ticket.row.kind = EVENT_JSON;
		return ERR_OK;
	}
	if (declares_json(a->content_type)) {
		if (!i->accept_malformed) {
			*ei = why;
			return why.code;
		}
		snprintf(text, sizeof(text), "%s: %s", why.where, why.detail);
		a->malformed = mem_strdup(text);
	}
	a->ticket.row.kind = text_or_binary(&a->body);
	return ERR_OK;
}

/* What is declared as a CloudEvent has to be one.  In structured mode *event
 * is its attributes. */
static enum err
check_cloudevent(
    const struct arrival *a, struct cloudevent *event, struct errinfo *ei)
{
	size_t bom = json_bom(a->body.data, a->body.len);
	const char *json = a->body.data + bom;
	size_t n = a->body.len - bom;

	if (a->ticket.row.kind == EVENT_JSON)
		switch (cloudevent_mode(a->content_type)) {
		case CLOUDEVENT_STRUCTURED:
			return cloudevent_structured(json, n, event, ei);
		case CLOUDEVENT_BATCH:
			return cloudevent_batch(json, n, ei);
		case CLOUDEVENT_NONE:
		default:
			break;
		}
	if (fcgi_param(a->request, "HTTP_CE_SPECVERSION") == NULL)
		return ERR_OK;
	return cloudevent_binary(fcgi_param(a->request, "HTTP_CE_SPECVERSION"),
	    fcgi_param(a->request, "HTTP_CE_ID"),
	    fcgi_param(a->request, "HTTP_CE_SOURCE"),
	    fcgi_param(a->request, "HTTP_CE_TYPE"), ei);
}

static enum err
decompress(struct arrival *a, const struct integration *i, struct errinfo *ei)
{
	const char *name = fcgi_param(a->request, "HTTP_CONTENT_ENCODING");
	enum inflate_coding coding = INFLATE_NONE;
	struct buf plain;
	enum err e;

	if (name != NULL && !inflate_coding(name, &coding))
		return err_set(ei, ERR_MEDIA,
		    "Content-Encoding %.40s is not taken; send the body as it "
		    "is, or with one of gzip and deflate",
		    name);
	if (coding == INFLATE_NONE)
		return ERR_OK;
	buf_init(&plain, (size_t)i->max_body_bytes);
	e = inflate_bytes(coding, a->body.data, a->body.len, &plain, ei);
	buf_fini(&a->body);
	a->body = plain;
	return e;
}

enum err
body_receive(struct arrival *a, const struct integration *i, struct errinfo *ei)
{
	return fcgi_body(a->request, (size_t)i->max_body_bytes, &a->body, ei);
}

enum err
body_take(struct arrival *a, const struct integration *i, struct errinfo *ei)
{
	struct cloudevent event = {{NULL}};
	enum err e = decompress(a, i, ei);

	if (e != ERR_OK)
		return e;
	if (a->body.len == 0)
		return err_set(ei, ERR_INVALID,
		    "the request has no body; an event needs one");
	a->content_type = headers_text(a->request, "CONTENT_TYPE");
	e = classify(a, i, ei);
	if (e == ERR_OK)
		e = check_cloudevent(a, &event, ei);
	if (e == ERR_OK)
		repeat_find(a, i, event.id.s != NULL ? &event : NULL);
	return e;
}
