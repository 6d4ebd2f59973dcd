#include "config.h"

#include <string.h>

#include "domain/signature.h"

#include "tap.h"

/* The vector of Standard Webhooks. */
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define ID "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define TIMESTAMP "1614265330"
#define NOW 1614265330
#define BODY "{\"test\": 2432232314}"
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

/* GitHub's own example. */
#define GITHUB_SECRET "It's a Secret to Everybody"
#define GITHUB_BODY "Hello, World!"
#define GITHUB_HEX                       \
	"757107ea0eb2509fc211221cce984b" \
	"8a37570b6d7586c22c46f4379c8b043e17"
#define GITHUB_BASE64 "dXEH6g6yUJ/CESIczphLijdXC211hsIsRvQ3nIsEPhc="

static enum err
standard(const char *value, const char *id, const char *timestamp,
    int64_t now_s, struct errinfo *ei)
{
	struct signature s = {value, true, id, timestamp};
	const char *secrets[] = {"another secret, the new one", SECRET};

	return signature_check(&s, secrets, 2, BODY, strlen(BODY), now_s, ei);
}

static enum err
generic(const char *value)
{
	struct signature s = {.value = value};
	const char *secrets[] = {GITHUB_SECRET, NULL};

	return signature_check(
	    &s, secrets, 2, GITHUB_BODY, strlen(GITHUB_BODY), NOW, NULL);
}

static void
the_vector_of_standard_webhooks_is_taken(void **state)
{
	struct errinfo ei;

	(void)state;
	assert_int_equal(standard(SIGNATURE, ID, TIMESTAMP, NOW, &ei), ERR_OK);
	assert_int_equal(standard("v1a,AAAA v1,AAAA " SIGNATURE " v2,x", ID,
			     TIMESTAMP, NOW, &ei),
	    ERR_OK);
}

static void
any_change_is_refused(void **state)
{
	static const struct {
		const char *value, *id, *timestamp;
	} bad[] = {
	    {SIGNATURE,					 "msg_p5jXN8AQM9LWM0D4loKWxJel", TIMESTAMP             },
	    {SIGNATURE,					 ID,			     "1614265331"          },
	    {"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF=", ID,                             TIMESTAMP             },
	    {"v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", ID,                             TIMESTAMP             },
	    {"g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",    ID,                             TIMESTAMP             },
	    {"v1,",					     ID,			     TIMESTAMP             },
	    {"",						ID,			     TIMESTAMP             },
	    {SIGNATURE,					 NULL,                           TIMESTAMP             },
	    {SIGNATURE,					 "",			     TIMESTAMP             },
	    {SIGNATURE,					 ID,			     NULL                  },
	    {SIGNATURE,					 ID,			     ""                    },
	    {SIGNATURE,					 ID,			     " 1614265330"         },
	    {SIGNATURE,					 ID,			     "-1614265330"         },
	    {SIGNATURE,					 ID,			     "16142653301614265330"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(standard(bad[i].value, bad[i].id,
				     bad[i].timestamp, NOW, NULL),
		    ERR_UNAUTHORIZED);
}

static void
five_minutes_either_way_are_allowed(void **state)
{
	struct errinfo ei;

	(void)state;
	assert_int_equal(
	    standard(SIGNATURE, ID, TIMESTAMP, NOW + 300, &ei), ERR_OK);
	assert_int_equal(
	    standard(SIGNATURE, ID, TIMESTAMP, NOW - 300, &ei), ERR_OK);
	assert_int_equal(standard(SIGNATURE, ID, TIMESTAMP, NOW + 301, &ei),
	    ERR_UNAUTHORIZED);
	assert_non_null(strstr(ei.detail, "301 s"));
	assert_int_equal(standard(SIGNATURE, ID, TIMESTAMP, NOW - 301, &ei),
	    ERR_UNAUTHORIZED);
}

static void
other_headers_take_hex_and_base64(void **state)
{
	static const char *const good[] = {"sha256=" GITHUB_HEX, GITHUB_HEX,
	    GITHUB_BASE64, "sha256=" GITHUB_BASE64, "v1=" GITHUB_HEX,
	    "v1=00,v1=" GITHUB_HEX, "v1=00, v1=" GITHUB_HEX,
	    "757107EA0EB2509FC211221CCE984B8A37570B6D7586C22C46F4379C8B043E17"};
	static const char *const bad[] = {"", "sha256=", "sha256",
	    "sha256=757107", GITHUB_HEX "00", "x" GITHUB_HEX,
	    "sha256=857107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b"
	    "043e17",
	    "eXEH6g6yUJ/CESIczphLijdXC211hsIsRvQ3nIsEPhc=", "===", ",,,"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(generic(good[i]), ERR_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(generic(bad[i]), ERR_UNAUTHORIZED);
}

static void
without_a_secret_nothing_matches(void **state)
{
	struct signature s = {.value = "sha256=" GITHUB_HEX};
	const char *secrets[] = {NULL, NULL};

	(void)state;
	assert_int_equal(signature_check(&s, secrets, 2, "", 0, NOW, NULL),
	    ERR_UNAUTHORIZED);
	assert_int_equal(signature_check(&s, secrets, 0, "", 0, NOW, NULL),
	    ERR_UNAUTHORIZED);
}

static void
secrets_are_checked(void **state)
{
	(void)state;
	assert_int_equal(signature_check_secret(SECRET, NULL), ERR_OK);
	assert_int_equal(signature_check_secret(GITHUB_SECRET, NULL), ERR_OK);
	assert_int_equal(signature_check_secret("whsec_no base64 at all", NULL),
	    ERR_UNPROCESSABLE);
	assert_int_equal(
	    signature_check_secret("fifteen letters", NULL), ERR_UNPROCESSABLE);
	assert_int_equal(signature_check_secret("a tab\tin it, no good", NULL),
	    ERR_UNPROCESSABLE);
	assert_int_equal(signature_check_secret(" a blank before it", NULL),
	    ERR_UNPROCESSABLE);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_vector_of_standard_webhooks_is_taken),
	    cmocka_unit_test(any_change_is_refused),
	    cmocka_unit_test(five_minutes_either_way_are_allowed),
	    cmocka_unit_test(other_headers_take_hex_and_base64),
	    cmocka_unit_test(without_a_secret_nothing_matches),
	    cmocka_unit_test(secrets_are_checked),
	};

	return tap_run(tests);
}
