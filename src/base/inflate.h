/*
 * Undoing the content codings of HTTP: gzip and deflate (RFC 9110, 8.4.1).
 *
 * The result is bounded by the maximum of the caller's buffer, so that a
 * bomb costs no more memory than an honest body.  gzip may be of several
 * members (RFC 1952, 2.2); deflate is taken with and, as some send it,
 * without its zlib wrapper.  Nothing may follow the stream.
 */
#ifndef EWA_BASE_INFLATE_H
#define EWA_BASE_INFLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum inflate_coding { INFLATE_NONE, INFLATE_GZIP, INFLATE_DEFLATE };

/* The value of Content-Encoding: "" and "identity" are INFLATE_NONE, "x-gzip"
 * is gzip, in any case.  False for all else, lists of codings included. */
bool inflate_coding(const char *name, enum inflate_coding *out);

/* Appended to out.  ERR_INVALID with the coding's name and what is wrong;
 * ERR_TOO_LARGE when it grows beyond out's maximum. */
enum err inflate_bytes(enum inflate_coding coding, const void *data, size_t n,
    struct buf *out, struct errinfo *ei);

#endif
