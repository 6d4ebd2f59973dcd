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
	char *host;   /* without brackets */
	int port;     /* explicit or the scheme's own */
	char *origin; /* "https://host:port", what a log may show */
};

/*
 * ERR_OK, or ERR_UNPROCESSABLE with the reason: longer than URI_MAX, no
 * explicit http:// or https://, no host, userinfo (credentials belong into a
 * reply header), a fragment, controls or blanks.  On success uri_fini frees.
 */
enum err uri_parse(const char *s, struct uri *out, struct errinfo *ei);
void uri_fini(struct uri *u);

#endif
