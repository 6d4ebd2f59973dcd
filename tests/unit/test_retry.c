#include "config.h"

#include "domain/retry.h"

#include "tap.h"

#define DAY_MS ((int64_t)86400 * 1000)

static void
only_2xx_is_success(void **state)
{
	(void)state;
	for (int status = 0; status < 1000; status++)
		assert_int_equal(retry_classify(status) == ATTEMPT_OK,
		    status >= 200 && status < 300);
}

static void
redirects_and_most_4xx_are_final(void **state)
{
	static const int final[] = {300, 301, 302, 303, 304, 307, 308, 399, 400,
	    401, 403, 404, 405, 409, 410, 413, 422, 431, 451, 499};

	(void)state;
	for (size_t i = 0; i < sizeof(final) / sizeof(final[0]); i++)
		assert_int_equal(retry_classify(final[i]), ATTEMPT_FAILED);
}

static void
the_rest_is_tried_again(void **state)
{
	static const int again[] = {
	    0, 100, 101, 199, 408, 425, 429, 500, 501, 502, 503, 504, 599, 999};

	(void)state;
	for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++)
		assert_int_equal(retry_classify(again[i]), ATTEMPT_RETRY);
}

static void
waits_follow_the_schedule_and_repeat_the_last(void **state)
{
	static const int64_t s[] = {
	    1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 3600, 3600};

	(void)state;
	for (int made = 1; made <= 14; made++)
		assert_int_equal(
		    retry_delay_ms(made, 0, 0), s[made - 1] * 1000);
	assert_int_equal(retry_delay_ms(INT32_MAX, 0, 0), 3600000);
}

static void
jitter_is_up_to_a_fifth_later_and_never_earlier(void **state)
{
	(void)state;
	for (int made = 1; made <= 13; made++) {
		int64_t base = retry_delay_ms(made, 0, 0), last = base;

		for (uint64_t r = 0; r <= UINT32_MAX; r += UINT32_MAX / 64) {
			int64_t ms = retry_delay_ms(made, (uint32_t)r, 0);

			assert_true(ms >= last);
			assert_true(ms <= base + base / 5);
			last = ms;
		}
		assert_int_equal(
		    retry_delay_ms(made, UINT32_MAX, 0), base + base / 5);
	}
}

static void
retry_after_counts_when_it_is_later(void **state)
{
	(void)state;
	assert_int_equal(retry_delay_ms(1, 0, 7000), 7000);
	assert_int_equal(retry_delay_ms(4, 0, 7000), 10000);
	assert_int_equal(retry_delay_ms(1, 0, 0), 1000);
	assert_int_equal(retry_delay_ms(1, 0, -5), 1000);
	assert_int_equal(retry_delay_ms(1, 0, INT64_MIN), 1000);
	assert_int_equal(
	    retry_delay_ms(1, 0, INT64_MAX), RETRY_AFTER_MAX_S * 1000);
}

static void
nothing_is_planned_at_or_past_the_deadline(void **state)
{
	(void)state;
	assert_int_equal(retry_plan_ms(1, 0, 0, 1001), 1000);
	assert_int_equal(retry_plan_ms(1, 0, 0, 1000), RETRY_NEVER);
	assert_int_equal(retry_plan_ms(1, UINT32_MAX, 0, 1100), RETRY_NEVER);
	assert_int_equal(retry_plan_ms(1, 0, 0, -1), RETRY_NEVER);
	assert_int_equal(retry_plan_ms(1, 0, 600000, 500000), RETRY_NEVER);
	assert_int_equal(
	    retry_plan_ms(1, 0, INT64_MAX, DAY_MS), RETRY_AFTER_MAX_S * 1000);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_2xx_is_success),
	    cmocka_unit_test(redirects_and_most_4xx_are_final),
	    cmocka_unit_test(the_rest_is_tried_again),
	    cmocka_unit_test(waits_follow_the_schedule_and_repeat_the_last),
	    cmocka_unit_test(jitter_is_up_to_a_fifth_later_and_never_earlier),
	    cmocka_unit_test(retry_after_counts_when_it_is_later),
	    cmocka_unit_test(nothing_is_planned_at_or_past_the_deadline),
	};

	return tap_run(tests);
}
