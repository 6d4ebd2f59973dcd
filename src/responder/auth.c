#include "config.h"

#include "responder/auth.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

#define CREDENTIAL_MAX 4096

static const char *
skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

void
auth_cgi_name(const char *header, char *out, size_t size)
{
	int n = snprintf(out, size, "HTTP_%s", header);

	if (n < 0 || (size_t)n >= size)
		n = (int)size - 1;
	for (int i = 5; i < n; i++)
		out[i] =
		    out[i] == '-' ? '_' : (char)toupper((unsigned char)out[i]);
}

static bool
from_header(const struct fcgi_request *r, const char *name, struct buf *out)
{
	const char *v = fcgi_param(r, name);

	if (v == NULL)
		return false;
	buf_adds(out, v);
	return out->len != 0;
}

static bool
from_own_header(
    const struct fcgi_request *r, const struct integration *i, struct buf *out)
{
	char name[AUTH_CGI_NAME_MAX];

	auth_cgi_name(i != NULL ? i->token_header : INTEGRATION_TOKEN_HEADER,
	    name, sizeof(name));
	return from_header(r, name, out);
}

static bool
from_basic(const char *encoded, struct buf *out)
{
	struct buf pair;
	const char *colon;

	buf_init(&pair, CREDENTIAL_MAX);
	if (crypto_base64_decode(encoded, strlen(encoded), &pair)) {
		colon = memchr(pair.data, ':', pair.len);
		if (colon != NULL)
			buf_add(out, colon + 1,
			    pair.len - (size_t)(colon + 1 - pair.data));
	}
	mem_wipe(pair.data, pair.cap);
	buf_fini(&pair);
	return out->len != 0;
}

static bool
from_authorization(const struct fcgi_request *r, struct buf *out)
{
	const char *v = fcgi_param(r, "HTTP_AUTHORIZATION");

	if (v == NULL)
		return false;
	if (strncasecmp(v, "Bearer ", 7) == 0) {
		buf_adds(out, skip_blanks(v + 7));
		return out->len != 0;
	}
	if (strncasecmp(v, "Basic ", 6) == 0)
		return from_basic(skip_blanks(v + 6), out);
	return false;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
add_decoded(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '%' && i + 2 < n && hex(s[i + 1]) >= 0 &&
		    hex(s[i + 2]) >= 0) {
			buf_addc(
			    out, (char)(hex(s[i + 1]) << 4 | hex(s[i + 2])));
			i += 2;
		} else {
			buf_addc(out, s[i] == '+' ? ' ' : s[i]);
		}
	}
}

static bool
from_query(const char *query, struct buf *out)
{
	static const char *const names[] = {"token=", "access_token="};
	const char *p = query;

	while (*p != '\0') {
		size_t n = strcspn(p, "&");

		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			size_t len = strlen(names[k]);

			if (n > len && strncmp(p, names[k], len) == 0) {
				add_decoded(out, p + len, n - len);
				return out->len != 0;
			}
		}
		p += n;
		p += *p == '&';
	}
	return false;
}

bool
auth_query_token_unwanted(const char *query, const struct integration *i)
{
	struct buf token;
	bool found;

	if (i->allow_query_token)
		return false;
	buf_init(&token, CREDENTIAL_MAX);
	found = from_query(query, &token);
	mem_wipe(token.data, token.cap);
	buf_fini(&token);
	return found;
}

static bool
find(const struct fcgi_request *r, const char *query,
    const struct integration *i, struct buf *out)
{
	return from_own_header(r, i, out) || from_authorization(r, out) ||
	       from_header(r, "HTTP_X_GITLAB_TOKEN", out) ||
	       (i != NULL && i->allow_query_token && from_query(query, out));
}

/* The index in the ring of the key that made a token's MAC; the current key
 * where that one is gone (its MAC will not match). */
static size_t
key_index(const struct keyring *keys, const char *id)
{
	for (size_t k = 0; k < keyring_count(keys); k++)
		if (strcmp(keyring_id(keys, k), id) == 0)
			return k;
	return 0;
}

/* Always as many MACs and comparisons as there may be tokens. */
static bool
token_matches(const struct keyring *keys, const struct integration *i,
    const struct buf *token)
{
	static const struct integration_token nobodys;
	int64_t now_us = clock_wall_us();
	bool found = false;

	for (size_t k = 0; k < INTEGRATION_TOKENS_MAX; k++) {
		bool live = i != NULL && k < i->token_count;
		const struct integration_token *t =
		    live ? &i->tokens[k] : &nobodys;
		uint8_t mac[CRYPTO_MAC_LEN];

		keyring_mac(keys, key_index(keys, t->key_id), token->data,
		    token->len, mac);
		if (crypto_equal(mac, t->mac, sizeof(mac)) && live &&
		    t->expires_us > now_us)
			found = true;
	}
	return found;
}

enum err
auth_refuse(struct errinfo *ei)
{
	return err_set(ei, ERR_UNAUTHORIZED,
	    "no credential of this endpoint: send its platform token as "
	    "X-Platform-Token, as a Bearer token or as the Basic password, or "
	    "sign the request where it has a signing secret");
}

enum err
auth_check(const struct fcgi_request *r, const char *query,
    const struct keyring *keys, const struct integration *i, struct errinfo *ei)
{
	struct buf token;
	bool ok;

	buf_init(&token, CREDENTIAL_MAX);
	ok = find(r, query, i, &token);
	ok = token_matches(keys, i, &token) && ok && !buf_failed(&token);
	mem_wipe(token.data, token.cap);
	buf_fini(&token);
	if (ok)
		return ERR_OK;
	return auth_refuse(ei);
}

bool
auth_present(const struct fcgi_request *r, const char *query,
    const struct integration *i)
{
	struct buf token;
	bool present;

	buf_init(&token, CREDENTIAL_MAX);
	present = find(r, query, i, &token);
	mem_wipe(token.data, token.cap);
	buf_fini(&token);
	return present;
}

bool
auth_keeps_header(const char *name, const struct integration *i)
{
	static const char *const parts[] = {"AUTHORIZATION", "COOKIE", "TOKEN",
	    "SECRET", "SIGNATURE", "PASSWORD", "API_KEY", "APIKEY"};
	char own[AUTH_CGI_NAME_MAX];

	auth_cgi_name(i->token_header, own, sizeof(own));
	if (strcmp(name, own) == 0)
		return false;
	auth_cgi_name(i->signature_header, own, sizeof(own));
	if (strcmp(name, own) == 0)
		return false;
	for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
		if (strstr(name, parts[k]) != NULL)
			return false;
	return true;
}
