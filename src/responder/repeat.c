#include "config.h"

#include "responder/repeat.h"

#include <string.h>

#include "base/crypto.h"

#define TEXT_MAX ((size_t)64 << 10)

static const struct {
	const char *param;
	bool strict; /* the sender promises the same body */
} headers[] = {
    {"HTTP_IDEMPOTENCY_KEY",      true },
    {"HTTP_WEBHOOK_ID",           false},
    {"HTTP_X_GITHUB_DELIVERY",    false},
    {"HTTP_X_AMZ_SNS_MESSAGE_ID", false},
};

/* kind, and one or two values, each ended by a NUL. */
static void
set_key(struct arrival *a, bool strict, const char *kind,
    struct cloudevent_value first, struct cloudevent_value second)
{
	struct intake_key *k = &a->ticket.row.key;
	struct buf text;

	buf_init(&text, TEXT_MAX);
	buf_add(&text, kind, strlen(kind) + 1);
	buf_add(&text, first.s, first.n);
	buf_addc(&text, '\0');
	buf_add(&text, second.s, second.n);
	if (!buf_failed(&text)) {
		crypto_sha256(text.data, text.len, k->hash);
		crypto_sha256(a->body.data, a->body.len, k->body_hash);
		k->present = true;
		a->ticket.strict = strict;
	}
	buf_fini(&text);
}

static struct cloudevent_value
value(const struct fcgi_request *r, const char *param)
{
	const char *s = fcgi_param(r, param);

	return (struct cloudevent_value){
	    s != NULL ? s : "", s != NULL ? strlen(s) : 0};
}

void
repeat_find(struct arrival *a, const struct integration *i,
    const struct cloudevent *event)
{
	const struct cloudevent_value none = {"", 0};
	struct cloudevent_value id, source;

	a->ticket.row.key.window_ms = i->repeat_window_ms;
	if (i->repeat_window_ms == 0)
		return;
	for (size_t k = 0; k < sizeof(headers) / sizeof(headers[0]); k++) {
		id = value(a->request, headers[k].param);
		if (id.n == 0)
			continue;
		set_key(a, headers[k].strict, headers[k].param, id, none);
		return;
	}
	id = event != NULL ? event->id : value(a->request, "HTTP_CE_ID");
	source =
	    event != NULL ? event->source : value(a->request, "HTTP_CE_SOURCE");
	if (id.n != 0 && source.n != 0)
		set_key(a, false, "cloudevent", source, id);
}
