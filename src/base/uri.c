#include "config.h"

#include "base/uri.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/log.h"
#include "base/mem.h"

#define HOST_MAX 253 /* RFC 1035 in text */
#define FAIL(ei, ...) err_set((ei), ERR_UNPROCESSABLE, __VA_ARGS__)

/* What curl would let pass, or take for something else. */
static enum err
check_text(const char *s, struct errinfo *ei)
{
	const char *rest;

	if (strlen(s) > URI_MAX)
		return FAIL(ei, "a URL has at most %d characters", URI_MAX);
	for (const char *p = s; *p != '\0'; p++)
		if ((uint8_t)*p <= 0x20 || (uint8_t)*p >= 0x7f)
			return FAIL(ei,
			    "a URL has no blanks, control characters or "
			    "letters beyond ASCII; write them "
			    "percent-encoded");
	if (strncasecmp(s, "http://", 7) == 0)
		rest = s + 7;
	else if (strncasecmp(s, "https://", 8) == 0)
		rest = s + 8;
	else
		return FAIL(ei, "a URL begins with http:// or https://");
	if (*rest == '/' || *rest == '\0')
		return FAIL(ei, "the URL has no host");
	if (strchr(rest, '#') != NULL)
		return FAIL(
		    ei, "a fragment (#...) is never sent; leave it out");
	return ERR_OK;
}

/* A part of the URL as a string of ours, or NULL if it has none. */
static char *
part_as(CURLU *h, CURLUPart what, unsigned flags)
{
	char *text = NULL, *copy;
	CURLUcode rc = curl_url_get(h, what, &text, flags);

	if (rc == CURLUE_OUT_OF_MEMORY)
		fatal(F_STR("msg", "out of memory"));
	copy = rc == CURLUE_OK ? mem_strdup(text) : NULL;
	curl_free(text);
	return copy;
}

static char *
part(CURLU *h, CURLUPart what)
{
	return part_as(h, what, CURLU_DEFAULT_PORT);
}

static bool
has(CURLU *h, CURLUPart what)
{
	char *text = part(h, what);
	bool there = text != NULL;

	mem_free_secret(text);
	return there;
}

static void
lower(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

static void
strip_brackets(char *host)
{
	size_t len = strlen(host);

	if (len < 2 || host[0] != '[' || host[len - 1] != ']')
		return;
	memmove(host, host + 1, len - 2);
	host[len - 2] = '\0';
}

/* A host that was percent-encoded may hold any bytes, and may be another one
 * when it is read again: %31.2.3 is 1.2.3, and that is 1.2.0.3. */
static bool
reads_the_same(const char *origin, const char *host)
{
	CURLU *h;
	char *again = NULL;
	bool same;

	if (check_text(origin, NULL) != ERR_OK)
		return false;
	h = curl_url();
	if (h == NULL)
		fatal(F_STR("msg", "out of memory"));
	if (curl_url_set(h, CURLUPART_URL, origin, 0) == CURLUE_OK)
		again = part(h, CURLUPART_HOST);
	same = again != NULL && strcmp(again, host) == 0;
	free(again);
	curl_url_cleanup(h);
	return same;
}

static enum err
take_parts(CURLU *h, struct uri *out, struct errinfo *ei)
{
	char *port;
	size_t room;

	if (has(h, CURLUPART_USER) || has(h, CURLUPART_PASSWORD))
		return FAIL(ei,
		    "a URL has no user or password; send credentials in a "
		    "header");
	if (has(h, CURLUPART_ZONEID))
		return FAIL(ei, "the address must not name an interface");
	out->scheme = part(h, CURLUPART_SCHEME);
	out->host = part(h, CURLUPART_HOST);
	port = part(h, CURLUPART_PORT);
	/* curl has checked that it is a number from 0 to 65535 */
	out->port = port != NULL ? (int)strtol(port, NULL, 10) : 0;
	free(port);
	if (out->scheme == NULL || out->host == NULL || *out->host == '\0')
		return FAIL(ei, "the URL has no host");
	if (strlen(out->host) > HOST_MAX)
		return FAIL(ei, "a host has at most %d characters", HOST_MAX);
	if (out->port < 1)
		return FAIL(ei, "the port must be from 1 to 65535");
	lower(out->host);
	room = strlen(out->scheme) + strlen(out->host) + sizeof("://:65535");
	out->origin = mem_alloc(room);
	snprintf(
	    out->origin, room, "%s://%s:%d", out->scheme, out->host, out->port);
	if (!reads_the_same(out->origin, out->host))
		return FAIL(ei, "write the host without percent-encoding");
	strip_brackets(out->host);
	return ERR_OK;
}

enum err
uri_parse(const char *s, struct uri *out, struct errinfo *ei)
{
	CURLU *h;
	CURLUcode rc;
	enum err e;

	*out = (struct uri){0};
	e = check_text(s, ei);
	if (e != ERR_OK)
		return e;
	h = curl_url();
	if (h == NULL)
		fatal(F_STR("msg", "out of memory"));
	rc = curl_url_set(h, CURLUPART_URL, s, 0);
	if (rc == CURLUE_OUT_OF_MEMORY)
		fatal(F_STR("msg", "out of memory"));
	if (rc == CURLUE_OK)
		e = take_parts(h, out, ei);
	else
		e = FAIL(ei, "not a URL: %s", curl_url_strerror(rc));
	curl_url_cleanup(h);
	if (e != ERR_OK)
		uri_fini(out);
	return e;
}

void
uri_fini(struct uri *u)
{
	if (u == NULL)
		return;
	free(u->scheme);
	free(u->host);
	free(u->origin);
	*u = (struct uri){0};
}

/* ---- credentials -----------------------------------------------------------
 */

/* A part, percent-decoded; "" if there is none, NULL if it holds controls. */
static char *
decoded(CURLU *h, CURLUPart what)
{
	char *text = NULL, *copy = NULL;
	CURLUcode rc = curl_url_get(h, what, &text, CURLU_URLDECODE);

	if (rc == CURLUE_OUT_OF_MEMORY)
		fatal(F_STR("msg", "out of memory"));
	if (rc == CURLUE_OK)
		copy = mem_strdup(text);
	else if (rc == CURLUE_NO_USER || rc == CURLUE_NO_PASSWORD)
		copy = mem_strdup("");
	curl_free(text);
	return copy;
}

static enum err
take_userinfo(CURLU *h, char **userinfo, struct errinfo *ei)
{
	char *user = decoded(h, CURLUPART_USER);
	char *password = decoded(h, CURLUPART_PASSWORD);
	enum err e = ERR_OK;
	size_t room;

	if (user == NULL || password == NULL)
		e = FAIL(
		    ei, "user and password must not hold control characters");
	else if (strchr(user, ':') != NULL)
		e = FAIL(ei, "a user's name must not hold a colon");
	if (e == ERR_OK && (*user != '\0' || *password != '\0')) {
		room = strlen(user) + strlen(password) + 2;
		*userinfo = mem_alloc(room);
		snprintf(*userinfo, room, "%s:%s", user, password);
	}
	mem_free_secret(user);
	mem_free_secret(password);
	return e;
}

static enum err
split(CURLU *h, const char *s, char **bare, char **userinfo, struct errinfo *ei)
{
	CURLUcode rc = curl_url_set(h, CURLUPART_URL, s, CURLU_PATH_AS_IS);
	enum err e;

	if (rc == CURLUE_OUT_OF_MEMORY)
		fatal(F_STR("msg", "out of memory"));
	if (rc != CURLUE_OK)
		return FAIL(ei, "not a URL: %s", curl_url_strerror(rc));
	if (!has(h, CURLUPART_USER) && !has(h, CURLUPART_PASSWORD)) {
		*bare = mem_strdup(s);
		return ERR_OK;
	}
	e = take_userinfo(h, userinfo, ei);
	if (e != ERR_OK)
		return e;
	if (curl_url_set(h, CURLUPART_USER, NULL, 0) != CURLUE_OK ||
	    curl_url_set(h, CURLUPART_PASSWORD, NULL, 0) != CURLUE_OK)
		fatal(F_STR("msg", "libcurl keeps a URL's user"));
	*bare = part_as(h, CURLUPART_URL, 0);
	return ERR_OK;
}

enum err
uri_split_userinfo(
    const char *s, char **bare, char **userinfo, struct errinfo *ei)
{
	CURLU *h;
	enum err e;

	*bare = NULL;
	*userinfo = NULL;
	e = check_text(s, ei);
	if (e != ERR_OK)
		return e;
	h = curl_url();
	if (h == NULL)
		fatal(F_STR("msg", "out of memory"));
	e = split(h, s, bare, userinfo, ei);
	curl_url_cleanup(h);
	return e;
}
