/* What the product needs of libcrypto.  Where libcrypto itself fails (no
 * memory, an algorithm that is not there) the process ends. */
#ifndef EWA_BASE_CRYPTO_H
#define EWA_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define CRYPTO_MAC_LEN 32
#define CRYPTO_KEY_ID_MAX 16
#define CRYPTO_KEYS_MAX 16
#define CRYPTO_SEALED_OVERHEAD 64 /* most bytes sealing adds */

void crypto_hmac_sha256(const void *key, size_t key_len, const void *data,
    size_t n, uint8_t out[CRYPTO_MAC_LEN]);

/* An HMAC-SHA-256 that has taken its key, for many sums; threads may share
 * it. */
struct crypto_hmac;
struct crypto_hmac *crypto_hmac_new(const void *key, size_t len);
void crypto_hmac_free(struct crypto_hmac *h); /* wipes; NULL is fine */
void crypto_hmac_sum(const struct crypto_hmac *h, const void *data, size_t n,
    uint8_t out[CRYPTO_MAC_LEN]);

/* n bytes derived from a key for a purpose (RFC 5869, without salt). */
void crypto_hkdf_sha256(
    const void *key, size_t key_len, const char *purpose, void *out, size_t n);

void crypto_sha256(const void *data, size_t n, uint8_t out[32]);
bool crypto_equal(const void *a, const void *b, size_t n); /* constant time */
void crypto_random(void *out, size_t n);

/* n random characters of [a-z2-7] and a NUL; out has room for n + 1. */
void crypto_random_base32(char *out, size_t n);

/* RFC 4648 base64 with padding, appended to out. */
void crypto_base64(const void *data, size_t n, struct buf *out);
/* False if it is not base64 (padding required, no white space, no bits that
 * stand for nothing). */
bool crypto_base64_decode(const char *s, size_t n, struct buf *out);

#endif
