/*
 * The body of an event: read, checked, and marked as json, text or binary.
 *
 * The bytes are kept as they came, decompressed.  What parses as JSON is JSON,
 * whatever it is called; what is called JSON and is none is refused, or kept as
 * text with the reason where the integration says so.
 */
#ifndef EWA_RESPONDER_BODY_H
#define EWA_RESPONDER_BODY_H

#include "base/err.h"
#include "responder/arrival.h"

/* a->body as it comes over the wire.  Blocks until it is there.
 * ERR_TOO_LARGE, ERR_TIMEOUT, ERR_INVALID: broken off. */
enum err body_receive(
    struct arrival *a, const struct integration *i, struct errinfo *ei);

/*
 * Undoes its content coding and looks into it: a->body as it is stored,
 * a->content_type, a->malformed, the row's kind, and by what a repeat of it
 * is known.  ERR_MEDIA: a coding that is not taken; ERR_TOO_LARGE: when it is
 * undone; ERR_INVALID: no body, no JSON, or no CloudEvent.
 */
enum err body_take(
    struct arrival *a, const struct integration *i, struct errinfo *ei);

#endif
