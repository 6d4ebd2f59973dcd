/*
 * Which resource does a request mean?  By REQUEST_URI without its query, and
 * exactly: no decoding, no dot segments, no double slashes (PLATFORM: servers
 * differ in PATH_INFO, and pass such paths raw).
 */
#ifndef EWA_RESPONDER_ROUTE_H
#define EWA_RESPONDER_ROUTE_H

#include "base/uuid7.h"
#include "domain/integration.h"

enum route_kind {
	ROUTE_NONE,
	ROUTE_HOOK,   /* /hooks/{key} and /hooks/{key}/ */
	ROUTE_EVENT,  /* /hooks/{key}/events/{eventId} */
	ROUTE_API,    /* below /api/ */
	ROUTE_HEALTH, /* /healthz */
	ROUTE_READY   /* /readyz */
};

struct route {
	enum route_kind kind;
	char key[INTEGRATION_KEY_LEN + 1];
	struct uuid event_id;
	const char *query; /* behind the "?", or "" */
};

/* request_uri NULL is ROUTE_NONE.  An absolute URI (RFC 9112, 3.2.2) is taken
 * by its path. */
void route_parse(const char *request_uri, struct route *out);

#endif
