#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

#include "hex.h"
#include "tap.h"

struct vector {
	const char *key;
	size_t key_len; /* key is one byte repeated if it has only one */
	const char *data;
	size_t data_len;
	const char *mac;
};

static const char key4[] = "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c"
			   "\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18"
			   "\x19";
static const char data6[] =
    "Test Using Larger Than Block-Size Key - Hash Key First";
static const char data7[] =
    "This is a test using a larger than block-size key and a larger than "
    "block-size data. The key needs to be hashed before being used by the "
    "HMAC algorithm.";

/* clang-format off */
static const struct vector rfc4231[] = {
    {"\x0b", 20, "Hi There", 8,
	"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", 4, "what do ya want for nothing?", 28,
	"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"\xaa", 20, "\xdd", 50,
	"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {key4, 25, "\xcd", 50,
	"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {"\xaa", 131, data6, sizeof(data6) - 1,
	"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {"\xaa", 131, data7, sizeof(data7) - 1,
	"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};
/* clang-format on */

static void
expand(const char *s, size_t n, uint8_t *out)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)s[i % len];
}

static void
hmac_gives_the_macs_of_rfc_4231(void **state)
{
	uint8_t key[160], data[160], mac[CRYPTO_MAC_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(rfc4231) / sizeof(rfc4231[0]); i++) {
		const struct vector *v = &rfc4231[i];

		expand(v->key, v->key_len, key);
		expand(v->data, v->data_len, data);
		crypto_hmac_sha256(key, v->key_len, data, v->data_len, mac);
		assert_hex(mac, sizeof(mac), v->mac);
	}
}

static void
a_kept_key_gives_the_same_mac_each_time(void **state)
{
	struct crypto_hmac *h = crypto_hmac_new("Jefe", 4);
	uint8_t mac[CRYPTO_MAC_LEN];

	(void)state;
	for (int i = 0; i < 3; i++) {
		crypto_hmac_sum(h, rfc4231[1].data, 28, mac);
		assert_hex(mac, sizeof(mac), rfc4231[1].mac);
	}
	crypto_hmac_free(h);
	crypto_hmac_free(NULL);
}

static void
empty_key_and_data_are_fine(void **state)
{
	uint8_t mac[CRYPTO_MAC_LEN];

	(void)state;
	crypto_hmac_sha256(NULL, 0, "", 0, mac);
	assert_hex(mac, sizeof(mac),
	    "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void
hmac_signs_as_standard_webhooks_does(void **state)
{
	static const char secret[] = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
	static const char data[] = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330."
				   "{\"test\": 2432232314}";
	uint8_t mac[CRYPTO_MAC_LEN];
	struct buf key, text;

	(void)state;
	buf_init(&key, 64);
	buf_init(&text, 64);
	assert_true(crypto_base64_decode(secret, strlen(secret), &key));
	crypto_hmac_sha256(key.data, key.len, data, strlen(data), mac);
	crypto_base64(mac, sizeof(mac), &text);
	assert_string_equal(
	    text.data, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	buf_fini(&key);
	buf_fini(&text);
}

static void
hkdf_gives_the_bytes_of_rfc_5869(void **state)
{
	uint8_t key[22], out[42];

	(void)state;
	memset(key, 0x0b, sizeof(key));
	crypto_hkdf_sha256(key, sizeof(key), "", out, sizeof(out));
	assert_hex(out, sizeof(out),
	    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
	    "9d201395faa4b61a96c8");
}

static void
purposes_give_different_keys(void **state)
{
	uint8_t a[32], b[32];

	(void)state;
	crypto_hkdf_sha256("key", 3, "mac", a, 32);
	crypto_hkdf_sha256("key", 3, "seal", b, 32);
	assert_memory_not_equal(a, b, 32);
}

static void
sha256_gives_the_known_hashes(void **state)
{
	uint8_t out[32];

	(void)state;
	crypto_sha256("abc", 3, out);
	assert_hex(out, 32,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	crypto_sha256("", 0, out);
	assert_hex(out, 32,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
equal_looks_at_every_byte(void **state)
{
	(void)state;
	assert_true(crypto_equal("abcd", "abcd", 4));
	assert_true(crypto_equal("abcd", "abcX", 3));
	assert_false(crypto_equal("abcd", "abcX", 4));
	assert_false(crypto_equal("Xbcd", "abcd", 4));
	assert_true(crypto_equal("", "", 0));
}

static void
random_bytes_differ(void **state)
{
	uint8_t a[32] = {0}, b[32] = {0};

	(void)state;
	crypto_random(a, sizeof(a));
	crypto_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
}

static void
random_base32_uses_all_of_its_letters_and_no_other(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	char text[2001], seen[256] = {0};

	(void)state;
	crypto_random_base32(text, sizeof(text) - 1);
	assert_int_equal(strlen(text), sizeof(text) - 1);
	assert_int_equal(strspn(text, letters), sizeof(text) - 1);
	for (const char *p = text; *p != '\0'; p++)
		seen[(uint8_t)*p] = 1;
	for (const char *p = letters; *p != '\0'; p++)
		assert_int_equal(seen[(uint8_t)*p], 1);
	crypto_random_base32(text, 0);
	assert_string_equal(text, "");
}

static void
base64_is_that_of_rfc_4648_both_ways(void **state)
{
	static const char *const pairs[][2] = {
	    {"",             ""        },
            {"f",            "Zg=="    },
            {"fo",           "Zm8="    },
            {"foo",          "Zm9v"    },
	    {"foob",         "Zm9vYg=="},
            {"fooba",        "Zm9vYmE="},
            {"foobar",       "Zm9vYmFy"},
	    {"\xfb\xff\xbf", "+/+/"    }
        };
	struct buf b;

	(void)state;
	buf_init(&b, 64);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		buf_reset(&b);
		crypto_base64(pairs[i][0], strlen(pairs[i][0]), &b);
		assert_string_equal(b.data, pairs[i][1]);
		buf_reset(&b);
		assert_true(
		    crypto_base64_decode(pairs[i][1], strlen(pairs[i][1]), &b));
		assert_string_equal(b.data, pairs[i][0]);
	}
	buf_fini(&b);
}

static void
what_is_not_base64_is_refused(void **state)
{
	static const char *const texts[] = {"Z", "Zg", "Zg=", "Zg===", "=",
	    "====", "Z===", "=Zg=", "Zg=v", "Zm9vZg", "Zm 9", "Zm9v\n", "Zm9-",
	    "Zm9_", "Zh==", "Zm9=", "Zg==Zg==", "\xc3\xa4\xc3\xa4"};
	struct buf b;

	(void)state;
	buf_init(&b, 64);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (crypto_base64_decode(texts[i], strlen(texts[i]), &b))
			fail_msg("taken: %s", texts[i]);
		assert_int_equal(b.len, 0);
	}
	buf_fini(&b);
}

static void
base64_keeps_to_the_buffers_maximum(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	crypto_base64("foo", 3, &b);
	assert_false(buf_failed(&b));
	crypto_base64("f", 1, &b);
	assert_true(buf_failed(&b));
	assert_string_equal(b.data, "Zm9v");
	buf_reset(&b);
	assert_false(crypto_base64_decode("Zm9vYmFy", 8, &b));
	buf_fini(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hmac_gives_the_macs_of_rfc_4231),
	    cmocka_unit_test(a_kept_key_gives_the_same_mac_each_time),
	    cmocka_unit_test(empty_key_and_data_are_fine),
	    cmocka_unit_test(hmac_signs_as_standard_webhooks_does),
	    cmocka_unit_test(hkdf_gives_the_bytes_of_rfc_5869),
	    cmocka_unit_test(purposes_give_different_keys),
	    cmocka_unit_test(sha256_gives_the_known_hashes),
	    cmocka_unit_test(equal_looks_at_every_byte),
	    cmocka_unit_test(random_bytes_differ),
	    cmocka_unit_test(
		random_base32_uses_all_of_its_letters_and_no_other),
	    cmocka_unit_test(base64_is_that_of_rfc_4648_both_ways),
	    cmocka_unit_test(what_is_not_base64_is_refused),
	    cmocka_unit_test(base64_keeps_to_the_buffers_maximum)};

	return tap_run(tests);
}
