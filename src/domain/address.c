#include "config.h"

#include "domain/address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/uri.h"

#define SEPARATORS ", \t"
#define ENTRY_MAX 256 /* bytes of an entry of a list */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct network {
	const char *cidr;
	const char *what;
};

/* clang-format off */
static const struct network private_networks[] = {
	{"10.0.0.0/8", "a private network"},
	{"172.16.0.0/12", "a private network"},
	{"192.168.0.0/16", "a private network"},
	{"fc00::/7", "a private network"},
};

/* The IANA registries of special-purpose addresses (RFC 6890), and what is
 * dangerous besides. */
static const struct network special_networks[] = {
	{"0.0.0.0/8", "this host"},
	{"100.64.0.0/10", "shared address space"},
	{"127.0.0.0/8", "loopback"},
	{"169.254.0.0/16", "link-local, where clouds keep credentials"},
	{"192.0.0.0/24", "IETF protocol assignments"},
	{"192.0.2.0/24", "documentation"},
	{"192.88.99.0/24", "6to4 relays"},
	{"198.18.0.0/15", "benchmarking"},
	{"198.51.100.0/24", "documentation"},
	{"203.0.113.0/24", "documentation"},
	{"224.0.0.0/4", "multicast"},
	{"240.0.0.0/4", "reserved, and broadcast"},
	{"::1/128", "loopback"},
	{"::/96", "unspecified, and IPv4-compatible"},
	{"64:ff9b::/96", "NAT64"},
	{"64:ff9b:1::/48", "NAT64"},
	{"100::/64", "discard-only"},
	{"2001::/23", "Teredo and other protocol assignments"},
	{"2001:db8::/32", "documentation"},
	{"2002::/16", "6to4"},
	{"3fff::/20", "documentation"},
	{"5f00::/16", "segment routing"},
	{"fd00:ec2::254/128", "where a cloud keeps credentials"},
	{"fe80::/10", "link-local"},
	{"fec0::/10", "site-local"},
	{"ff00::/8", "multicast"},
};
/* clang-format on */

/* Where an address of these networks holds an IPv4 address. */
static const struct embedding {
	const char *cidr;
	size_t at;
} embeddings[] = {
    {"64:ff9b::/96", 12},
    {"2002::/16",    2 }
};

bool
address_is_literal(const char *host)
{
	uint8_t bytes[16];

	return inet_pton(AF_INET, host, bytes) == 1 ||
	       inet_pton(AF_INET6, host, bytes) == 1;
}

/* ---- lists -----------------------------------------------------------------
 */

/* The next entry of a list into out; false at its end.  An entry that is too
 * long for any use is cut. */
static bool
next_entry(const char **list, char out[ENTRY_MAX])
{
	size_t n;

	*list += strspn(*list, SEPARATORS);
	n = strcspn(*list, SEPARATORS);
	if (n == 0)
		return false;
	snprintf(out, ENTRY_MAX, "%.*s", (int)(n < ENTRY_MAX ? n : ENTRY_MAX),
	    *list);
	*list += n;
	return true;
}

static enum err
add_network(struct address_rules *r, const char *text, struct errinfo *ei)
{
	struct errinfo why;

	if (r->count == ADDRESS_NETWORKS_MAX)
		return err_set(ei, ERR_INVALID, "more than %d networks",
		    ADDRESS_NETWORKS_MAX);
	if (net_cidr_parse(text, &r->networks[r->count], &why) != ERR_OK)
		return err_set(ei, ERR_INVALID,
		    "\"%.60s\" is neither private nor public nor a network: "
		    "%s",
		    text, why.detail);
	r->count++;
	return ERR_OK;
}

enum err
address_rules_parse(
    const char *text, struct address_rules *out, struct errinfo *ei)
{
	char entry[ENTRY_MAX];
	enum err e = ERR_OK;

	memset(out, 0, sizeof(*out));
	while (e == ERR_OK && next_entry(&text, entry)) {
		if (strcmp(entry, "public") == 0)
			out->open = true;
		else if (strcmp(entry, "private") == 0)
			out->open = out->private_nets = true;
		else
			e = add_network(out, entry, ei);
	}
	if (e == ERR_OK && !out->open && out->count == 0)
		e = err_set(ei, ERR_INVALID,
		    "no reply could be sent; write private, public or "
		    "networks");
	return e;
}

enum err
address_check_networks(const char *value, struct errinfo *ei)
{
	struct address_rules rules;

	return address_rules_parse(value, &rules, ei);
}

/* ---- the check -------------------------------------------------------------
 */

static bool
inside(const char *cidr, const char *address)
{
	struct net_cidr n;

	BUG_ON(net_cidr_parse(cidr, &n, NULL) != ERR_OK);
	return net_cidr_contains(&n, address);
}

static const struct network *
find_in(const struct network *list, size_t count, const char *address)
{
	for (size_t i = 0; i < count; i++)
		if (inside(list[i].cidr, address))
			return &list[i];
	return NULL;
}

static bool
named(const struct address_rules *r, const char *address)
{
	for (size_t i = 0; i < r->count; i++)
		if (net_cidr_contains(&r->networks[i], address))
			return true;
	return false;
}

/* The IPv4 address inside an IPv6 one, or false. */
static bool
embedded(const char *address, char out[INET_ADDRSTRLEN])
{
	uint8_t b[16];

	if (inet_pton(AF_INET6, address, b) != 1)
		return false;
	for (size_t i = 0; i < COUNT(embeddings); i++)
		if (inside(embeddings[i].cidr, address))
			return inet_ntop(AF_INET, b + embeddings[i].at, out,
				   INET_ADDRSTRLEN) != NULL;
	return false;
}

bool
address_allowed(const struct address_rules *rules, const char *address,
    char why[ADDRESS_WHY_MAX])
{
	char inner[INET_ADDRSTRLEN];
	const struct network *n;

	if (!address_is_literal(address)) {
		snprintf(why, ADDRESS_WHY_MAX, "%.60s is no address", address);
		return false;
	}
	if (named(rules, address))
		return !embedded(address, inner) ||
		       address_allowed(rules, inner, why);
	n = find_in(special_networks, COUNT(special_networks), address);
	if (n == NULL && !rules->private_nets)
		n = find_in(private_networks, COUNT(private_networks), address);
	if (n == NULL && rules->open)
		return true;
	if (n != NULL)
		snprintf(why, ADDRESS_WHY_MAX,
		    "%s is not called (%s): the setting reply_networks would "
		    "have to name its network, %s",
		    address, n->what, n->cidr);
	else
		snprintf(why, ADDRESS_WHY_MAX,
		    "%s is not called: the setting reply_networks would have "
		    "to name its network",
		    address);
	return false;
}

/* ---- the proxy's exceptions, name servers ----------------------------------
 */

static bool
entry_matches(const char *entry, const char *host)
{
	struct net_cidr net;
	size_t n, have = strlen(host);

	if (strcmp(entry, "*") == 0)
		return true;
	if (net_cidr_parse(entry, &net, NULL) == ERR_OK)
		return net_cidr_contains(&net, host);
	if (strncmp(entry, "*.", 2) == 0)
		entry++;
	if (*entry == '.')
		entry++;
	n = strlen(entry);
	if (n == 0 || have < n || strcasecmp(host + have - n, entry) != 0)
		return false;
	return have == n || host[have - n - 1] == '.';
}

bool
address_excepted(const char *list, const char *host)
{
	char entry[ENTRY_MAX], bare[ENTRY_MAX];
	size_t n = strlen(host);

	if (n > 0 && host[n - 1] == '.') /* the root's dot */
		n--;
	snprintf(bare, sizeof(bare), "%.*s", (int)n, host);
	while (next_entry(&list, entry))
		if (entry_matches(entry, bare))
			return true;
	return false;
}

enum err
address_check_proxy(const char *value, struct errinfo *ei)
{
	struct uri u;
	const char *rest;
	enum err e = ERR_OK;

	if (*value == '\0')
		return ERR_OK;
	if (uri_parse(value, &u, ei) != ERR_OK) {
		/* a URL's user is refused there, in words for reply URLs */
		if (strchr(value, '@') != NULL)
			err_set(ei, ERR_INVALID,
			    "put user and password of the proxy into the file "
			    "that reply_proxy_credentials names");
		return ERR_INVALID;
	}
	rest = value + strlen("http://");
	if (strcmp(u.scheme, "http") != 0 ||
	    strcspn(rest, "/?") + 1 < strlen(rest))
		e = err_set(ei, ERR_INVALID,
		    "a proxy is written http://HOST:PORT and no more");
	uri_fini(&u);
	return e;
}

static bool
is_port(const char *s)
{
	char *end;
	long v;

	if (*s < '0' || *s > '9')
		return false;
	v = strtol(s, &end, 10);
	return *end == '\0' && v >= 1 && v <= 65535;
}

/* "ADDRESS", "ADDRESS:PORT" of IPv4, "[IPv6]:PORT" */
static bool
is_server(char *s)
{
	char *colon = strchr(s, ':'), *bracket;

	if (address_is_literal(s))
		return true;
	if (*s == '[') {
		bracket = strchr(s, ']');
		if (bracket == NULL || bracket[1] != ':')
			return false;
		*bracket = '\0';
		return address_is_literal(s + 1) && is_port(bracket + 2);
	}
	if (colon == NULL)
		return false;
	*colon = '\0';
	return address_is_literal(s) && is_port(colon + 1);
}

enum err
address_check_servers(const char *value, struct errinfo *ei)
{
	char entry[ENTRY_MAX], copy[ENTRY_MAX];

	while (next_entry(&value, entry)) {
		memcpy(copy, entry, sizeof(copy));
		if (!is_server(copy))
			return err_set(ei, ERR_INVALID,
			    "\"%.60s\" is no name server; write an address, "
			    "such as 10.0.0.53 or 10.0.0.53:5353",
			    entry);
	}
	return ERR_OK;
}
