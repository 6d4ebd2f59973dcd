#include "config.h"

#include "domain/handled.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/utf8.h"

static void
add_str(struct buf *out, const char *s)
{
	buf_add_json_str(out, s, strlen(s));
}

static void
add_time(struct buf *out, int64_t unix_us)
{
	char text[CLOCK_TEXT_MAX];

	clock_format(unix_us, text);
	add_str(out, text);
}

/* The event as its text or, where that is none, as base64. */
static void
add_wrapped(struct buf *out, const struct handled *h)
{
	size_t bom = json_bom(h->body, h->body_len);

	buf_adds(out, "{\"contentType\":");
	if (h->content_type != NULL)
		add_str(out, h->content_type);
	else
		buf_adds(out, "null");
	if (h->kind != EVENT_BINARY && utf8_valid(h->body, h->body_len, NULL)) {
		buf_adds(out, ",\"encoding\":\"utf-8\",\"data\":");
		buf_add_json_str(out, h->body + bom, h->body_len - bom);
	} else {
		buf_adds(out, ",\"encoding\":\"base64\",\"data\":\"");
		crypto_base64(h->body, h->body_len, out);
		buf_addc(out, '"');
	}
	buf_addc(out, '}');
}

void
handled_write_event(const struct handled *h, struct buf *out)
{
	size_t bom;

	if (h->kind != EVENT_JSON) {
		add_wrapped(out, h);
		return;
	}
	bom = json_bom(h->body, h->body_len);
	buf_add(out, h->body + bom, h->body_len - bom);
}

static void
add_output(struct buf *out, const char *s, size_t n)
{
	size_t bom = json_bom(s, n);

	if (json_check(s + bom, n - bom, NULL) == ERR_OK)
		buf_add(out, s + bom, n - bom);
	else
		buf_add_json_str(out, s, n);
}

void
handled_write_result(const struct handled_result *r, struct buf *out)
{
	buf_adds(out, "{\"automation\":");
	add_str(out, r->automation);
	buf_adds(out, ",\"status\":");
	add_str(out, r->status);
	if (r->output != NULL) {
		buf_adds(out, ",\"output\":");
		add_output(out, r->output, r->output_len);
	}
	if (r->error != NULL) {
		buf_adds(out, ",\"error\":");
		add_str(out, r->error);
	}
	buf_addf(out, ",\"durationMs\":%d}", (int)r->duration_ms);
}

void
handled_write(const struct handled *h, struct buf *out)
{
	char id[UUID_TEXT_LEN + 1];

	uuid_format(&h->event_id, id);
	buf_adds(out, "{\"eventId\":");
	add_str(out, id);
	buf_adds(out, ",\"status\":");
	add_str(
	    out, event_state_name(h->failed ? EVENT_FAILED : EVENT_HANDLED));
	buf_adds(out, ",\"integration\":{\"key\":");
	add_str(out, h->integration_key);
	buf_adds(out, ",\"name\":");
	add_str(out, h->integration_name);
	buf_adds(out, "},\"receivedAt\":");
	add_time(out, h->received_us);
	buf_adds(out, ",\"handledAt\":");
	add_time(out, h->handled_us);
	buf_adds(out, ",\"event\":");
	handled_write_event(h, out);
	if (h->test)
		buf_adds(out, ",\"test\":true");
	buf_adds(out, ",\"results\":[");
	if (h->results != NULL)
		buf_add(out, h->results, h->results_len);
	buf_adds(out, "]}");
}
