/*
 * What uri_parse takes is http or https with a host and a port, and its
 * origin is a URL of the same parts.
 */
#include "config.h"

#include <string.h>

#include "base/uri.h"

#include "fuzz.h"

static void
check_parts(const struct uri *u)
{
	CHECK(
	    strcmp(u->scheme, "http") == 0 || strcmp(u->scheme, "https") == 0);
	CHECK(*u->host != '\0');
	CHECK(
	    u->host[strcspn(u->host, "/?#@[] \\ABCDEFGHIJKLMNOPQRSTUVWXYZ")] ==
	    '\0');
	CHECK(u->port >= 1 && u->port <= 65535);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct errinfo ei = {.detail = ""};
	char *s = malloc(size + 1);
	struct uri u, origin;

	CHECK(s != NULL);
	memcpy(s, data, size);
	s[size] = '\0';
	if (uri_parse(s, &u, &ei) == ERR_OK) {
		CHECK(strlen(s) <= URI_MAX);
		check_parts(&u);
		CHECK(uri_parse(u.origin, &origin, NULL) == ERR_OK);
		CHECK(strcmp(u.scheme, origin.scheme) == 0);
		CHECK(strcmp(u.host, origin.host) == 0);
		CHECK(u.port == origin.port);
		CHECK(strcmp(u.origin, origin.origin) == 0);
		uri_fini(&origin);
	} else {
		CHECK(u.scheme == NULL && u.host == NULL && u.origin == NULL);
		CHECK(*ei.detail != '\0');
	}
	uri_fini(&u);
	free(s);
	return 0;
}
