/*
 * The work of refusing, counted: an unknown key costs as many MACs and
 * comparisons as a wrong token, of the same sizes, and says the same.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

#include "../fuzz/request.h"

#include "base/crypto.h"
#include "base/mem.h"
#include "responder/access.h"

#define TOKEN "a-token-of-this-test"
#define NOT_SIGNED (-1)

struct work {
	int macs, equals;
	size_t mac_bytes, equal_bytes;
};

static struct work work;
static struct keyring *keys;

void __real_keyring_mac(const struct keyring *k, size_t i, const void *data,
    size_t n, uint8_t *out);
void __wrap_keyring_mac(const struct keyring *k, size_t i, const void *data,
    size_t n, uint8_t *out);
bool __real_crypto_equal(const void *a, const void *b, size_t n);
bool __wrap_crypto_equal(const void *a, const void *b, size_t n);

void
__wrap_keyring_mac(
    const struct keyring *k, size_t i, const void *data, size_t n, uint8_t *out)
{
	work.macs++;
	work.mac_bytes += n;
	__real_keyring_mac(k, i, data, n, out);
}

bool
__wrap_crypto_equal(const void *a, const void *b, size_t n)
{
	work.equals++;
	work.equal_bytes += n;
	return __real_crypto_equal(a, b, n);
}

static int
make_keys(void **state)
{
	char dir[] = "/tmp/ewa-test-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/keys", dir);
	assert_int_equal(keyring_create(path, NULL), ERR_OK);
	assert_int_equal(keyring_load(path, &keys, NULL), ERR_OK);
	unlink(path);
	rmdir(dir);
	return 0;
}

static int
free_keys(void **state)
{
	(void)state;
	keyring_free(keys);
	return 0;
}

/* With so many tokens; rule NOT_SIGNED: without a signing secret. */
static struct integration *
make(size_t tokens, int rule)
{
	struct integration *i = integration_new();

	i->id = 1;
	i->enabled = true;
	i->token_count = tokens;
	for (size_t n = 0; n < tokens; n++) {
		i->tokens[n].expires_us = INT64_MAX;
		snprintf(i->tokens[n].key_id, sizeof(i->tokens[n].key_id), "%s",
		    keyring_id(keys, 0));
		keyring_mac(keys, 0, TOKEN, strlen(TOKEN), i->tokens[n].mac);
	}
	if (rule != NOT_SIGNED)
		i->signature_rule = (enum signature_rule)rule;
	return i;
}

/* Checks a request with these headers, and counts. */
static enum err
check(const struct integration *i, const char *headers, struct work *out,
    struct errinfo *ei)
{
	struct fcgi_request r;
	bool needs_body;
	enum err e;

	request_init(&r, (const uint8_t *)headers, strlen(headers));
	work = (struct work){0};
	e = access_check(&r, "token=also-wrong", keys, i, &needs_body, ei);
	*out = work;
	request_fini(&r);
	return e;
}

static const char *const wrong[] = {
    "",
    "HTTP_X_PLATFORM_TOKEN=",
    "HTTP_X_PLATFORM_TOKEN=x",
    "HTTP_X_PLATFORM_TOKEN=a-token-of-this-tesT",
    "HTTP_X_PLATFORM_TOKEN=a-token-of-this-tes",
    "HTTP_AUTHORIZATION=Bearer a-token-of-this-tesT",
    "HTTP_AUTHORIZATION=Basic eDp4eHh4eHh4eHh4eHh4eHh4eHh4eHg=",
    "HTTP_AUTHORIZATION=Digest username=x",
    "HTTP_X_GITLAB_TOKEN=a-token-of-this-tesT",
};

static void
same(const struct integration *i, const char *what)
{
	for (size_t n = 0; n < sizeof(wrong) / sizeof(wrong[0]); n++) {
		struct errinfo unknown_ei, known_ei;
		struct work unknown, known;

		printf("# %s: %s\n", what, wrong[n]);
		assert_int_equal(check(NULL, wrong[n], &unknown, &unknown_ei),
		    ERR_UNAUTHORIZED);
		assert_int_equal(
		    check(i, wrong[n], &known, &known_ei), ERR_UNAUTHORIZED);
		assert_string_equal(known_ei.detail, unknown_ei.detail);
		assert_string_equal(known_ei.where, unknown_ei.where);
		assert_int_equal(known.macs, unknown.macs);
		assert_int_equal(known.mac_bytes, unknown.mac_bytes);
		assert_int_equal(known.equals, unknown.equals);
		assert_int_equal(known.equal_bytes, unknown.equal_bytes);
		assert_int_equal(known.macs, INTEGRATION_TOKENS_MAX);
		assert_int_equal(known.equals, INTEGRATION_TOKENS_MAX);
	}
}

static void
an_unknown_key_costs_what_a_wrong_token_costs(void **state)
{
	(void)state;
	for (size_t tokens = 0; tokens <= INTEGRATION_TOKENS_MAX; tokens++) {
		struct integration *i = make(tokens, NOT_SIGNED);

		same(i, "tokens");
		integration_unref(i);
	}
}

static void
also_where_a_signature_is_asked_for(void **state)
{
	static const int rules[] = {
	    SIGNATURE_EITHER, SIGNATURE_BESIDES, SIGNATURE_INSTEAD};

	(void)state;
	for (size_t n = 0; n < sizeof(rules) / sizeof(rules[0]); n++) {
		struct integration *i = make(1, rules[n]);

		i->signing_count = 1;
		i->signing[0].expires_us = INT64_MAX;
		same(i, "signed");
		integration_unref(i);
	}
}

static void
a_right_token_costs_no_less(void **state)
{
	struct integration *i = make(2, NOT_SIGNED);
	struct work right;

	(void)state;
	assert_int_equal(
	    check(i, "HTTP_X_PLATFORM_TOKEN=" TOKEN, &right, NULL), ERR_OK);
	assert_int_equal(right.macs, INTEGRATION_TOKENS_MAX);
	assert_int_equal(right.equals, INTEGRATION_TOKENS_MAX);
	integration_unref(i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_unknown_key_costs_what_a_wrong_token_costs),
	    cmocka_unit_test(also_where_a_signature_is_asked_for),
	    cmocka_unit_test(a_right_token_costs_no_less),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
