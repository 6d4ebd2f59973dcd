/*
 * The way to a destination: the addresses of its host, checked, and pinned
 * for libcurl.
 *
 * libcurl never resolves a reply's host: a route tells it to connect to the
 * addresses that were checked (CURLOPT_CONNECT_TO).  Where there are several,
 * it connects to a name that is made of them, so that it tries both families
 * side by side and uses a kept connection again for the same addresses only.
 * Immutable and shared by reference count, on the loop only.
 */
#ifndef EWA_DISPATCHER_ROUTE_H
#define EWA_DISPATCHER_ROUTE_H

#include <curl/curl.h>

#include "domain/address.h"

#define ROUTE_ADDRESSES_MAX 64 /* that are checked; more are refused */
#define ROUTE_TRIED_MAX 8      /* that may be connected to */
#define ROUTE_WHY_MAX 256

enum route_kind {
	ROUTE_OPEN,
	ROUTE_NO_NAME, /* the host can't be resolved */
	ROUTE_BLOCKED  /* one of its addresses is not allowed */
};

struct route {
	int refs;
	enum route_kind kind;
	char why[ROUTE_WHY_MAX]; /* unless it is open */
	char host[80];           /* what to connect to: an address, or the name
				    of several, as in a URL */
	struct curl_slist *connect_to;
	struct curl_slist *resolve; /* NULL: host is an address */
};

struct route_addresses {
	size_t count; /* more than the maximum: cut */
	char text[ROUTE_ADDRESSES_MAX][ADDRESS_TEXT_MAX];
};

/* host is what they are the addresses of, for the words. rules NULL: all are
 * allowed. */
struct route *route_open(const struct address_rules *rules, const char *host,
    int port, const struct route_addresses *a);

/* reason is libcurl's, c-ares', or ours. */
struct route *route_no_name(const char *host, const char *reason);

struct route *route_ref(struct route *r);
void route_unref(struct route *r); /* NULL is fine */

#endif
