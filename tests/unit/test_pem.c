#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/pem.h"

#include "tap.h"

/* clang-format off */
/* O=Ämter, GmbH, CN=hooks.example.com, until 2026-11-25T03:00:00Z */
static const char named[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBYTCCAQcCFEekLnJR+AjJOx8GaM1W6UOAsXIDMAoGCCqGSM49BAMCMDMxGjAY\n"
    "BgNVBAMMEWhvb2tzLmV4YW1wbGUuY29tMRUwEwYDVQQKDAzDhG10ZXIsIEdtYkgw\n"
    "HhcNMjYwMTAxMDAwMDAwWhcNMjYxMTI1MDMwMDAwWjAzMRowGAYDVQQDDBFob29r\n"
    "cy5leGFtcGxlLmNvbTEVMBMGA1UECgwMw4RtdGVyLCBHbWJIMFkwEwYHKoZIzj0C\n"
    "AQYIKoZIzj0DAQcDQgAE2uWPQ52e144lEt50cwpvV5YtelvXFGoX5e2Hvz5SF01G\n"
    "LpclxhNVeIuQpyR4UMOaBIKfDdBul4Q1HEC+aEsUmTAKBggqhkjOPQQDAgNIADBF\n"
    "AiBvK/+cModiGU44fTaFmnf+uIRc6hIx1N0MD3Hxh1jegwIhAN+nXmp29I+siUfE\n"
    "+gpd2MgLSRE9L58Ux5l6F10fZ53u\n"
    "-----END CERTIFICATE-----\n";

/* No subject, until 9999-12-31T23:59:59Z (a GeneralizedTime) */
static const char nameless[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIH8MIGjAhRxxjF8cgK/S+ac3vDVXOilOh/XrDAKBggqhkjOPQQDAjAAMCAXDTI2\n"
    "MDEwMTAwMDAwMFoYDzk5OTkxMjMxMjM1OTU5WjAAMFkwEwYHKoZIzj0CAQYIKoZI\n"
    "zj0DAQcDQgAE2uWPQ52e144lEt50cwpvV5YtelvXFGoX5e2Hvz5SF01GLpclxhNV\n"
    "eIuQpyR4UMOaBIKfDdBul4Q1HEC+aEsUmTAKBggqhkjOPQQDAgNIADBFAiBqs59q\n"
    "4pJxqrTZ37SW22sA0RwQ2CYdzEQ/SJY+MnouIQIhAKHud25OCHjYwr19a4MXUwzO\n"
    "I1gr86DVK/tD78r1mt55\n"
    "-----END CERTIFICATE-----\n";
/* clang-format on */

#define NAMED_UNTIL 1795575600
#define NAMELESS_UNTIL 253402300799

static void
subject_and_expiry_are_read(void **state)
{
	struct pem_certificate c;

	(void)state;
	assert_true(pem_read_certificate(named, &c));
	assert_string_equal(
	    c.subject, "O=\\C3\\84mter\\, GmbH,CN=hooks.example.com");
	assert_int_equal(c.expires_s, NAMED_UNTIL);
	assert_true(pem_read_certificate(nameless, &c));
	assert_string_equal(c.subject, "");
	assert_int_equal(c.expires_s, NAMELESS_UNTIL);
}

static void
the_first_of_several_counts(void **state)
{
	char text[sizeof(named) + sizeof(nameless)];
	struct pem_certificate c;

	(void)state;
	snprintf(text, sizeof(text), "%s%s", named, nameless);
	assert_true(pem_read_certificate(text, &c));
	assert_int_equal(c.expires_s, NAMED_UNTIL);
}

static void
what_is_no_certificate_is_told(void **state)
{
	char cut[sizeof(named)];
	struct pem_certificate c;

	(void)state;
	assert_false(pem_read_certificate("", &c));
	assert_false(pem_read_certificate("Nov 25 03:00:00 2026 GMT", &c));
	for (size_t n = 0; n < strlen(named) - 1; n += 7) {
		snprintf(cut, n + 1, "%s", named);
		assert_false(pem_read_certificate(cut, &c));
	}
}

static void
an_identity_without_a_key_is_refused(void **state)
{
	int64_t expires_s = 0;
	struct errinfo ei;

	(void)state;
	assert_int_equal(
	    pem_check_identity(named, 0, &expires_s, &ei), ERR_UNPROCESSABLE);
	assert_non_null(strstr(ei.detail, "no private key"));
	assert_int_equal(expires_s, NAMED_UNTIL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(subject_and_expiry_are_read),
	    cmocka_unit_test(the_first_of_several_counts),
	    cmocka_unit_test(what_is_no_certificate_is_told),
	    cmocka_unit_test(an_identity_without_a_key_is_refused),
	};

	return tap_run(tests);
}
