/*
 * Credentials of a request to an endpoint.
 *
 * Looked for in this order, and the first present decides: the integration's
 * own header (X-Platform-Token unless set), Authorization: Bearer, the
 * password of Authorization: Basic, X-Gitlab-Token, and ?token= or
 * ?access_token= where the integration allows it.  An empty one is none.
 */
#ifndef EWA_RESPONDER_AUTH_H
#define EWA_RESPONDER_AUTH_H

#include <stdbool.h>

#include "base/err.h"
#include "base/keyring.h"
#include "domain/integration.h"
#include "responder/fcgi.h"

/*
 * ERR_OK, or ERR_UNAUTHORIZED with the same words and the same work whether
 * the integration exists (i is not NULL) or the token is wrong.
 */
enum err auth_check(const struct fcgi_request *r, const char *query,
    const struct keyring *keys, const struct integration *i,
    struct errinfo *ei);

/* Was any credential sent?  For GET, where none is a mere probe. */
bool auth_present(const struct fcgi_request *r, const char *query,
    const struct integration *i);

/* Does the query hold a token that this integration does not take there?
 * Nobody is told, but the administrator, in the refusals. */
bool auth_query_token_unwanted(const char *query, const struct integration *i);

/* The refusal of auth_check. */
enum err auth_refuse(struct errinfo *ei);

/* "X-Platform-Token" to "HTTP_X_PLATFORM_TOKEN" (RFC 3875, 4.1.18). */
#define AUTH_CGI_NAME_MAX 160
void auth_cgi_name(const char *header, char *out, size_t size);

/* May this header be kept with the event?  Not credentials, cookies and
 * signatures.  cgi_name is "HTTP_..." of CGI, upper case. */
bool auth_keeps_header(const char *cgi_name, const struct integration *i);

#endif
