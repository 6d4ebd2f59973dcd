#include "config.h"

#include "base/crypto.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

/* libcrypto finds an algorithm by its name, which is slow: once is enough. */
static struct {
	pthread_once_t once;
	EVP_MD *sha256;
	EVP_MAC *hmac;
	EVP_KDF *hkdf;
} algs = {.once = PTHREAD_ONCE_INIT};

/* libcrypto fails only without memory or without its algorithms. */
static void
must(bool ok)
{
	if (!ok)
		fatal(F_STR("msg", "libcrypto failed"));
}

static void
fetch_algs(void)
{
	algs.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	algs.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	algs.hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	must(algs.sha256 != NULL && algs.hmac != NULL && algs.hkdf != NULL);
}

static void
need_algs(void)
{
	BUG_ON(pthread_once(&algs.once, fetch_algs) != 0);
}

/* libcrypto's parameters are not const, though it only reads them. */
static char sha256_name[] = "SHA256";

/* ---- hashes, random bytes ----------------------------------------------- */

struct crypto_hmac {
	EVP_MAC_CTX *keyed; /* never fed, only copied */
};

struct crypto_hmac *
crypto_hmac_new(const void *key, size_t len)
{
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(
				   OSSL_MAC_PARAM_DIGEST, sha256_name, 0),
	    OSSL_PARAM_construct_end()};
	struct crypto_hmac *h = mem_alloc(sizeof(*h));

	need_algs();
	h->keyed = EVP_MAC_CTX_new(algs.hmac);
	/* for libcrypto a NULL key is "none given" */
	must(h->keyed != NULL &&
	     EVP_MAC_init(h->keyed, len != 0 ? key : "", len, params) == 1);
	return h;
}

void
crypto_hmac_free(struct crypto_hmac *h)
{
	if (h == NULL)
		return;
	EVP_MAC_CTX_free(h->keyed);
	free(h);
}

void
crypto_hmac_sum(const struct crypto_hmac *h, const void *data, size_t n,
    uint8_t out[CRYPTO_MAC_LEN])
{
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(h->keyed);
	size_t len = 0;

	must(ctx != NULL && EVP_MAC_update(ctx, data, n) == 1 &&
	     EVP_MAC_final(ctx, out, &len, CRYPTO_MAC_LEN) == 1 &&
	     len == CRYPTO_MAC_LEN);
	EVP_MAC_CTX_free(ctx);
}

void
crypto_hmac_sha256(const void *key, size_t key_len, const void *data, size_t n,
    uint8_t out[CRYPTO_MAC_LEN])
{
	struct crypto_hmac *h = crypto_hmac_new(key, key_len);

	crypto_hmac_sum(h, data, n, out);
	crypto_hmac_free(h);
}

void
crypto_hkdf_sha256(
    const void *key, size_t key_len, const char *purpose, void *out, size_t n)
{
	void *secret = mem_dup(key, key_len);
	char *info = mem_strdup(purpose);
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(
				   OSSL_KDF_PARAM_DIGEST, sha256_name, 0),
	    OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_KEY, secret, key_len),
	    OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_INFO, info, strlen(info)),
	    OSSL_PARAM_construct_end()};
	EVP_KDF_CTX *ctx;

	need_algs();
	ctx = EVP_KDF_CTX_new(algs.hkdf);
	must(ctx != NULL && EVP_KDF_derive(ctx, out, n, params) == 1);
	EVP_KDF_CTX_free(ctx);
	free(info);
	mem_wipe(secret, key_len);
	free(secret);
}

void
crypto_sha256(const void *data, size_t n, uint8_t out[32])
{
	need_algs();
	must(EVP_Digest(data, n, out, NULL, algs.sha256, NULL) == 1);
}

bool
crypto_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

void
crypto_random(void *out, size_t n)
{
	BUG_ON(n > INT_MAX);
	must(RAND_bytes(out, (int)n) == 1);
}

void
crypto_random_base32(char *out, size_t n)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

	crypto_random(out, n);
	for (size_t i = 0; i < n; i++)
		out[i] = letters[(uint8_t)out[i] & 31];
	out[n] = '\0';
}

/* ---- base64 -------------------------------------------------------------- */

void
crypto_base64(const void *data, size_t n, struct buf *out)
{
	size_t len;
	char *room;

	BUG_ON(n > INT_MAX / 2);
	len = (n + 2) / 3 * 4;
	room = buf_room(out, len);
	if (room == NULL)
		return;
	/* the NUL it adds has its place in the buffer */
	EVP_EncodeBlock((uint8_t *)room, data, (int)n);
	buf_grew(out, len);
}

static int
sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Bytes that n characters of base64 stand for; n is not 0. */
static size_t
decoded_length(const char *s, size_t n)
{
	return n / 4 * 3 - (s[n - 1] == '=') - (s[n - 2] == '=');
}

/* out has room for decoded_length(). */
static bool
decode(const char *s, size_t n, uint8_t *out)
{
	size_t letters = n - (s[n - 1] == '=') - (s[n - 2] == '=');
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < letters; i++) {
		int v = sextet(s[i]);

		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			*out++ = (uint8_t)(bits >> have);
		}
	}
	/* bits that stand for nothing must be 0: one text for one value */
	return (bits & ((1u << have) - 1)) == 0;
}

bool
crypto_base64_decode(const char *s, size_t n, struct buf *out)
{
	size_t len;
	char *room;

	if (n == 0)
		return true;
	if (n % 4 != 0 || (s[n - 2] == '=' && s[n - 1] != '='))
		return false;
	len = decoded_length(s, n);
	room = buf_room(out, len);
	if (room == NULL || !decode(s, n, (uint8_t *)room))
		return false;
	buf_grew(out, len);
	return true;
}
