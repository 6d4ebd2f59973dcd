#include "config.h"

#include "domain/signature.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/mem.h"

#define SECRET_MIN 16
#define SECRET_MAX 256
#define BASE64_LEN 44 /* of a MAC */
#define VALUE_MAX 4096

/* ---- one signature as bytes ------------------------------------------------
 */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
from_hex(const char *s, size_t n, uint8_t mac[CRYPTO_MAC_LEN])
{
	if (n != 2 * CRYPTO_MAC_LEN)
		return false;
	for (size_t i = 0; i < CRYPTO_MAC_LEN; i++) {
		int high = hex(s[2 * i]), low = hex(s[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		mac[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool
from_base64(const char *s, size_t n, uint8_t mac[CRYPTO_MAC_LEN])
{
	struct buf b;
	bool ok;

	if (n != BASE64_LEN)
		return false;
	buf_init(&b, CRYPTO_MAC_LEN);
	ok = crypto_base64_decode(s, n, &b) && !buf_failed(&b) &&
	     b.len == CRYPTO_MAC_LEN;
	if (ok)
		memcpy(mac, b.data, CRYPTO_MAC_LEN);
	buf_fini(&b);
	return ok;
}

/* Bytes before the signature itself: of "sha256=", "v1=", or 0.  The "=" at
 * base64's end is followed by nothing, or by another "=". */
static size_t
name_len(const char *s, size_t n)
{
	const char *eq = memchr(s, '=', n);
	size_t len;

	if (eq == NULL)
		return 0;
	len = (size_t)(eq - s) + 1;
	return len < n && s[len] != '=' ? len : 0;
}

static bool
decode(const char *s, size_t n, bool standard, uint8_t mac[CRYPTO_MAC_LEN])
{
	size_t skip;

	if (standard)
		return n > 3 && memcmp(s, "v1,", 3) == 0 &&
		       from_base64(s + 3, n - 3, mac);
	skip = name_len(s, n);
	return from_hex(s + skip, n - skip, mac) ||
	       from_base64(s + skip, n - skip, mac);
}

/* ---- what it should be -----------------------------------------------------
 */

static void
standard_mac(const struct signature *s, const char *secret, const void *body,
    size_t n, uint8_t mac[CRYPTO_MAC_LEN])
{
	size_t prefix = strlen(SIGNATURE_PREFIX);
	struct buf key, text;

	buf_init(&key, SECRET_MAX);
	buf_init(&text, n + 2 * VALUE_MAX + 2);
	if (strncmp(secret, SIGNATURE_PREFIX, prefix) != 0 ||
	    !crypto_base64_decode(
		secret + prefix, strlen(secret + prefix), &key)) {
		buf_reset(&key);
		buf_adds(&key, secret);
	}
	buf_addf(&text, "%s.%s.", s->id, s->timestamp);
	buf_add(&text, body, n);
	crypto_hmac_sha256(key.data, key.len, text.data, text.len, mac);
	mem_wipe(key.data, key.cap);
	buf_fini(&text);
	buf_fini(&key);
}

static void
expected(const struct signature *s, const char *secret, const void *body,
    size_t n, uint8_t mac[CRYPTO_MAC_LEN])
{
	if (s->standard)
		standard_mac(s, secret, body, n, mac);
	else
		crypto_hmac_sha256(secret, strlen(secret), body, n, mac);
}

/* ---- checks ----------------------------------------------------------------
 */

static enum err
check_timestamp(const char *text, int64_t now_s, struct errinfo *ei)
{
	int64_t t = 0;
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if (text[i] < '0' || text[i] > '9' || n > 12)
			return err_set(ei, ERR_UNAUTHORIZED,
			    "webhook-timestamp is not in whole seconds since "
			    "1970");
		else
			t = 10 * t + (text[i] - '0');
	if (llabs(t - now_s) > SIGNATURE_TOLERANCE_S)
		return err_set(ei, ERR_UNAUTHORIZED,
		    "webhook-timestamp is %lld s away from now; at most %d s "
		    "are allowed (is a clock wrong?)",
		    llabs(t - now_s), SIGNATURE_TOLERANCE_S);
	return ERR_OK;
}

static enum err
check_standard(const struct signature *s, int64_t now_s, struct errinfo *ei)
{
	if (s->id == NULL || *s->id == '\0' || strlen(s->id) > VALUE_MAX)
		return err_set(ei, ERR_UNAUTHORIZED,
		    "webhook-signature came without webhook-id");
	if (s->timestamp == NULL || *s->timestamp == '\0')
		return err_set(ei, ERR_UNAUTHORIZED,
		    "webhook-signature came without webhook-timestamp");
	return check_timestamp(s->timestamp, now_s, ei);
}

/* Every signature against one MAC. */
static bool
any_matches(const struct signature *s, const uint8_t want[CRYPTO_MAC_LEN])
{
	const char *separators = s->standard ? " " : ", ";
	const char *p = s->value;
	bool found = false;

	for (size_t k = 0; *p != '\0' && k < SIGNATURE_EACH_MAX; k++) {
		uint8_t mac[CRYPTO_MAC_LEN];
		size_t n;

		p += strspn(p, separators);
		n = strcspn(p, separators);
		if (decode(p, n, s->standard, mac) &&
		    crypto_equal(mac, want, CRYPTO_MAC_LEN))
			found = true;
		p += n;
	}
	return found;
}

enum err
signature_check(const struct signature *s, const char *const *secrets,
    size_t count, const void *body, size_t n, int64_t now_s, struct errinfo *ei)
{
	bool found = false;
	enum err e = ERR_OK;

	if (s->standard)
		e = check_standard(s, now_s, ei);
	if (e != ERR_OK)
		return e;
	for (size_t k = 0; k < count; k++) {
		uint8_t mac[CRYPTO_MAC_LEN];

		if (secrets[k] == NULL)
			continue;
		expected(s, secrets[k], body, n, mac);
		if (any_matches(s, mac))
			found = true;
	}
	if (found)
		return ERR_OK;
	return err_set(ei, ERR_UNAUTHORIZED,
	    "the signature does not match the body and this endpoint's "
	    "signing secret");
}

enum err
signature_check_secret(const char *secret, struct errinfo *ei)
{
	size_t n = strlen(secret), prefix = strlen(SIGNATURE_PREFIX);
	struct buf key;
	bool ok;

	for (const char *p = secret; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			return err_set(ei, ERR_UNPROCESSABLE,
			    "a signing secret is made of printable ASCII "
			    "characters");
	if (*secret == ' ' || (n > 0 && secret[n - 1] == ' '))
		return err_set(ei, ERR_UNPROCESSABLE,
		    "the signing secret begins or ends with a blank; leave it "
		    "out");
	if (n < SECRET_MIN || n > SECRET_MAX)
		return err_set(ei, ERR_UNPROCESSABLE,
		    "the signing secret has %zu characters; %d to %d are "
		    "allowed",
		    n, SECRET_MIN, SECRET_MAX);
	if (strncmp(secret, SIGNATURE_PREFIX, prefix) != 0)
		return ERR_OK;
	buf_init(&key, SECRET_MAX);
	ok = crypto_base64_decode(secret + prefix, n - prefix, &key);
	mem_wipe(key.data, key.cap);
	buf_fini(&key);
	if (!ok)
		return err_set(
		    ei, ERR_UNPROCESSABLE, "what follows whsec_ is not base64");
	return ERR_OK;
}
