/* Certificates and their keys, as PEM text. */
#ifndef EWA_BASE_PEM_H
#define EWA_BASE_PEM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define PEM_SUBJECT_MAX 256 /* longer ones are cut */

struct pem_certificate {
	char subject[PEM_SUBJECT_MAX]; /* as of RFC 2253, ASCII; may be "" */
	int64_t expires_s;             /* seconds since 1970 */
};

/* The first certificate of the text; false: there is none. */
bool pem_read_certificate(const char *text, struct pem_certificate *out);

/* ERR_OK if the text holds a certificate (further ones are its chain) and the
 * private key that belongs to it, unencrypted, and it is not past its time;
 * else ERR_UNPROCESSABLE with the reason.  *expires_s (may be NULL): seconds
 * since 1970. */
enum err pem_check_identity(
    const char *text, int64_t now_s, int64_t *expires_s, struct errinfo *ei);

#endif
