/*
 * The document that a reply carries: the handled event.
 *
 * A JSON event is embedded byte for byte (a byte order mark is left out),
 * anything else as {"contentType","encoding":"utf-8"|"base64","data"}.
 * Nothing is parsed or written anew.
 */
#ifndef EWA_DOMAIN_HANDLED_H
#define EWA_DOMAIN_HANDLED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/uuid7.h"
#include "domain/event.h"

/* Enough for the greatest body, every byte escaped. */
#define HANDLED_MAX ((size_t)128 << 20)

/* What one automation has left. */
struct handled_result {
	const char *automation;
	const char *status;
	const char *output; /* bytes, or NULL */
	size_t output_len;
	const char *error; /* or NULL */
	int32_t duration_ms;
};

struct handled {
	struct uuid event_id;
	bool failed;
	bool test;
	const char *integration_key;
	const char *integration_name;
	int64_t received_us; /* since 1970 */
	int64_t handled_us;
	enum event_kind kind;
	const char *content_type; /* NULL: the sender gave none */
	const char *body;
	size_t body_len;
	const char *results; /* handled_write_result's, with commas; or NULL */
	size_t results_len;
};

/* {"automation","status","output"|"error","durationMs"}: an output that is
 * JSON byte for byte, any other as a string. */
void handled_write_result(const struct handled_result *r, struct buf *out);

/* The event alone, as in the reply. */
void handled_write_event(const struct handled *h, struct buf *out);

/* Appended to out. */
void handled_write(const struct handled *h, struct buf *out);

#endif
