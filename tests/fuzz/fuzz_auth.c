/*
 * Of the credentials in a request the first present decides: nothing but the
 * token, as it is or as base64 or percent-encoded, opens an endpoint, and
 * nothing opens one that is not there.
 *
 * The input is lines NAME=value of CGI parameters; QUERY_STRING is the query
 * too.
 */
#include "config.h"

#include <unistd.h>

#include "base/mem.h"
#include "responder/auth.h"

#include "request.h"

#define TOKEN "fuzz-token-0123456789"

static struct keyring *keys;
static struct integration *closed, *open_query;

static struct integration *
make(bool allow_query)
{
	struct integration *i = integration_new();

	i->id = 1;
	i->enabled = true;
	i->allow_query_token = allow_query;
	i->token_count = 1;
	i->tokens[0].expires_us = INT64_MAX;
	snprintf(i->tokens[0].key_id, sizeof(i->tokens[0].key_id), "%s",
	    keyring_id(keys, 0));
	keyring_mac(keys, 0, TOKEN, strlen(TOKEN), i->tokens[0].mac);
	return i;
}

static void
set_up(void)
{
	char dir[] = "/tmp/ewa-fuzz-XXXXXX", path[64];

	if (keys != NULL)
		return;
	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/keys", dir);
	CHECK(keyring_create(path, NULL) == ERR_OK);
	CHECK(keyring_load(path, &keys, NULL) == ERR_OK);
	unlink(path);
	rmdir(dir);
	closed = make(false);
	open_query = make(true);
}

/* Who would let this in?  Written apart from auth.c, and simpler: present
 * and empty is passed over, anything else decides. */
static bool
header_decides(const struct fcgi_request *r, bool *right)
{
	const char *own = fcgi_param(r, "HTTP_X_PLATFORM_TOKEN");
	const char *a = fcgi_param(r, "HTTP_AUTHORIZATION");

	if (own != NULL && *own != '\0') {
		*right = strcmp(own, TOKEN) == 0;
		return true;
	}
	if (a != NULL && strncasecmp(a, "Bearer ", 7) == 0 &&
	    a[7 + strspn(a + 7, " \t")] != '\0') {
		*right = strcmp(a + 7 + strspn(a + 7, " \t"), TOKEN) == 0;
		return true;
	}
	return false;
}

static void
check(const struct fcgi_request *r, const char *query,
    const struct integration *i)
{
	struct errinfo ei = {.detail = ""};
	enum err e = auth_check(r, query, keys, i, &ei);
	bool right = false;

	CHECK(e == ERR_OK || e == ERR_UNAUTHORIZED);
	if (e == ERR_OK) {
		CHECK(auth_present(r, query, i));
	} else {
		CHECK(*ei.detail != '\0');
		CHECK(strstr(ei.detail, TOKEN) == NULL);
	}
	if (header_decides(r, &right))
		CHECK(right == (e == ERR_OK));
	/* what is not there, or at most base64 or percents, is not it */
	if (e == ERR_OK && fcgi_param(r, "HTTP_AUTHORIZATION") == NULL &&
	    (i == closed || *query == '\0'))
		CHECK(fcgi_param(r, "HTTP_X_PLATFORM_TOKEN") != NULL ||
		      fcgi_param(r, "HTTP_X_GITLAB_TOKEN") != NULL);
	CHECK(auth_check(r, query, keys, NULL, NULL) == ERR_UNAUTHORIZED);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fcgi_request r;
	const char *query;

	set_up();
	request_init(&r, data, size);
	query = fcgi_param(&r, "QUERY_STRING");
	check(&r, query != NULL ? query : "", closed);
	check(&r, query != NULL ? query : "", open_query);
	for (size_t k = 0; k < r.count; k++)
		if (strncmp(r.params[k], "HTTP_", 5) == 0)
			auth_keeps_header(r.params[k], closed);
	request_fini(&r);
	return 0;
}
