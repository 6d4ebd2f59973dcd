#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "domain/integration.h"

#include "tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* n times c, new. */
static char *
repeat(char c, size_t n)
{
	char *s = mem_alloc(n + 1);

	memset(s, c, n);
	s[n] = '\0';
	return s;
}

/* The rule says no, names the setting, and the sentence holds `words`. */
static void
refused(enum err e, const struct errinfo *ei, const char *setting,
    const char *words)
{
	assert_int_equal(e, ERR_UNPROCESSABLE);
	assert_int_equal(ei->code, ERR_UNPROCESSABLE);
	assert_string_equal(ei->where, setting);
	if (strstr(ei->detail, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", ei->detail, words);
}

static void
a_new_one_has_the_documented_defaults(void **state)
{
	struct integration *i = integration_new();

	(void)state;
	assert_string_equal(i->name, "");
	assert_false(i->sync);
	assert_string_equal(integration_system_name(i), "Event Webhook Async");
	assert_false(i->enabled);
	assert_int_equal(i->paused_until_us, INTEGRATION_NOT_PAUSED);
	assert_string_equal(i->token_header, "X-Platform-Token");
	assert_false(i->allow_query_token);
	assert_false(i->accept_malformed);
	assert_int_equal(i->max_body_bytes, 1 << 20);
	assert_int_equal(i->request_timeout_ms, 0);
	assert_string_equal(i->reply_url, "");
	assert_string_equal(i->reply_method, "POST");
	assert_int_equal(i->header_count, 0);
	assert_int_equal(i->token_count, 0);
	i->sync = true;
	assert_string_equal(integration_system_name(i), "Event Webhook Sync");
	integration_unref(i);
}

static void
it_lives_as_long_as_the_last_reference(void **state)
{
	struct integration *i = integration_new();

	(void)state;
	assert_ptr_equal(integration_ref(i), i);
	assert_int_equal(i->refs, 2);
	integration_unref(i);
	assert_int_equal(i->refs, 1);
	assert_string_equal(i->reply_method, "POST");
	integration_unref(i);
	integration_unref(NULL);
}

static void
it_runs_when_enabled_not_deleted_and_not_paused(void **state)
{
	struct integration *i = integration_new();

	(void)state;
	assert_false(integration_runs(i, 1000));
	i->enabled = true;
	assert_true(integration_runs(i, 1000));
	i->deleted = true;
	assert_false(integration_runs(i, 1000));
	i->deleted = false;
	i->paused_until_us = 2000;
	assert_true(integration_paused(i, 1999));
	assert_false(integration_runs(i, 1999));
	assert_false(integration_paused(i, 2000));
	assert_true(integration_runs(i, 2000));
	i->paused_until_us = INTEGRATION_PAUSED_FOREVER;
	assert_true(integration_paused(i, INT64_MAX - 1));
	assert_false(integration_runs(i, INT64_MAX - 1));
	integration_unref(i);
}

static void
a_name_has_1_to_200_characters(void **state)
{
	struct errinfo ei;
	char *s;
	char wide[2 * 201 + 1];

	(void)state;
	refused(integration_check_name("", &ei), &ei, "name", "needs a name");
	assert_int_equal(integration_check_name("a", &ei), ERR_OK);
	s = repeat('x', 200);
	assert_int_equal(integration_check_name(s, &ei), ERR_OK);
	free(s);
	s = repeat('x', 201);
	refused(integration_check_name(s, &ei), &ei, "name",
	    "has 201 characters; at most 200");
	free(s);
	/* characters, not bytes */
	for (size_t n = 0; n < 201; n++)
		memcpy(wide + 2 * n, "\xc3\xa9", 2);
	wide[400] = '\0';
	assert_int_equal(integration_check_name(wide, &ei), ERR_OK);
}

static void
a_name_is_one_trimmed_line_of_utf8(void **state)
{
	static const struct {
		const char *name;
		const char *words;
	} bad[] = {
	    {" a",       "begins or ends with a blank"},
	    {"a ",       "begins or ends with a blank"},
	    {"a\nb",     "control character"          },
	    {"a\tb",     "control character"          },
	    {"a\x7f",    "control character"          },
	    {"a\xff",    "not UTF-8"                  },
	    {"\xc0\x80", "not UTF-8"                  },
	};
	struct errinfo ei;

	(void)state;
	for (size_t n = 0; n < COUNT(bad); n++)
		refused(integration_check_name(bad[n].name, &ei), &ei, "name",
		    bad[n].words);
	assert_int_equal(
	    integration_check_name("Alerts, Z\xc3\xbcrich (2)", &ei), ERR_OK);
}

static void
a_text_has_at_most_2000_characters_of_utf8(void **state)
{
	struct errinfo ei;
	char *s;

	(void)state;
	assert_int_equal(integration_check_text("team", "", &ei), ERR_OK);
	s = repeat('x', 2000);
	assert_int_equal(integration_check_text("team", s, &ei), ERR_OK);
	free(s);
	s = repeat('x', 2001);
	refused(integration_check_text("contact", s, &ei), &ei, "contact",
	    "at most 2000");
	free(s);
	refused(integration_check_text("team", "\xff", &ei), &ei, "team",
	    "not UTF-8");
}

static void
a_token_has_16_to_256_visible_characters(void **state)
{
	struct errinfo ei;
	char *s;

	(void)state;
	refused(integration_check_token("123456789012345", &ei), &ei, "token",
	    "has 15 characters; at least 16");
	assert_int_equal(
	    integration_check_token("!23456789012345~", &ei), ERR_OK);
	s = repeat('t', 256);
	assert_int_equal(integration_check_token(s, &ei), ERR_OK);
	free(s);
	s = repeat('t', 257);
	refused(integration_check_token(s, &ei), &ei, "token", "at most 256");
	free(s);
	refused(integration_check_token("1234567890 123456", &ei), &ei, "token",
	    "without blanks");
	refused(integration_check_token("1234567890\n123456", &ei), &ei,
	    "token", "printable ASCII");
	refused(integration_check_token("1234567890\xc3\xa9"
					"123456",
		    &ei),
	    &ei, "token", "printable ASCII");
	/* the message must not give the token away */
	assert_null(strstr(ei.detail, "123456"));
}

static void
a_request_timeout_is_a_duration_of_at_most_30_days(void **state)
{
	struct errinfo ei;
	int64_t ms = 7;

	(void)state;
	assert_int_equal(integration_check_timeout("", &ms, &ei), ERR_OK);
	assert_int_equal(ms, 0);
	assert_int_equal(integration_check_timeout("PT60S", &ms, &ei), ERR_OK);
	assert_int_equal(ms, 60000);
	assert_int_equal(integration_check_timeout("P30D", &ms, &ei), ERR_OK);
	assert_true(ms == INTEGRATION_TIMEOUT_MAX_MS);
	refused(integration_check_timeout("P30DT0.001S", &ms, &ei), &ei,
	    "request-timeout", "at most 30 days");
	refused(integration_check_timeout("60", &ms, &ei), &ei,
	    "request-timeout", "PT60S");
	refused(integration_check_timeout("PT0S", &ms, &ei), &ei,
	    "request-timeout", "");
	refused(integration_check_timeout("-PT5S", &ms, &ei), &ei,
	    "request-timeout", "");
	assert_int_equal(integration_check_timeout("nonsense", &ms, NULL),
	    ERR_UNPROCESSABLE);
}

static void
a_reply_url_is_http_or_https_with_a_host(void **state)
{
	static const char *const good[] = {"", "http://localhost",
	    "https://example.org:8443/a?b=c", "http://[::1]:8080/x"};
	static const char *const bad[] = {"localhost", "ftp://example.org/",
	    "http://", "//example.org/", "http:/example.org",
	    "https://user:pw@example.org/", "https://example.org/#x",
	    "https://exam ple.org/"};
	struct errinfo ei;
	char *s;

	(void)state;
	for (size_t n = 0; n < COUNT(good); n++)
		assert_int_equal(
		    integration_check_reply_url(good[n], &ei), ERR_OK);
	for (size_t n = 0; n < COUNT(bad); n++)
		refused(integration_check_reply_url(bad[n], &ei), &ei,
		    "reply-url", "");
	s = repeat('a', 2049);
	memcpy(s, "http://a/", 9);
	refused(integration_check_reply_url(s, &ei), &ei, "reply-url", "2");
	s[2048] = '\0';
	assert_int_equal(integration_check_reply_url(s, &ei), ERR_OK);
	free(s);
	assert_int_equal(
	    integration_check_reply_url("gopher://x", NULL), ERR_UNPROCESSABLE);
}

static void
a_reply_method_is_post_or_put(void **state)
{
	static const char *const bad[] = {"", "post", "GET", "POST "};
	struct errinfo ei;

	(void)state;
	assert_int_equal(integration_check_reply_method("POST", &ei), ERR_OK);
	assert_int_equal(integration_check_reply_method("PUT", &ei), ERR_OK);
	for (size_t n = 0; n < COUNT(bad); n++)
		refused(integration_check_reply_method(bad[n], &ei), &ei,
		    "reply-method", "POST or PUT");
}

static void
a_body_has_1_byte_to_16_mib(void **state)
{
	struct errinfo ei;

	(void)state;
	assert_int_equal(integration_check_max_body(1, &ei), ERR_OK);
	assert_int_equal(integration_check_max_body(16 << 20, &ei), ERR_OK);
	refused(integration_check_max_body(0, &ei), &ei, "max-body", "16 MiB");
	refused(integration_check_max_body(-1, &ei), &ei, "max-body", "1 to");
	refused(integration_check_max_body((16 << 20) + 1, &ei), &ei,
	    "max-body", "16777216 bytes");
}

static void
headers_that_are_ours_are_refused(void **state)
{
	static const char *const ours[] = {"Host", "host", "Content-Length",
	    "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Connection",
	    "Keep-Alive", "Proxy-Authorization", "proxy-connection", "Expect",
	    "webhook-id", "Webhook-Timestamp", "WEBHOOK-SIGNATURE",
	    "traceparent"};
	struct errinfo ei;

	(void)state;
	for (size_t n = 0; n < COUNT(ours); n++)
		refused(integration_check_header(ours[n], "x", &ei), &ei,
		    "reply-header", "made by ewa itself");
	assert_int_equal(
	    integration_check_header("Content-Type", "text/x", &ei), ERR_OK);
	assert_int_equal(integration_check_header("Hostess", "x", &ei), ERR_OK);
	assert_int_equal(integration_check_header("Proxy", "x", &ei), ERR_OK);
}

static void
a_header_name_is_a_token(void **state)
{
	static const char *const bad[] = {"a b", "a:b", "a\r\nb", "\xc3\xa9",
	    " a", "a ", "(x)", "a\"", "a/b"};
	struct errinfo ei;
	char *s;

	(void)state;
	refused(integration_check_header("", "x", &ei), &ei, "reply-header",
	    "needs a name");
	for (size_t n = 0; n < COUNT(bad); n++)
		refused(integration_check_header(bad[n], "x", &ei), &ei,
		    "reply-header", "without blanks");
	assert_int_equal(
	    integration_check_header("x!#$%&'*+-.^_`|~9", "x", &ei), ERR_OK);
	s = repeat('n', 129);
	refused(integration_check_header(s, "x", &ei), &ei, "reply-header",
	    "at most 128");
	s[128] = '\0';
	assert_int_equal(integration_check_header(s, "x", &ei), ERR_OK);
	free(s);
}

static void
a_header_value_is_one_line_of_at_most_4_kib(void **state)
{
	static const struct {
		const char *value;
		const char *words;
	} bad[] = {
	    {"a\r\nX: y", "control character"          },
	    {"a\nb",      "control character"          },
	    {"a\tb",      "control character"          },
	    {" a",        "begins or ends with a blank"},
	    {"a ",        "begins or ends with a blank"},
	    {"\xff",      "not UTF-8"                  },
	};
	struct errinfo ei;
	char *s;

	(void)state;
	for (size_t n = 0; n < COUNT(bad); n++)
		refused(integration_check_header("X-A", bad[n].value, &ei), &ei,
		    "reply-header", bad[n].words);
	assert_int_equal(integration_check_header("X-A", "", &ei), ERR_OK);
	assert_int_equal(integration_check_header("X-A", NULL, &ei), ERR_OK);
	assert_int_equal(
	    integration_check_header("X-A", "b: c, \xc3\xa9", &ei), ERR_OK);
	s = repeat('v', 4097);
	refused(integration_check_header("X-A", s, &ei), &ei, "reply-header",
	    "more than 4096 bytes");
	s[4096] = '\0';
	assert_int_equal(integration_check_header("X-A", s, &ei), ERR_OK);
	free(s);
}

static void
a_token_header_is_one_that_servers_hand_on(void **state)
{
	static const char *const taken[] = {"Authorization", "cookie",
	    "Content-Type", "Prefer", "Idempotency-Key", "Proxy"};
	struct errinfo ei;

	(void)state;
	assert_int_equal(
	    integration_check_token_header("X-Platform-Token", &ei), ERR_OK);
	assert_int_equal(
	    integration_check_token_header("X-Gitlab-Token", &ei), ERR_OK);
	refused(integration_check_token_header("", &ei), &ei, "token-header",
	    "needs a name");
	refused(integration_check_token_header("X_Token", &ei), &ei,
	    "token-header", "hyphens");
	refused(integration_check_token_header("X.Token", &ei), &ei,
	    "token-header", "hyphens");
	refused(integration_check_token_header("Content-Length", &ei), &ei,
	    "token-header", "belongs to the connection");
	for (size_t n = 0; n < COUNT(taken); n++)
		refused(integration_check_token_header(taken[n], &ei), &ei,
		    "token-header", "meaning of its own");
}

static void
credentials_are_secret_by_their_name(void **state)
{
	static const char *const secret[] = {"Authorization", "COOKIE",
	    "X-Api-Key", "api-key", "apikey", "X-Auth", "X-Auth-Token",
	    "X-Platform-Token", "Private-Token", "X-Client-Secret",
	    "X-Password", "Ocp-Apim-Subscription-Key", "DD-API-KEY"};
	static const char *const open[] = {"Content-Type", "User-Agent",
	    "X-Author", "X-Monkey", "Accept", "X-Keyboard"};

	(void)state;
	for (size_t n = 0; n < COUNT(secret); n++)
		assert_true(integration_header_is_secret(secret[n]));
	for (size_t n = 0; n < COUNT(open); n++)
		assert_false(integration_header_is_secret(open[n]));
}

static void
a_header_line_is_split_at_its_first_colon(void **state)
{
	struct errinfo ei;
	char *name, *value;

	(void)state;
	assert_int_equal(
	    integration_split_header("X-A: \t b: c \t", &name, &value, &ei),
	    ERR_OK);
	assert_string_equal(name, "X-A");
	assert_string_equal(value, "b: c");
	free(name);
	free(value);
	assert_int_equal(
	    integration_split_header("X-A:", &name, &value, &ei), ERR_OK);
	assert_string_equal(value, "");
	free(name);
	free(value);
	refused(integration_split_header("X-A b", &name, &value, &ei), &ei,
	    "reply-header", "Name: value");
	assert_null(name);
	assert_null(value);
}

static void
headers_are_at_most_50_and_no_name_twice(void **state)
{
	struct integration *i = integration_new();
	struct errinfo ei;
	char name[16];

	(void)state;
	for (int n = 0; n < 50; n++) {
		snprintf(name, sizeof(name), "X-%d", n);
		assert_int_equal(
		    integration_set_header(i, name, "v", false, &ei), ERR_OK);
	}
	refused(integration_set_header(i, "x-0", "v", false, &ei), &ei,
	    "reply-header", "given twice");
	refused(integration_set_header(i, "X-50", "v", false, &ei), &ei,
	    "reply-header", "more than 50");
	refused(integration_set_header(i, "Host", "v", false, &ei), &ei,
	    "reply-header", "made by ewa itself");
	assert_int_equal(i->header_count, 50);
	integration_clear_headers(i);
	assert_int_equal(i->header_count, 0);
	integration_unref(i);
}

static void
a_header_is_secret_if_asked_or_by_its_name(void **state)
{
	struct integration *i = integration_new();
	struct errinfo ei;

	(void)state;
	assert_int_equal(
	    integration_set_header(i, "X-A", "v", false, &ei), ERR_OK);
	assert_int_equal(
	    integration_set_header(i, "X-B", "v", true, &ei), ERR_OK);
	assert_int_equal(
	    integration_set_header(i, "Authorization", NULL, false, &ei),
	    ERR_OK);
	assert_false(i->headers[0].secret);
	assert_true(i->headers[1].secret);
	assert_true(i->headers[2].secret);
	assert_null(i->headers[2].value);
	integration_unref(i);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_new_one_has_the_documented_defaults),
	    cmocka_unit_test(it_lives_as_long_as_the_last_reference),
	    cmocka_unit_test(it_runs_when_enabled_not_deleted_and_not_paused),
	    cmocka_unit_test(a_name_has_1_to_200_characters),
	    cmocka_unit_test(a_name_is_one_trimmed_line_of_utf8),
	    cmocka_unit_test(a_text_has_at_most_2000_characters_of_utf8),
	    cmocka_unit_test(a_token_has_16_to_256_visible_characters),
	    cmocka_unit_test(
		a_request_timeout_is_a_duration_of_at_most_30_days),
	    cmocka_unit_test(a_reply_url_is_http_or_https_with_a_host),
	    cmocka_unit_test(a_reply_method_is_post_or_put),
	    cmocka_unit_test(a_body_has_1_byte_to_16_mib),
	    cmocka_unit_test(headers_that_are_ours_are_refused),
	    cmocka_unit_test(a_header_name_is_a_token),
	    cmocka_unit_test(a_header_value_is_one_line_of_at_most_4_kib),
	    cmocka_unit_test(a_token_header_is_one_that_servers_hand_on),
	    cmocka_unit_test(credentials_are_secret_by_their_name),
	    cmocka_unit_test(a_header_line_is_split_at_its_first_colon),
	    cmocka_unit_test(headers_are_at_most_50_and_no_name_twice),
	    cmocka_unit_test(a_header_is_secret_if_asked_or_by_its_name),
	};

	return tap_run(tests);
}
