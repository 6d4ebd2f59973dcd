/*
 * What the product needs of libcrypto, and the server's key file.
 *
 * The key file holds one key a line, "ID BASE64" (32 bytes), blank lines and
 * lines that begin with # are passed over; the first key is the current one,
 * the others still open and verify.  IDs are 1 to 16 of [a-z0-9_-].  The file
 * must not be readable by group beyond read, nor by others (mode & 0027).
 * From each key two are derived (HKDF-SHA-256): one for MACs, one for
 * sealing.
 */
#ifndef EWA_BASE_CRYPTO_H
#define EWA_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define CRYPTO_MAC_LEN 32
#define CRYPTO_KEY_ID_MAX 16
#define CRYPTO_KEYS_MAX 16
#define CRYPTO_SEALED_OVERHEAD 64 /* most bytes sealing adds */

struct keyring; /* opaque; immutable after loading, so threads may share it */

/* ERR_INVALID with the file and line, never the key. */
enum err keyring_load(
    const char *path, struct keyring **out, struct errinfo *ei);
void keyring_free(struct keyring *k); /* wipes; NULL is fine */

/* A new key file with one fresh key, mode 0640.  ERR_CONFLICT if it is
 * there already. */
enum err keyring_create(const char *path, struct errinfo *ei);

size_t keyring_count(const struct keyring *k);
const char *keyring_id(const struct keyring *k, size_t i); /* 0 is current */

/* HMAC-SHA-256 of data under key i. */
void keyring_mac(const struct keyring *k, size_t i, const void *data, size_t n,
    uint8_t out[CRYPTO_MAC_LEN]);

/* AES-256-GCM with the current key.  `context` names what is sealed (such as
 * "reply-header:17") and must be the same when opening.  The sealed bytes
 * name their key: version, id length, id, nonce, ciphertext, tag. */
void keyring_seal(const struct keyring *k, const char *context,
    const void *data, size_t n, struct buf *out);
/* ERR_INVALID if it was changed, or its key is not in the ring. */
enum err keyring_open(const struct keyring *k, const char *context,
    const void *sealed, size_t n, struct buf *out, struct errinfo *ei);

void crypto_hmac_sha256(const void *key, size_t key_len, const void *data,
    size_t n, uint8_t out[CRYPTO_MAC_LEN]);
void crypto_sha256(const void *data, size_t n, uint8_t out[32]);
bool crypto_equal(const void *a, const void *b, size_t n); /* constant time */
void crypto_random(void *out, size_t n);

/* n random characters of [a-z2-7] and a NUL; out has room for n + 1. */
void crypto_random_base32(char *out, size_t n);

/* RFC 4648 base64 with padding, appended to out. */
void crypto_base64(const void *data, size_t n, struct buf *out);
/* False if it is not base64 (padding required, no white space). */
bool crypto_base64_decode(const char *s, size_t n, struct buf *out);

#endif
