#include "config.h"

#include "dispatcher/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#define PIN_BYTES 16
#define ENTRY_MAX (ROUTE_TRIED_MAX * (ADDRESS_TEXT_MAX + 3) + 128)

static struct route *
route_new(enum route_kind kind)
{
	struct route *r = mem_zalloc(sizeof(*r));

	r->refs = 1;
	r->kind = kind;
	return r;
}

struct route *
route_ref(struct route *r)
{
	r->refs++;
	return r;
}

void
route_unref(struct route *r)
{
	if (r == NULL || --r->refs > 0)
		return;
	BUG_ON(r->refs < 0);
	curl_slist_free_all(r->connect_to);
	curl_slist_free_all(r->resolve);
	free(r);
}

struct route *
route_no_name(const char *host, const char *reason)
{
	struct route *r = route_new(ROUTE_NO_NAME);

	snprintf(r->why, sizeof(r->why),
	    "the name %.120s can't be resolved: %s", host, reason);
	return r;
}

/* ---- the check -------------------------------------------------------------
 */

static struct route *
blocked(const char *host, const char *address, const char *why)
{
	struct route *r = route_new(ROUTE_BLOCKED);

	if (strcmp(host, address) == 0)
		snprintf(r->why, sizeof(r->why), "%s", why);
	else
		snprintf(r->why, sizeof(r->why), "an address of %.60s, %s",
		    host, why);
	return r;
}

/* One address that is not allowed refuses them all: whoever answers for the
 * name chooses which comes first. */
static struct route *
check(const struct address_rules *rules, const char *host,
    const struct route_addresses *a)
{
	char why[ADDRESS_WHY_MAX];

	if (a->count == 0)
		return route_no_name(host, "it has no address");
	if (a->count > ROUTE_ADDRESSES_MAX)
		return route_no_name(host, "it has too many addresses");
	if (rules == NULL)
		return NULL;
	for (size_t i = 0; i < a->count; i++)
		if (!address_allowed(rules, a->text[i], why))
			return blocked(host, a->text[i], why);
	return NULL;
}

/* ---- the pin ---------------------------------------------------------------
 */

static void
add_entry(struct curl_slist **list, const char *entry)
{
	struct curl_slist *l = curl_slist_append(*list, entry);

	if (l == NULL)
		fatal(F_STR("msg", "libcurl has no memory"));
	*list = l;
}

static void
add_address(struct buf *b, const char *address)
{
	buf_addf(b, strchr(address, ':') != NULL ? "[%s]" : "%s", address);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* A name that nobody has, the same for the same addresses in any order. */
static void
name_them(const struct route_addresses *a, size_t count, char *out, size_t size)
{
	char sorted[ROUTE_TRIED_MAX][ADDRESS_TEXT_MAX];
	uint8_t sum[32];
	size_t n;

	memset(sorted, 0, sizeof(sorted));
	for (size_t i = 0; i < count; i++)
		snprintf(sorted[i], sizeof(sorted[i]), "%s", a->text[i]);
	qsort(sorted, count, sizeof(sorted[0]), by_text);
	crypto_sha256(sorted, sizeof(sorted), sum);
	n = (size_t)snprintf(out, size, "pin-");
	for (size_t i = 0; i < PIN_BYTES; i++)
		n += (size_t)snprintf(out + n, size - n, "%02x", sum[i]);
	snprintf(out + n, size - n, ".invalid");
}

static void
pin(struct route *r, int port, const struct route_addresses *a)
{
	size_t count = a->count < ROUTE_TRIED_MAX ? a->count : ROUTE_TRIED_MAX;
	struct buf b;

	buf_init(&b, ENTRY_MAX);
	if (count == 1) {
		add_address(&b, a->text[0]);
		snprintf(r->host, sizeof(r->host), "%s", b.data);
	} else {
		name_them(a, count, r->host, sizeof(r->host));
		/* "+": it may leave libcurl's cache again */
		buf_addf(&b, "+%s:%d:", r->host, port);
		for (size_t i = 0; i < count; i++) {
			buf_adds(&b, i > 0 ? "," : "");
			add_address(&b, a->text[i]);
		}
		add_entry(&r->resolve, b.data);
	}
	buf_reset(&b);
	buf_addf(&b, "::%s:%d", r->host, port);
	BUG_ON(buf_failed(&b));
	add_entry(&r->connect_to, b.data);
	buf_fini(&b);
}

struct route *
route_open(const struct address_rules *rules, const char *host, int port,
    const struct route_addresses *a)
{
	struct route *r = check(rules, host, a);

	if (r != NULL)
		return r;
	r = route_new(ROUTE_OPEN);
	pin(r, port, a);
	return r;
}
