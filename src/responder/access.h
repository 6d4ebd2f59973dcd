/*
 * May this request send to the integration, or look at it?
 *
 * A token is checked at once (auth.h).  A signature needs the body: then
 * access_check says so, and access_signature decides when it is there.  The
 * integration's signature rule says which of the two it takes; a credential
 * that is asked for and missing is refused before the body is read.
 */
#ifndef EWA_RESPONDER_ACCESS_H
#define EWA_RESPONDER_ACCESS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/keyring.h"
#include "domain/integration.h"
#include "responder/fcgi.h"

/* ERR_OK, or ERR_UNAUTHORIZED; i is NULL for an unknown key. */
enum err access_check(const struct fcgi_request *r, const char *query,
    const struct keyring *keys, const struct integration *i, bool *needs_body,
    struct errinfo *ei);

/* body: as it was received.  ERR_UNAUTHORIZED. */
enum err access_signature(const struct fcgi_request *r,
    const struct integration *i, const void *body, size_t n,
    struct errinfo *ei);

/* Both for a request without a body. */
enum err access_to_look(const struct fcgi_request *r, const char *query,
    const struct keyring *keys, const struct integration *i,
    struct errinfo *ei);

/* Was any credential sent?  For GET, where none is a mere probe. */
bool access_tried(const struct fcgi_request *r, const char *query,
    const struct integration *i);

#endif
