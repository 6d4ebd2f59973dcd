#include "config.h"

#include "base/net.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#define MAPPED_BITS 96 /* ::ffff:0:0/96 holds IPv4 */

/* The text up to `len` as an address; an IPv4-mapped one becomes its IPv4 and
 * *mapped (may be NULL) says so. */
static int
address(const char *s, size_t len, uint8_t addr[16], bool *mapped)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
	char text[INET6_ADDRSTRLEN];

	if (mapped != NULL)
		*mapped = false;
	if (len >= sizeof(text))
		return AF_UNSPEC;
	memcpy(text, s, len);
	text[len] = '\0';
	memset(addr, 0, 16);
	if (inet_pton(AF_INET, text, addr) == 1)
		return AF_INET;
	if (inet_pton(AF_INET6, text, addr) != 1)
		return AF_UNSPEC;
	if (memcmp(addr, prefix, sizeof(prefix)) != 0)
		return AF_INET6;
	if (mapped != NULL)
		*mapped = true;
	memmove(addr, addr + 12, 4);
	memset(addr + 4, 0, 12);
	return AF_INET;
}

/* 0 to 128 without signs, blanks or leading zeros; -1 for anything else. */
static int
prefix_length(const char *s)
{
	int bits = 0;

	if (*s == '\0' || (s[0] == '0' && s[1] != '\0'))
		return -1;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		bits = bits * 10 + (*s - '0');
		if (bits > 128)
			return -1;
	}
	return bits;
}

/* True if a and b have the same first bits. */
static bool
same_prefix(const uint8_t *a, const uint8_t *b, int bits)
{
	size_t whole = (size_t)bits / 8;
	unsigned mask = 0xff00u >> (bits % 8) & 0xff;

	if (memcmp(a, b, whole) != 0)
		return false;
	return mask == 0 || ((a[whole] ^ b[whole]) & mask) == 0;
}

static bool
has_host_bits(const struct net_cidr *n)
{
	uint8_t zero[16] = {0};
	size_t i = (size_t)n->bits / 8;

	if (i == sizeof(zero))
		return false;
	return (n->addr[i] & (0xff >> (n->bits % 8))) != 0 ||
	       memcmp(n->addr + i + 1, zero, sizeof(zero) - i - 1) != 0;
}

enum err
net_cidr_parse(const char *s, struct net_cidr *out, struct errinfo *ei)
{
	size_t len = strcspn(s, "/");
	bool mapped;
	int most;

	out->family = address(s, len, out->addr, &mapped);
	if (out->family == AF_UNSPEC)
		return err_set(ei, ERR_INVALID,
		    "not an IPv4 or IPv6 address; write 10.0.0.0/8 or "
		    "fd00::/8");
	most = out->family == AF_INET && !mapped ? 32 : 128;
	out->bits = s[len] == '/' ? prefix_length(s + len + 1) : most;
	if (out->bits < (mapped ? MAPPED_BITS : 0) || out->bits > most)
		return err_set(ei, ERR_INVALID,
		    "the prefix length must be from %d to %d",
		    mapped ? MAPPED_BITS : 0, most);
	if (mapped)
		out->bits -= MAPPED_BITS;
	if (has_host_bits(out))
		return err_set(ei, ERR_INVALID,
		    "bits are set behind the prefix; write the network's "
		    "first address");
	return ERR_OK;
}

bool
net_cidr_contains(const struct net_cidr *net, const char *addr)
{
	uint8_t a[16];

	/* behind % stands an IPv6 address's interface */
	if (address(addr, strcspn(addr, "%"), a, NULL) != net->family)
		return false;
	return same_prefix(net->addr, a, net->bits);
}
