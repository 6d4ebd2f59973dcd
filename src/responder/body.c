#include "config.h"

#include "responder/body.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "responder/headers.h"

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

static enum err
check_encoding(const struct fcgi_request *r, struct errinfo *ei)
{
	const char *s = fcgi_param(r, "HTTP_CONTENT_ENCODING");

	if (s == NULL || *s == '\0' || strcasecmp(s, "identity") == 0)
		return ERR_OK;
	return err_set(ei, ERR_MEDIA,
	    "Content-Encoding %.40s is not taken; send the body as it is", s);
}

enum err
body_read(struct arrival *a, const struct integration *i, struct errinfo *ei)
{
	enum err e = check_encoding(a->request, ei);

	if (e == ERR_OK)
		e = fcgi_body(
		    a->request, (size_t)i->max_body_bytes, &a->body, ei);
	if (e != ERR_OK)
		return e;
	if (a->body.len == 0)
		return err_set(ei, ERR_INVALID,
		    "the request has no body; an event needs one");
	a->content_type = headers_text(a->request, "CONTENT_TYPE");
	return classify(a, i, ei);
}
