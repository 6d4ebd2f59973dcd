/* A certificate with its key, as PEM text. */
#ifndef EWA_BASE_PEM_H
#define EWA_BASE_PEM_H

#include <stdint.h>

#include "base/err.h"

/* ERR_OK if the text holds a certificate (further ones are its chain) and the
 * private key that belongs to it, unencrypted, and it is not past its time;
 * else ERR_UNPROCESSABLE with the reason.  *expires_s (may be NULL): seconds
 * since 1970. */
enum err pem_check_identity(
    const char *text, int64_t now_s, int64_t *expires_s, struct errinfo *ei);

#endif
