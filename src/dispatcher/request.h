/* What an attempt sends. */
#ifndef EWA_DISPATCHER_REQUEST_H
#define EWA_DISPATCHER_REQUEST_H

#include "base/err.h"
#include "dispatcher/sender.h"
#include "dispatcher/work.h"
#include "domain/integration.h"

/* Headers and body.  ERR_INVALID (and w->detail says why): a configured
 * header can't be sent. */
enum err request_build(
    struct transfer *t, struct work *w, const struct integration *s);

/* A traceparent (W3C Trace Context) that continues this one: same trace and
 * flags, a new parent.  False if it is none. */
bool request_continue_trace(
    const char *traceparent, char out[WORK_TRACEPARENT_LEN + 1]);

#endif
