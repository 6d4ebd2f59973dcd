/*
 * URLs as the reply settings take them, parsed by libcurl's curl_url_get and
 * never by hand (curl accepts far more spellings than people mean).
 */
#ifndef EWA_BASE_URI_H
#define EWA_BASE_URI_H

#include <stdbool.h>

#include "base/err.h"

#define URI_MAX 2048

struct uri {
	char *scheme; /* "http" or "https" */
	char *host;   /* lower case, without brackets; 127.1 is 127.0.0.1 */
	int port;     /* explicit or the scheme's own */
	char *origin; /* "https://host:port", what a log may show */
};

/*
 * ERR_OK, or ERR_UNPROCESSABLE with the reason: longer than URI_MAX, no
 * explicit http:// or https://, no host, a port outside 1 to 65535, userinfo
 * (credentials belong into a reply header), a fragment, an address's
 * interface, blanks, controls or anything else that is not ASCII (RFC 3986
 * has it percent-encoded, a host's name as xn--...).  On success uri_fini
 * frees; on an error there is nothing to free.
 */
enum err uri_parse(const char *s, struct uri *out, struct errinfo *ei);
void uri_fini(struct uri *u);

/*
 * The URL without user and password, and those as "user:password", decoded;
 * both are the caller's (the second is a secret, NULL if there is none).
 * What is left is for uri_parse to judge.  ERR_UNPROCESSABLE: not a URL, or a
 * user that Basic credentials can't carry; nothing to free then.
 */
enum err uri_split_userinfo(
    const char *s, char **bare, char **userinfo, struct errinfo *ei);

#endif
