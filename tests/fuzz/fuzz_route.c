/*
 * A route is taken exactly: what route_parse says it found can be written
 * down again as the path that was asked for.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "responder/route.h"

#include "fuzz.h"

static const char *
without_authority(const char *uri)
{
	const char *p = strstr(uri, "://");

	if (strncmp(uri, "http", 4) != 0 || p == NULL ||
	    (p != uri + 4 && (p != uri + 5 || uri[4] != 's')))
		return uri;
	p = strchr(p + 3, '/');
	return p != NULL ? p : "/";
}

/* The path (of the first n bytes) is this one, with its key. */
static bool
is_hook(const struct route *r, const char *path, size_t n, const char *rest)
{
	size_t rest_len = strlen(rest), key_len;

	if (n < 7 + rest_len || memcmp(path, "/hooks/", 7) != 0 ||
	    memcmp(path + n - rest_len, rest, rest_len) != 0)
		return false;
	key_len = n - 7 - rest_len;
	if (key_len == 0 || memchr(path + 7, '/', key_len) != NULL ||
	    memchr(path + 7, '%', key_len) != NULL)
		return false;
	if (*r->key == '\0')
		return key_len != INTEGRATION_KEY_LEN || path[7] == '\0';
	return key_len == INTEGRATION_KEY_LEN &&
	       memcmp(path + 7, r->key, key_len) == 0;
}

static bool
is_event(const struct route *r, const char *path, size_t n)
{
	char rest[8 + UUID_TEXT_LEN + 1] = "/events/";

	if (n < 8 + UUID_TEXT_LEN)
		return false;
	memcpy(rest + 8, path + n - UUID_TEXT_LEN, UUID_TEXT_LEN);
	return is_hook(r, path, n, rest);
}

static void
check(const struct route *r, const char *path, size_t n)
{
	char id[UUID_TEXT_LEN + 1];

	switch (r->kind) {
	case ROUTE_HOOK:
		CHECK(is_hook(r, path, n, "") || is_hook(r, path, n, "/"));
		break;
	case ROUTE_EVENT:
		CHECK(is_event(r, path, n));
		uuid_format(&r->event_id, id);
		CHECK(strncasecmp(
			  id, path + n - UUID_TEXT_LEN, UUID_TEXT_LEN) == 0);
		break;
	case ROUTE_HEALTH:
		CHECK(n == 8 && memcmp(path, "/healthz", n) == 0);
		break;
	case ROUTE_READY:
		CHECK(n == 7 && memcmp(path, "/readyz", n) == 0);
		break;
	case ROUTE_API:
		CHECK(n >= 5 && memcmp(path, "/api/", 5) == 0);
		break;
	case ROUTE_NONE:
	default:
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *uri = malloc(size + 1);
	const char *path, *query;
	struct route r;

	CHECK(uri != NULL);
	memcpy(uri, data, size);
	uri[size] = '\0';
	route_parse(uri, &r);
	path = without_authority(uri);
	query = strchr(path, '?');
	check(&r, path, query != NULL ? (size_t)(query - path) : strlen(path));
	CHECK(strlen(r.key) <= INTEGRATION_KEY_LEN);
	CHECK(strcmp(r.query, query != NULL ? query + 1 : "") == 0);
	free(uri);
	return 0;
}
