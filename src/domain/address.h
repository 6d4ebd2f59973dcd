/*
 * Which addresses a reply may be sent to: pure, no look-ups.
 *
 * The setting reply_networks is a list of words and networks, separated by
 * commas or blanks, of which any may match:
 *
 *	public   every address but private and special-purpose ones
 *	private  the same and private networks (10/8, fc00::/7, ...)
 *	CIDR     the addresses of this network, whatever they are
 *
 * Special-purpose addresses (loopback, link-local, multicast, transition
 * mechanisms, documentation, ...) are called only if a network of the list
 * holds them.  An IPv4-mapped address is taken as its IPv4; of NAT64 and 6to4
 * addresses the IPv4 in them must be allowed too.
 */
#ifndef EWA_DOMAIN_ADDRESS_H
#define EWA_DOMAIN_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/net.h"

#define ADDRESS_NETWORKS_MAX 64
#define ADDRESS_TEXT_MAX 46 /* an IPv6 address and its NUL */
#define ADDRESS_WHY_MAX 200

struct address_rules {
	bool open;         /* every address but special ones */
	bool private_nets; /* and private ones */
	struct net_cidr networks[ADDRESS_NETWORKS_MAX];
	size_t count;
};

/* ERR_INVALID: neither a word nor a network, too many, or none. */
enum err address_rules_parse(
    const char *text, struct address_rules *out, struct errinfo *ei);

/* May this address (text, no brackets, no port) be called?  If not, why is a
 * sentence that names it and the setting that would allow it. */
bool address_allowed(const struct address_rules *rules, const char *address,
    char why[ADDRESS_WHY_MAX]);

/* A host that is an IPv4 or IPv6 address, without brackets. */
bool address_is_literal(const char *host);

/*
 * Is this host (lower case) on a list of exceptions of the proxy?  Entries
 * are separated by commas or blanks: "example.com" and ".example.com" stand
 * for the name and all below it, networks for hosts that are such addresses,
 * "*" for all.
 */
bool address_excepted(const char *list, const char *host);

/* Checks for the table of settings (base/conf.h). */
enum err address_check_networks(const char *value, struct errinfo *ei);
/* "http://HOST[:PORT]", without user, path or query; or blank. */
enum err address_check_proxy(const char *value, struct errinfo *ei);
/* "ADDRESS", "ADDRESS:PORT", "[IPv6]:PORT", separated by commas; or blank. */
enum err address_check_servers(const char *value, struct errinfo *ei);

#endif
