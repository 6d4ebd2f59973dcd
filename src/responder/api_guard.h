/*
 * What every call of the API passes before its handler: the query, the site
 * that the request comes from, who calls, the version, the body.
 */
#ifndef EWA_RESPONDER_API_GUARD_H
#define EWA_RESPONDER_API_GUARD_H

#include "responder/call.h"

/* Decodes the query; what the operation does not know, or is there twice, is
 * a fault.  ERR_INVALID: not percent-encoded UTF-8. */
enum err guard_query(struct call *c, const char *query);

/* ERR_MEDIA: the content type is not application/json; ERR_FORBIDDEN: a
 * browser sends it from another site. */
enum err guard_site(struct call *c);

/* Fills c->who.  ERR_UNAUTHORIZED. */
enum err guard_caller(struct call *c);

/* Fills c->if_match.  ERR_NO_VERSION, ERR_STALE. */
enum err guard_if_match(struct call *c);

/* Fills c->body with a JSON object.  ERR_INVALID, ERR_TOO_LARGE. */
enum err guard_body(struct call *c);

#endif
