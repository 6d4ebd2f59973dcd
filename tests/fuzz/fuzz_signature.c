/*
 * A signature is taken only if a secret made it: whatever stands in the
 * headers, none of a secret nobody has passes; and the right one passes
 * among whatever else stands beside it.
 *
 * The input: one byte of form (0 standard, 1 GitHub or generic), then lines
 * of value, id, timestamp, and the body.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "domain/signature.h"

#include "fuzz.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define NOW_S 1614265330

/* A line of the input as a string, or NULL at its end. */
static char *
line(const uint8_t **p, const uint8_t *end)
{
	const uint8_t *nl = memchr(*p, '\n', (size_t)(end - *p));
	const uint8_t *to = nl != NULL ? nl : end;
	char *s;

	if (*p == end)
		return NULL;
	s = mem_strndup((const char *)*p, (size_t)(to - *p));
	*p = nl != NULL ? nl + 1 : end;
	return s;
}

static enum err
verdict(
    const struct signature *s, const char *secret, const void *body, size_t n)
{
	struct errinfo ei = {.detail = ""};
	enum err e = signature_check(s, &secret, 1, body, n, NOW_S, &ei);

	CHECK(e == ERR_OK || e == ERR_UNAUTHORIZED);
	if (e != ERR_OK) {
		CHECK(*ei.detail != '\0');
		CHECK(strstr(ei.detail, secret) == NULL);
	}
	return e;
}

/* The right one, in hex, is found in front of anything. */
static void
check_right(const char *value, const void *body, size_t n)
{
	static const char secret[] = "generic-secret-0123456789";
	uint8_t mac[CRYPTO_MAC_LEN];
	struct signature s = {.standard = false};
	struct buf b;

	crypto_hmac_sha256(secret, strlen(secret), body, n, mac);
	buf_init(&b, 65536);
	buf_adds(&b, "sha256=");
	for (size_t i = 0; i < sizeof(mac); i++)
		buf_addf(&b, "%02x", mac[i]);
	s.value = b.data;
	CHECK(verdict(&s, secret, body, n) == ERR_OK);
	buf_adds(&b, ",");
	buf_adds(&b, value != NULL ? value : "");
	if (!buf_failed(&b)) {
		s.value = b.data;
		CHECK(verdict(&s, secret, body, n) == ERR_OK);
	}
	buf_fini(&b);
}

static void
check_secret(const char *secret)
{
	struct errinfo ei = {.detail = ""};
	enum err e;

	if (secret == NULL)
		return;
	e = signature_check_secret(secret, &ei);
	CHECK(e == ERR_OK || e == ERR_UNPROCESSABLE);
	if (e == ERR_OK)
		CHECK(strlen(secret) >= 16 && strlen(secret) <= 256);
	else
		CHECK(*ei.detail != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *p = data + 1, *end = data + size;
	struct signature s = {NULL};
	char *value, *id, *timestamp;
	char unknown[33];

	if (size == 0)
		return 0;
	value = line(&p, end);
	id = line(&p, end);
	timestamp = line(&p, end);
	s = (struct signature){.value = value != NULL ? value : "",
	    .standard = (data[0] & 1) == 0,
	    .id = id,
	    .timestamp = timestamp};
	verdict(&s, SECRET, p, (size_t)(end - p));
	crypto_random_base32(unknown, 32);
	CHECK(verdict(&s, unknown, p, (size_t)(end - p)) != ERR_OK);
	check_right(value, p, (size_t)(end - p));
	check_secret(value);
	free(value);
	free(id);
	free(timestamp);
	return 0;
}
