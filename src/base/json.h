/*
 * Is it JSON?  A checker for bytes that are never re-serialised.
 *
 * RFC 8259 with the strictness json-c and PostgreSQL lack in parts: UTF-8
 * only (RFC 3629), no NaN, no comments, no raw controls in strings, no
 * trailing bytes but white space.  \u escapes are checked for their four hex
 * digits; lone surrogate escapes and \u0000 are well-formed.  Nesting is
 * bounded and the checker does not recurse.  Nothing is allocated, nothing
 * blocks.
 */
#ifndef EWA_BASE_JSON_H
#define EWA_BASE_JSON_H

#include <stddef.h>

#include "base/err.h"

#define JSON_DEPTH_MAX 512

/*
 * ERR_OK, or ERR_INVALID with where "line L, column C" (both from 1, columns
 * count characters) and detail what is wrong there ("a byte that is not
 * UTF-8", "nested deeper than 512 levels", "a raw control character in a
 * string; it must be written as \n", ...).  A byte order mark at the start is
 * not JSON: the caller skips it (json_bom).
 */
enum err json_check(const char *s, size_t n, struct errinfo *ei);

/* 3 if the bytes begin with a UTF-8 byte order mark, else 0. */
size_t json_bom(const char *s, size_t n);

#endif
