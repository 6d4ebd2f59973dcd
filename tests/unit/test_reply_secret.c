#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/uri.h"
#include "domain/integration.h"
#include "domain/reply_secret.h"

#include "tap.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

static void
the_vector_of_standard_webhooks(void **state)
{
	static const char body[] = "{\"test\": 2432232314}";
	struct buf b;

	(void)state;
	buf_init(&b, 256);
	reply_signing_sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
	    body, sizeof(body) - 1, &b);
	assert_string_equal(
	    b.data, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	buf_fini(&b);
}

static void
secrets_of_24_to_64_bytes_are_taken(void **state)
{
	static const char *const wrong[] = {"", "whsec_", "secret",
	    "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "WHSEC_AAAA",
	    "whsec_c2hvcnQ=", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
	    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw ",
	    "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="};
	char made[REPLY_SIGNING_TEXT_MAX], other[REPLY_SIGNING_TEXT_MAX];
	struct errinfo ei;

	(void)state;
	assert_int_equal(reply_signing_check(SECRET, &ei), ERR_OK);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (reply_signing_check(wrong[i], &ei) != ERR_UNPROCESSABLE)
			fail_msg("\"%s\" was taken", wrong[i]);
	reply_signing_make(made);
	reply_signing_make(other);
	assert_int_equal(strlen(made), 6 + 44);
	assert_int_equal(reply_signing_check(made, &ei), ERR_OK);
	assert_string_not_equal(made, other);
}

static void
a_new_secret_takes_the_place_of_its_kind(void **state)
{
	struct reply_secrets s = {.count = 0};

	(void)state;
	reply_secrets_add(&s, REPLY_SIGNING, "new", INT64_MAX);
	reply_secrets_add(&s, REPLY_SIGNING, "old", 5);
	reply_secrets_add(&s, REPLY_CREDENTIALS, "a:b", INT64_MAX);
	assert_string_equal(
	    reply_secrets_find(&s, REPLY_SIGNING, 1)->value, "old");
	assert_null(reply_secrets_find(&s, REPLY_SIGNING, 2));
	assert_false(reply_secrets_fresh(&s));
	reply_secrets_set(&s, REPLY_SIGNING, "newest");
	assert_true(reply_secrets_fresh(&s));
	assert_true(s.drop[REPLY_SIGNING]);
	assert_string_equal(
	    reply_secrets_find(&s, REPLY_SIGNING, 0)->value, "newest");
	assert_null(reply_secrets_find(&s, REPLY_SIGNING, 1));
	assert_non_null(reply_secrets_find(&s, REPLY_CREDENTIALS, 0));
	reply_secrets_set(&s, REPLY_CREDENTIALS, NULL);
	assert_null(reply_secrets_find(&s, REPLY_CREDENTIALS, 0));
	reply_secrets_stored(&s);
	assert_false(reply_secrets_fresh(&s));
	assert_false(s.drop[REPLY_SIGNING]);
	reply_secrets_fini(&s);
	assert_int_equal(s.count, 0);
}

static void
kinds_have_names(void **state)
{
	enum reply_secret_kind k;

	(void)state;
	for (int i = 0; i < REPLY_SECRET_KINDS; i++) {
		const char *name = reply_secret_name((enum reply_secret_kind)i);

		assert_true(reply_secret_parse(name, &k));
		assert_int_equal(k, i);
	}
	assert_false(reply_secret_parse("", &k));
}

static void
credentials_are_taken_out_of_a_url(void **state)
{
	static const struct {
		const char *url, *bare, *userinfo;
	} cases[] = {
	    {"http://h/p?q#",                    NULL,                    NULL   },
	    {"http://h/a/../b?x=%20",            "http://h/a/../b?x=%20", NULL   },
	    {"http://u:p@h/a/../b?x=%20",        "http://h/a/../b?x=%20", "u:p"  },
	    {"https://u@h:8443/",                "https://h:8443/",       "u:"   },
	    {"https://:p@h/",                    "https://h/",            ":p"   },
	    {"https://@h/",                      "https://h/",            NULL   },
	    {"https://a%40b:c%3Ad%2Fe@[::1]:1/", "https://[::1]:1/",
             "a@b:c:d/e"							 },
	    {"https://a:b:c@h/",                 "https://h/",            "a:b:c"},
	};
	struct errinfo ei;
	char *bare, *userinfo;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum err e =
		    uri_split_userinfo(cases[i].url, &bare, &userinfo, &ei);

		if (cases[i].bare == NULL) {
			assert_int_equal(e, ERR_UNPROCESSABLE);
			continue;
		}
		assert_int_equal(e, ERR_OK);
		assert_string_equal(bare, cases[i].bare);
		if (cases[i].userinfo == NULL)
			assert_null(userinfo);
		else
			assert_string_equal(userinfo, cases[i].userinfo);
		free(bare);
		free(userinfo);
	}
	assert_int_equal(
	    uri_split_userinfo("http://a%3ab:c@h/", &bare, &userinfo, &ei),
	    ERR_UNPROCESSABLE);
	assert_int_equal(
	    uri_split_userinfo("http://a:b%00c@h/", &bare, &userinfo, &ei),
	    ERR_UNPROCESSABLE);
	assert_null(strstr(ei.detail, "b%00c"));
}

static const struct reply_secret *
credentials(const struct integration *i)
{
	return reply_secrets_find(&i->reply_secrets, REPLY_CREDENTIALS, 0);
}

static void
credentials_stay_with_their_server(void **state)
{
	struct integration *i = integration_new();
	struct errinfo ei;

	(void)state;
	assert_int_equal(
	    integration_set_reply_url(i, "https://u:p@h/x", &ei), ERR_OK);
	assert_string_equal(i->reply_url, "https://h/x");
	assert_string_equal(credentials(i)->value, "u:p");
	assert_int_equal(
	    integration_set_reply_url(i, "https://H:443/y", &ei), ERR_OK);
	assert_non_null(credentials(i));
	/* a URL that is refused changes nothing */
	assert_int_equal(integration_set_reply_url(i, "ftp://u:q@h/", &ei),
	    ERR_UNPROCESSABLE);
	assert_string_equal(i->reply_url, "https://H:443/y");
	assert_string_equal(credentials(i)->value, "u:p");
	assert_int_equal(
	    integration_set_reply_url(i, "http://h/y", &ei), ERR_OK);
	assert_null(credentials(i));
	assert_int_equal(
	    integration_set_reply_url(i, "http://u:p@h/y", &ei), ERR_OK);
	assert_int_equal(integration_check_reply(i, &ei), ERR_OK);
	integration_add_header(i, "authorization", "Bearer x", true);
	assert_int_equal(integration_check_reply(i, &ei), ERR_UNPROCESSABLE);
	assert_int_equal(integration_set_reply_url(i, "", &ei), ERR_OK);
	assert_null(credentials(i));
	integration_unref(i);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_vector_of_standard_webhooks),
	    cmocka_unit_test(secrets_of_24_to_64_bytes_are_taken),
	    cmocka_unit_test(a_new_secret_takes_the_place_of_its_kind),
	    cmocka_unit_test(kinds_have_names),
	    cmocka_unit_test(credentials_are_taken_out_of_a_url),
	    cmocka_unit_test(credentials_stay_with_their_server),
	};

	return tap_run(tests);
}
