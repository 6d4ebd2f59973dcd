/*
 * Signatures of requests: HMAC-SHA-256 over the body as it was received.
 *
 * Three forms: Standard Webhooks 1.0 (webhook-id, webhook-timestamp,
 * webhook-signature: "v1,BASE64 v1,BASE64"; at most SIGNATURE_TOLERANCE_S
 * away from now), GitHub (X-Hub-Signature-256: "sha256=HEX"), and any other
 * header with hex or base64, several by commas, each with or without a name
 * and "=" in front ("v1=HEX,v1=HEX").
 *
 * A secret that begins with "whsec_" stands for the bytes that follow in
 * base64 where Standard Webhooks is spoken; any other is taken as it is.
 * Comparisons take constant time.
 */
#ifndef EWA_DOMAIN_SIGNATURE_H
#define EWA_DOMAIN_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SIGNATURE_TOLERANCE_S 300
#define SIGNATURE_STANDARD "webhook-signature"
#define SIGNATURE_GITHUB "X-Hub-Signature-256"
#define SIGNATURE_PREFIX "whsec_"
#define SIGNATURE_EACH_MAX 8 /* signatures looked at in one header */

/* The headers that matter; missing ones are NULL. */
struct signature {
	const char *value; /* of the signature's own header */
	bool standard;     /* that header is webhook-signature */
	const char *id;    /* webhook-id, webhook-timestamp */
	const char *timestamp;
};

/* ERR_OK, or ERR_UNAUTHORIZED with a sentence that holds neither signature
 * nor secret.  Each secret in secrets (NULLs are passed over) may match. */
enum err signature_check(const struct signature *s, const char *const *secrets,
    size_t count, const void *body, size_t n, int64_t now_s,
    struct errinfo *ei);

/* A secret that can be used: printable ASCII, base64 behind "whsec_", 16 to
 * 256 bytes long.  ERR_UNPROCESSABLE. */
enum err signature_check_secret(const char *secret, struct errinfo *ei);

#endif
