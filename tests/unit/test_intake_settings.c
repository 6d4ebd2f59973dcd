/* The rules of domain/integration_intake.c. */
#include "config.h"

#include <string.h>

#include "domain/integration.h"

#include "tap.h"

static void
a_new_integration_has_safe_defaults(void **state)
{
	struct integration *i = integration_new();

	(void)state;
	assert_int_equal(i->repeat_window_ms, INTEGRATION_REPEAT_DEFAULT_MS);
	assert_string_equal(i->signature_header, "");
	assert_int_equal(i->signature_rule, SIGNATURE_EITHER);
	assert_int_equal(i->rate_limit, 0);
	assert_int_equal(i->signing_count, 0);
	integration_unref(i);
}

static void
repeat_windows_are_durations_of_30_days_at_most(void **state)
{
	struct errinfo ei;
	int64_t ms;

	(void)state;
	assert_int_equal(
	    integration_check_repeat_window("PT90S", &ms, &ei), ERR_OK);
	assert_int_equal(ms, 90000);
	assert_int_equal(integration_check_repeat_window("", &ms, &ei), ERR_OK);
	assert_int_equal(ms, 0);
	assert_int_equal(
	    integration_check_repeat_window("P30D", &ms, &ei), ERR_OK);
	assert_int_equal(integration_check_repeat_window("P31D", &ms, &ei),
	    ERR_UNPROCESSABLE);
	assert_string_equal(ei.where, "repeat-window");
	assert_int_equal(
	    integration_check_repeat_window("1h", &ms, &ei), ERR_UNPROCESSABLE);
	assert_string_equal(ei.where, "repeat-window");
}

static void
signature_headers_are_names_without_a_meaning(void **state)
{
	static const char *const good[] = {
	    "", "X-My-Signature", "Webhook-Signature", "X-Hub-Signature-256"};
	static const char *const bad[] = {
	    "Authorization", "Content-Type", "a b", "X_Under", "webhook-id"};
	struct errinfo ei;

	(void)state;
	for (size_t n = 0; n < sizeof(good) / sizeof(good[0]); n++)
		assert_int_equal(
		    integration_check_signature_header(good[n], &ei), ERR_OK);
	for (size_t n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
		assert_int_equal(
		    integration_check_signature_header(bad[n], &ei),
		    ERR_UNPROCESSABLE);
		assert_string_equal(ei.where, "signature-header");
	}
}

static void
rules_have_names(void **state)
{
	enum signature_rule r = SIGNATURE_EITHER;

	(void)state;
	for (int k = SIGNATURE_EITHER; k <= SIGNATURE_INSTEAD; k++) {
		assert_true(signature_rule_parse(
		    signature_rule_name((enum signature_rule)k), &r));
		assert_int_equal(r, k);
	}
	assert_false(signature_rule_parse("", &r));
	assert_false(signature_rule_parse("Either", &r));
}

static void
rates_have_bounds(void **state)
{
	(void)state;
	assert_int_equal(integration_check_rate(0, NULL), ERR_OK);
	assert_int_equal(
	    integration_check_rate(INTEGRATION_RATE_MAX, NULL), ERR_OK);
	assert_int_equal(integration_check_rate(-1, NULL), ERR_UNPROCESSABLE);
	assert_int_equal(integration_check_rate(INTEGRATION_RATE_MAX + 1, NULL),
	    ERR_UNPROCESSABLE);
	assert_int_equal(integration_check_burst(0, NULL), ERR_OK);
	assert_int_equal(
	    integration_check_burst(INTEGRATION_BURST_MAX + 1, NULL),
	    ERR_UNPROCESSABLE);
}

static void
an_enabled_one_has_the_credentials_of_its_rule(void **state)
{
	static const struct {
		enum signature_rule rule;
		bool token, secret, ok;
	} cases[] = {
	    {SIGNATURE_EITHER,  false, false, false},
	    {SIGNATURE_EITHER,  true,  false, true },
	    {SIGNATURE_EITHER,  false, true,  true },
	    {SIGNATURE_EITHER,  true,  true,  true },
	    {SIGNATURE_BESIDES, false, true,  false},
	    {SIGNATURE_BESIDES, true,  false, false},
	    {SIGNATURE_BESIDES, true,  true,  true },
	    {SIGNATURE_INSTEAD, true,  false, false},
	    {SIGNATURE_INSTEAD, false, true,  true },
	};
	struct errinfo ei;

	(void)state;
	for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		struct integration i = {
		    .enabled = true, .signature_rule = cases[n].rule};
		enum err e = integration_check_credentials(
		    &i, cases[n].token, cases[n].secret, &ei);

		assert_int_equal(e, cases[n].ok ? ERR_OK : ERR_UNPROCESSABLE);
		if (!cases[n].ok)
			assert_string_equal(ei.where, "enable");
		i.enabled = false;
		assert_int_equal(integration_check_credentials(
				     &i, cases[n].token, cases[n].secret, &ei),
		    ERR_OK);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_new_integration_has_safe_defaults),
	    cmocka_unit_test(repeat_windows_are_durations_of_30_days_at_most),
	    cmocka_unit_test(signature_headers_are_names_without_a_meaning),
	    cmocka_unit_test(rules_have_names),
	    cmocka_unit_test(rates_have_bounds),
	    cmocka_unit_test(an_enabled_one_has_the_credentials_of_its_rule),
	};

	return tap_run(tests);
}
