/*
 * What senders and people who probe an endpoint get there, without effect:
 * GET and HEAD, and the handshake of CloudEvents by OPTIONS.
 */
#ifndef EWA_RESPONDER_PROBE_H
#define EWA_RESPONDER_PROBE_H

#include "responder/app.h"

#define PROBE_ALLOW "POST, PUT, GET, HEAD, OPTIONS"

/* 204 for any key; with a valid credential 200 and which integration it is.
 * i is NULL for an unknown key. */
void probe_get(struct exchange *x, const struct integration *i);

/* CloudEvents 1.0, HTTP 1.1 Web Hooks, abuse protection. */
void probe_options(struct exchange *x);

#endif
