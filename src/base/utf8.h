/* UTF-8 as RFC 3629 says: no overlong forms, no surrogates, <= U+10FFFF. */
#ifndef EWA_BASE_UTF8_H
#define EWA_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes (1 to 4) of the well-formed sequence at s, or 0 if there is none.
 * n > 0 bytes are readable. */
size_t utf8_width(const char *s, size_t n);

/* True if all n bytes are UTF-8.  Else *bad (may be NULL) is the offset of
 * the first byte that does not belong. */
bool utf8_valid(const char *s, size_t n, size_t *bad);

/* Characters of a well-formed string. */
size_t utf8_length(const char *s);

/* Is there a byte below 0x20, or DEL? */
bool utf8_has_control(const char *s);

#endif
