/*
 * Addresses and networks in CIDR notation (RFC 4632, RFC 4291).
 */
#ifndef EWA_BASE_NET_H
#define EWA_BASE_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct net_cidr {
	int family; /* AF_INET or AF_INET6 */
	int bits;   /* prefix length */
	uint8_t addr[16];
};

/* "10.0.0.0/8", "fd00::/8", or a bare address.  ERR_INVALID: not an address,
 * prefix out of range, or bits set behind the prefix. */
enum err net_cidr_parse(
    const char *s, struct net_cidr *out, struct errinfo *ei);

/* True if the textual address (no port) lies inside.  An IPv4-mapped IPv6
 * address is taken as its IPv4. */
bool net_cidr_contains(const struct net_cidr *net, const char *addr);

#endif
