/*
 * A sealed value as a line of text, for files of the operator: "sealed:" and
 * the base64 of what keyring_seal makes.
 */
#ifndef EWA_BASE_SEALED_TEXT_H
#define EWA_BASE_SEALED_TEXT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/keyring.h"

#define SEALED_TEXT_MAX 4096 /* bytes of the value */
#define SEALED_TEXT_FILE_MAX (2 * SEALED_TEXT_MAX)

/* Appended to out, without a newline. */
void sealed_text_make(const struct keyring *k, const char *context,
    const void *value, size_t n, struct buf *out);

/* The value is appended to out; key_id gets the id of the key that sealed it.
 * ERR_INVALID: it is not sealed, was changed, or its key is not there; never
 * with the text. */
enum err sealed_text_open(const struct keyring *k, const char *context,
    const char *text, struct buf *out, char key_id[CRYPTO_KEY_ID_MAX + 1],
    struct errinfo *ei);

/* The first line of a file, appended to out (SEALED_TEXT_FILE_MAX).
 * ERR_INVALID: it can't be read, or others can get at it. */
enum err sealed_text_read(
    const char *path, struct buf *out, struct errinfo *ei);

#endif
