#include "config.h"

#include "dispatcher/request_secrets.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/mem.h"

#define SIGNATURES_MAX 256 /* bytes of webhook-signature */

static enum err
sealed(const char *what, char *detail, size_t size)
{
	snprintf(detail, size,
	    "%s can't be opened: is its key in the key file?", what);
	return ERR_INVALID;
}

/* Each live secret signs, so that the receiver may change over at any time. */
static enum err
sign(struct transfer *t, const struct integration *s, const char *id,
    const char *timestamp, char *detail, size_t size)
{
	const struct buf *body = transfer_body(t);
	const struct reply_secret *r;
	int64_t now_us = clock_wall_us();
	enum err e = ERR_OK;
	struct buf b;

	buf_init(&b, SIGNATURES_MAX);
	for (size_t n = 0; (r = reply_secrets_find(
				&s->reply_secrets, REPLY_SIGNING, n)) != NULL;
	     n++) {
		if (r->expires_us <= now_us)
			continue;
		if (r->value == NULL) {
			e = sealed("the reply secret", detail, size);
			break;
		}
		buf_adds(&b, b.len > 0 ? " " : "");
		reply_signing_sign(
		    r->value, id, timestamp, body->data, body->len, &b);
	}
	BUG_ON(buf_failed(&b));
	if (e == ERR_OK && b.len > 0)
		transfer_header(t, "webhook-signature", b.data);
	buf_fini(&b);
	return e;
}

static void
add_basic(struct transfer *t, const char *credentials)
{
	struct buf b;

	buf_init(&b, 2 * REPLY_CREDENTIALS_MAX);
	buf_adds(&b, "Basic ");
	crypto_base64(credentials, strlen(credentials), &b);
	BUG_ON(buf_failed(&b));
	transfer_header(t, "Authorization", b.data);
	mem_wipe(b.data, b.cap);
	buf_fini(&b);
}

enum err
request_add_secrets(struct transfer *t, const struct integration *s,
    const char *id, const char *timestamp, char *detail, size_t size)
{
	const struct reply_secret *r;
	enum err e = sign(t, s, id, timestamp, detail, size);

	if (e != ERR_OK)
		return e;
	r = reply_secrets_find(&s->reply_secrets, REPLY_CREDENTIALS, 0);
	if (r != NULL && r->value == NULL)
		return sealed(
		    "user and password of the reply URL", detail, size);
	if (r != NULL)
		add_basic(t, r->value);
	r = reply_secrets_find(&s->reply_secrets, REPLY_CERTIFICATE, 0);
	if (r != NULL && r->value == NULL)
		return sealed("the client certificate", detail, size);
	if (r != NULL)
		transfer_certificate(t, r->value);
	return ERR_OK;
}
