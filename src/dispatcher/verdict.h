/*
 * What the end of an attempt means: for the event, for its destination, and
 * in words for people.  No I/O.
 */
#ifndef EWA_DISPATCHER_VERDICT_H
#define EWA_DISPATCHER_VERDICT_H

#include <stddef.h>

#include "base/uri.h"
#include "dispatcher/sender.h"
#include "domain/event.h"
#include "domain/window.h"

struct verdict {
	enum attempt_outcome outcome;
	enum attempt_cause cause;
	enum window_sign sign;
};

/* The sentence goes to detail ("" when all is well); it names the address or
 * the origin, never more of the URL. */
struct verdict verdict_of(const struct transfer_result *r,
    const struct uri *uri, int64_t timeout_ms, char *detail, size_t size);

#endif
