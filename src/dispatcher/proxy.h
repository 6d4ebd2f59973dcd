/*
 * The proxy that replies go through, by the settings reply_proxy,
 * reply_no_proxy and reply_proxy_credentials; never by the environment.
 *
 * The proxy's own address is the operator's choice and not checked; those of
 * the destinations are, as far as they can be resolved here (the proxy
 * resolves them again).
 */
#ifndef EWA_DISPATCHER_PROXY_H
#define EWA_DISPATCHER_PROXY_H

#include <stdbool.h>

#include "base/uri.h"
#include "domain/settings.h"

struct proxy {
	struct uri uri; /* host NULL: there is none */
	char *except;
	char *credentials; /* "user:password", NULL: none */
};

/* Reads the file of the credentials; what is wrong with it is logged. */
void proxy_configure(struct proxy *p, const struct settings *conf);
void proxy_fini(struct proxy *p);

/* Do replies to this host go through it? */
bool proxy_applies(const struct proxy *p, const char *host);

#endif
