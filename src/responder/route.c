#include "config.h"

#include "responder/route.h"

#include <stdbool.h>
#include <string.h>

#define HOOKS "/hooks/"
#define API "/api/"
#define EVENTS "/events/"

static bool
is(const char *path, size_t n, const char *what)
{
	return n == strlen(what) && memcmp(path, what, n) == 0;
}

/* And is longer. */
static bool
begins(const char *path, size_t n, const char *with)
{
	return n > strlen(with) && memcmp(path, with, strlen(with)) == 0;
}

/* The path of "http://host/path". */
static const char *
skip_authority(const char *uri)
{
	const char *p;

	if (strncmp(uri, "http://", 7) != 0 && strncmp(uri, "https://", 8) != 0)
		return uri;
	p = strchr(strstr(uri, "://") + 3, '/');
	return p != NULL ? p : "/";
}

/* p is behind "/hooks/{key}", n bytes of path are left. */
static void
parse_rest(const char *p, size_t n, struct route *out)
{
	char id[UUID_TEXT_LEN + 1];

	if (n == 0 || is(p, n, "/")) {
		out->kind = ROUTE_HOOK;
		return;
	}
	if (n != strlen(EVENTS) + UUID_TEXT_LEN ||
	    memcmp(p, EVENTS, strlen(EVENTS)) != 0)
		return;
	memcpy(id, p + strlen(EVENTS), UUID_TEXT_LEN);
	id[UUID_TEXT_LEN] = '\0';
	if (uuid_parse(id, &out->event_id))
		out->kind = ROUTE_EVENT;
}

void
route_parse(const char *request_uri, struct route *out)
{
	const char *p, *query;
	size_t n, key_len;

	*out = (struct route){.kind = ROUTE_NONE, .query = ""};
	if (request_uri == NULL)
		return;
	p = skip_authority(request_uri);
	query = strchr(p, '?');
	n = query != NULL ? (size_t)(query - p) : strlen(p);
	if (query != NULL)
		out->query = query + 1;
	if (is(p, n, "/healthz")) {
		out->kind = ROUTE_HEALTH;
	} else if (is(p, n, "/readyz")) {
		out->kind = ROUTE_READY;
	} else if (begins(p, n, API)) {
		out->kind = ROUTE_API;
	} else if (begins(p, n, HOOKS)) {
		p += strlen(HOOKS);
		n -= strlen(HOOKS);
		key_len = strcspn(p, "/?");
		/* a key of another length is an unknown key: "" */
		if (key_len == INTEGRATION_KEY_LEN)
			memcpy(out->key, p, key_len);
		if (key_len != 0 && memchr(p, '%', key_len) == NULL &&
		    !is(p, key_len, ".") && !is(p, key_len, ".."))
			parse_rest(p + key_len, n - key_len, out);
	}
}
