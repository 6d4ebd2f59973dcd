#include "config.h"

#include "dispatcher/request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "dispatcher/request_secrets.h"
#include "domain/handled.h"

#define TRACE_PARENT_AT 36 /* "00-", 32 digits, "-" */
#define TRACE_FLAGS_AT 53
#define SPAN_BYTES 8
#define TIMESTAMP_MAX 24

static bool
is_hex(const char *s, size_t n)
{
	return strspn(s, "0123456789abcdef") >= n;
}

/* A parent must be new, not secret: the generator is asked for many at once. */
static void
new_span(uint8_t span[SPAN_BYTES])
{
	static uint8_t pool[SPAN_BYTES * 64];
	static size_t used = sizeof(pool);

	if (used == sizeof(pool)) {
		crypto_random(pool, sizeof(pool));
		used = 0;
	}
	memcpy(span, pool + used, SPAN_BYTES);
	used += SPAN_BYTES;
	span[0] |= 1; /* all zeroes is no parent */
}

bool
request_continue_trace(
    const char *traceparent, char out[WORK_TRACEPARENT_LEN + 1])
{
	uint8_t span[SPAN_BYTES];

	if (strlen(traceparent) != WORK_TRACEPARENT_LEN ||
	    memcmp(traceparent, "00-", 3) != 0 ||
	    traceparent[TRACE_PARENT_AT - 1] != '-' ||
	    traceparent[TRACE_FLAGS_AT - 1] != '-' ||
	    !is_hex(traceparent + 3, 32) ||
	    !is_hex(traceparent + TRACE_PARENT_AT, 16) ||
	    !is_hex(traceparent + TRACE_FLAGS_AT, 2) ||
	    strspn(traceparent + 3, "0") >= 32)
		return false;
	memcpy(out, traceparent, WORK_TRACEPARENT_LEN + 1);
	new_span(span);
	for (size_t i = 0; i < SPAN_BYTES; i++) {
		char two[3];

		snprintf(two, sizeof(two), "%02x", span[i]);
		memcpy(out + TRACE_PARENT_AT + 2 * i, two, 2);
	}
	return true;
}

static enum err
add_configured(struct transfer *t, struct work *w, const struct integration *s,
    bool *typed)
{
	struct errinfo ei;

	for (size_t i = 0; i < s->header_count; i++) {
		const struct integration_header *h = &s->headers[i];

		if (h->value == NULL) {
			snprintf(w->detail, sizeof(w->detail),
			    "the secret reply header %s can't be opened: is "
			    "its key in the key file?",
			    h->name);
			return ERR_INVALID;
		}
		if (integration_check_header(h->name, h->value, &ei) !=
		    ERR_OK) {
			snprintf(w->detail, sizeof(w->detail),
			    "the reply header %s can't be sent", h->name);
			return ERR_INVALID;
		}
		if (strcasecmp(h->name, "Content-Type") == 0)
			*typed = true;
		transfer_header(t, h->name, h->value);
	}
	return ERR_OK;
}

static enum err
add_own(
    struct transfer *t, struct work *w, const struct integration *s, bool typed)
{
	char id[UUID_TEXT_LEN + 1], timestamp[TIMESTAMP_MAX];
	char trace[WORK_TRACEPARENT_LEN + 1];

	if (!typed)
		transfer_header(t, "Content-Type", "application/json");
	uuid_format(&w->done.fence.id, id);
	transfer_header(t, "webhook-id", id);
	snprintf(timestamp, sizeof(timestamp), "%" PRId64,
	    clock_wall_us() / 1000000);
	transfer_header(t, "webhook-timestamp", timestamp);
	if (request_continue_trace(w->traceparent, trace))
		transfer_header(t, "traceparent", trace);
	return request_add_secrets(
	    t, s, id, timestamp, w->detail, sizeof(w->detail));
}

enum err
request_build(struct transfer *t, struct work *w, const struct integration *s)
{
	struct handled h = {
	    .event_id = w->done.fence.id,
	    .integration_key = s->key,
	    .integration_name = s->name,
	    .received_us = w->received_us,
	    .handled_us = w->handled_us,
	    .kind = w->kind,
	    .content_type = w->content_type,
	    .body = w->body != NULL ? w->body : "",
	    .body_len = (size_t)w->body_length,
	    .failed = w->failed,
	    .test = w->test,
	    .results = w->results,
	    .results_len = w->results_len,
	};
	bool typed = false;

	if (add_configured(t, w, s, &typed) != ERR_OK)
		return ERR_INVALID;
	handled_write(&h, transfer_body(t));
	if (buf_failed(transfer_body(t))) {
		snprintf(w->detail, sizeof(w->detail),
		    "the handled event is too large to be sent");
		return ERR_INVALID;
	}
	return add_own(t, w, s, typed);
}
