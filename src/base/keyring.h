/*
 * The server's key file: MACs for what is only compared, sealing for what
 * must be read back.
 *
 * The file holds one key a line, "ID BASE64" (32 bytes); blank lines and
 * lines that begin with # are passed over.  The first key is the current
 * one, the others still open and verify.  IDs are 1 to 16 of [a-z0-9_-].
 * Group may read the file at most, others nothing (mode & 0027 is 0).  From
 * each key two are derived (HKDF-SHA-256), one for MACs, one for sealing;
 * the file's own are wiped from memory before keyring_load returns.
 */
#ifndef EWA_BASE_KEYRING_H
#define EWA_BASE_KEYRING_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"

#define KEYRING_FILE_MAX 8192 /* bytes */

struct keyring; /* opaque; immutable after loading, so threads may share it */

/* ERR_INVALID with the file and line, never the key. */
enum err keyring_load(
    const char *path, struct keyring **out, struct errinfo *ei);
void keyring_free(struct keyring *k); /* wipes; NULL is fine */

/* A new key file with one fresh key, mode 0640.  ERR_CONFLICT if it is
 * there already, ERR_INVALID if it can't be written. */
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
/* ERR_INVALID if it was changed, its key is not in the ring, or what is in
 * it is longer than `out` may become. */
enum err keyring_open(const struct keyring *k, const char *context,
    const void *sealed, size_t n, struct buf *out, struct errinfo *ei);

#endif
