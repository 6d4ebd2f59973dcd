/*
 * The body of an event: read, checked, and marked as json, text or binary.
 *
 * The bytes are kept as they came.  What parses as JSON is JSON, whatever it
 * is called; what is called JSON and is none is refused, or kept as text with
 * the reason where the integration says so.
 */
#ifndef EWA_RESPONDER_BODY_H
#define EWA_RESPONDER_BODY_H

#include "base/err.h"
#include "responder/arrival.h"

/*
 * Fills a->body, a->content_type, a->malformed and the row's kind.  Blocks
 * until the body is there.  ERR_MEDIA: an encoding that is not taken;
 * ERR_TOO_LARGE; ERR_TIMEOUT; ERR_INVALID: none, broken off, or no JSON.
 */
enum err body_read(
    struct arrival *a, const struct integration *i, struct errinfo *ei);

#endif
