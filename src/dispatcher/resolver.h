/*
 * Resolves the hosts of replies on the loop, by c-ares: /etc/hosts, then the
 * name servers of /etc/resolv.conf or of reply_dns_servers.
 *
 * A route (addresses checked and pinned) is kept as long as the answer's TTL
 * says, 1 s at least and 5 s at most, a failure 1 s; who asks meanwhile shares
 * it.  A host that is an address needs no look-up.  Nothing blocks; a name
 * whose servers don't answer delays only who waits for it.  At most
 * RESOLVER_NAMES_MAX names are kept.
 */
#ifndef EWA_DISPATCHER_RESOLVER_H
#define EWA_DISPATCHER_RESOLVER_H

#include <stdint.h>

#include <uv.h>

#include "base/uri.h"
#include "dispatcher/route.h"

#define RESOLVER_NAMES_MAX 4096

struct resolver;
struct lookup;

/* Somebody who waits for a route; the caller's memory. */
struct resolver_wait {
	struct resolver_wait *prev, *next;
	struct lookup *lookup; /* NULL: not waiting */
	int64_t until_ms;      /* clock_mono_ms */
	/* r is borrowed for the time of the call, which must not use the
	 * resolver. */
	void (*done)(void *arg, struct route *r);
	void *arg;
};

struct resolver *resolver_new(uv_loop_t *loop);

/* To be called before anything is asked, and when the settings have changed.
 * servers: as the setting reply_dns_servers.  rules are copied. */
void resolver_configure(
    struct resolver *r, const struct address_rules *rules, const char *servers);

/* The route to a host, if it is known at once (borrowed until the loop goes
 * on); else NULL, and w->done is called once, not before this returns, unless
 * resolver_cancel is.  checked: by the rules; else all addresses are open. */
struct route *resolver_find(struct resolver *r, const char *host, int port,
    bool checked, struct resolver_wait *w);
void resolver_cancel(struct resolver_wait *w);

/* Nobody waits any more.  Freed when the loop lets go of it. */
void resolver_close(struct resolver *r); /* NULL is fine */

#endif
