#include "config.h"

#include "domain/reply_secret.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"

#define KEY_MIN 24
#define KEY_MAX 64
#define KEY_MADE 32

static const char *const names[] = {[REPLY_SIGNING] = "signing",
    [REPLY_CREDENTIALS] = "credentials",
    [REPLY_CERTIFICATE] = "certificate"};

const char *
reply_secret_name(enum reply_secret_kind kind)
{
	BUG_ON(kind >= REPLY_SECRET_KINDS);
	return names[kind];
}

bool
reply_secret_parse(const char *name, enum reply_secret_kind *out)
{
	for (int k = 0; k < REPLY_SECRET_KINDS; k++)
		if (strcmp(names[k], name) == 0) {
			*out = (enum reply_secret_kind)k;
			return true;
		}
	return false;
}

/* ---- the list --------------------------------------------------------------
 */

void
reply_secrets_fini(struct reply_secrets *s)
{
	for (size_t n = 0; n < s->count; n++)
		mem_free_secret(s->items[n].value);
	memset(s, 0, sizeof(*s));
}

void
reply_secrets_add(struct reply_secrets *s, enum reply_secret_kind kind,
    const char *value, int64_t expires_us)
{
	if (s->count == REPLY_SECRETS_MAX)
		return; /* the newest count */
	s->items[s->count++] = (struct reply_secret){
	    .kind = kind, .value = mem_strdup(value), .expires_us = expires_us};
}

void
reply_secrets_set(
    struct reply_secrets *s, enum reply_secret_kind kind, const char *value)
{
	size_t left = 0;

	for (size_t n = 0; n < s->count; n++) {
		if (s->items[n].kind == kind)
			mem_free_secret(s->items[n].value);
		else
			s->items[left++] = s->items[n];
	}
	s->count = left;
	s->drop[kind] = true;
	if (value == NULL)
		return;
	reply_secrets_add(s, kind, value, INT64_MAX);
	s->items[s->count - 1].fresh = true;
}

const struct reply_secret *
reply_secrets_find(
    const struct reply_secrets *s, enum reply_secret_kind kind, size_t nth)
{
	for (size_t n = 0; n < s->count; n++)
		if (s->items[n].kind == kind && nth-- == 0)
			return &s->items[n];
	return NULL;
}

bool
reply_secrets_fresh(const struct reply_secrets *s)
{
	for (size_t n = 0; n < s->count; n++)
		if (s->items[n].fresh)
			return true;
	return false;
}

void
reply_secrets_stored(struct reply_secrets *s)
{
	memset(s->drop, 0, sizeof(s->drop));
	for (size_t n = 0; n < s->count; n++)
		s->items[n].fresh = false;
}

/* ---- signing ---------------------------------------------------------------
 */

/* The bytes that a secret stands for; key has room for them. */
static bool
decode(const char *secret, struct buf *key)
{
	size_t skip = strlen(REPLY_SIGNING_PREFIX);

	return strncmp(secret, REPLY_SIGNING_PREFIX, skip) == 0 &&
	       crypto_base64_decode(
		   secret + skip, strlen(secret) - skip, key) &&
	       key->len >= KEY_MIN && key->len <= KEY_MAX;
}

static void
forget(struct buf *key)
{
	mem_wipe(key->data, key->cap);
	buf_fini(key);
}

enum err
reply_signing_check(const char *secret, struct errinfo *ei)
{
	struct buf key;
	bool ok;

	buf_init(&key, REPLY_SIGNING_TEXT_MAX);
	ok = strlen(secret) < REPLY_SIGNING_TEXT_MAX && decode(secret, &key);
	forget(&key);
	if (ok)
		return ERR_OK;
	err_set(ei, ERR_UNPROCESSABLE,
	    "a reply secret is written whsec_ and %d to %d bytes in base64; "
	    "or let one be generated",
	    KEY_MIN, KEY_MAX);
	return ei != NULL ? err_where(ei, "reply-secret") : ERR_UNPROCESSABLE;
}

void
reply_signing_make(char out[REPLY_SIGNING_TEXT_MAX])
{
	uint8_t key[KEY_MADE];
	struct buf text;

	crypto_random(key, sizeof(key));
	buf_init(&text, REPLY_SIGNING_TEXT_MAX - 1);
	buf_adds(&text, REPLY_SIGNING_PREFIX);
	crypto_base64(key, sizeof(key), &text);
	BUG_ON(buf_failed(&text));
	memcpy(out, text.data, text.len + 1);
	mem_wipe(key, sizeof(key));
	forget(&text);
}

void
reply_signing_sign(const char *secret, const char *id, const char *timestamp,
    const void *body, size_t n, struct buf *out)
{
	uint8_t mac[CRYPTO_MAC_LEN];
	struct buf key, text;

	buf_init(&key, REPLY_SIGNING_TEXT_MAX);
	buf_init(&text, strlen(id) + strlen(timestamp) + n + 2);
	BUG_ON(!decode(secret, &key));
	buf_adds(&text, id);
	buf_addc(&text, '.');
	buf_adds(&text, timestamp);
	buf_addc(&text, '.');
	buf_add(&text, body, n);
	crypto_hmac_sha256(key.data, key.len, text.data, text.len, mac);
	buf_adds(out, "v1,");
	crypto_base64(mac, sizeof(mac), out);
	buf_fini(&text);
	forget(&key);
}
