/*
 * What an integration's replies need and nobody reads back: the secret that
 * signs them, user and password of the reply URL, our certificate and its
 * key.  Sealed at rest; a value is NULL where it was not opened.
 */
#ifndef EWA_DOMAIN_REPLY_SECRET_H
#define EWA_DOMAIN_REPLY_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define REPLY_SECRETS_MAX 4    /* two of them sign, during a rotation */
#define REPLY_SECRET_MAX 65536 /* bytes of a value */
#define REPLY_SIGNING_PREFIX "whsec_"
#define REPLY_SIGNING_TEXT_MAX 128 /* bytes of a signing secret */
#define REPLY_CREDENTIALS_MAX 1024

/* What the proxy's credentials, a sealed text in a file, are bound to. */
#define PROXY_CREDENTIALS_CONTEXT "reply-proxy-credentials"

/* Certificates, ours and those of receivers, that expire so soon are told. */
#define CERTIFICATE_NOTICE_DAYS 14
#define CERTIFICATE_NOTICE_US \
	((int64_t)CERTIFICATE_NOTICE_DAYS * 86400 * 1000000)

enum reply_secret_kind {
	REPLY_SIGNING,     /* "whsec_..." */
	REPLY_CREDENTIALS, /* "user:password" */
	REPLY_CERTIFICATE, /* PEM: certificate, chain, private key */
	REPLY_SECRET_KINDS
};

struct reply_secret {
	enum reply_secret_kind kind;
	char *value;
	int64_t expires_us; /* INT64_MAX: never */
	bool fresh;         /* to be stored, in place of those of its kind */
};

struct reply_secrets {
	struct reply_secret items[REPLY_SECRETS_MAX]; /* newest first */
	size_t count;
	bool drop[REPLY_SECRET_KINDS]; /* what is stored of them goes */
};

/* "signing", "credentials", "certificate" */
const char *reply_secret_name(enum reply_secret_kind kind);
bool reply_secret_parse(const char *name, enum reply_secret_kind *out);

void reply_secrets_fini(struct reply_secrets *s);

/* One that is stored; passed over when there are too many. value may be
 * NULL. */
void reply_secrets_add(struct reply_secrets *s, enum reply_secret_kind kind,
    const char *value, int64_t expires_us);

/* A new value takes the place of all of its kind; NULL: none any more. */
void reply_secrets_set(
    struct reply_secrets *s, enum reply_secret_kind kind, const char *value);

/* The nth of a kind, the newest is 0; NULL: there is none. */
const struct reply_secret *reply_secrets_find(
    const struct reply_secrets *s, enum reply_secret_kind kind, size_t nth);

bool reply_secrets_fresh(const struct reply_secrets *s); /* is any? */

/* What was to be stored or dropped has been. */
void reply_secrets_stored(struct reply_secrets *s);

/* "whsec_" and the base64 of 24 to 64 bytes.  ERR_UNPROCESSABLE. */
enum err reply_signing_check(const char *secret, struct errinfo *ei);

/* A new one of 32 bytes. */
void reply_signing_make(char out[REPLY_SIGNING_TEXT_MAX]);

/* Standard Webhooks 1.0: "v1,BASE64" of "id.timestamp.body" is appended to
 * out.  The secret has been checked. */
void reply_signing_sign(const char *secret, const char *id,
    const char *timestamp, const void *body, size_t n, struct buf *out);

#endif
