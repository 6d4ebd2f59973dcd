#include "config.h"

#include "responder/rate.h"

#include "tap.h"

#define SECOND 1000000

/* How many of n are let through at this time. */
static int
taken(struct rate *r, const struct integration *i, int n, int64_t now_us)
{
	int count = 0;

	while (n-- > 0)
		count += rate_take(r, i, now_us, NULL) == ERR_OK;
	return count;
}

static void
without_a_limit_all_pass(void **state)
{
	struct integration i = {.id = 1};
	struct rate *r = rate_new();

	(void)state;
	assert_int_equal(taken(r, &i, 100000, 0), 100000);
	rate_free(r);
}

static void
a_burst_passes_and_then_the_rate(void **state)
{
	struct integration i = {.id = 1, .rate_limit = 4, .rate_burst = 10};
	struct rate *r = rate_new();
	int64_t now = 100 * SECOND;

	(void)state;
	assert_int_equal(taken(r, &i, 50, now), 10);
	assert_int_equal(taken(r, &i, 50, now + SECOND / 4 - 1), 0);
	assert_int_equal(taken(r, &i, 50, now + SECOND / 4), 1);
	for (int s = 1; s <= 20; s++)
		assert_int_equal(
		    taken(r, &i, 50, now + s * SECOND), s == 1 ? 3 : 4);
	/* it fills again, but not beyond the burst */
	assert_int_equal(taken(r, &i, 50, now + 1000 * (int64_t)SECOND), 10);
	rate_free(r);
}

static void
without_a_burst_a_second_fills_it(void **state)
{
	struct integration i = {.id = 1, .rate_limit = 7};
	struct integration most = {.id = 2, .rate_limit = INTEGRATION_RATE_MAX};
	struct rate *r = rate_new();

	(void)state;
	assert_int_equal(taken(r, &i, 50, 0), 7);
	assert_int_equal(taken(r, &i, 50, SECOND), 7);
	assert_int_equal(taken(r, &most, 200000, SECOND), INTEGRATION_RATE_MAX);
	rate_free(r);
}

static void
each_integration_has_its_own(void **state)
{
	struct integration a = {.id = 1, .rate_limit = 1};
	struct integration b = {.id = 2, .rate_limit = 1};
	struct errinfo ei;
	struct rate *r = rate_new();

	(void)state;
	assert_int_equal(rate_take(r, &a, 0, &ei), ERR_OK);
	assert_int_equal(rate_take(r, &b, 0, &ei), ERR_OK);
	assert_int_equal(rate_take(r, &a, 0, &ei), ERR_RATE);
	assert_int_equal(ei.code, ERR_RATE);
	assert_int_equal(err_status(ERR_RATE), 503);
	rate_free(r);
}

static void
a_changed_rate_counts_at_once(void **state)
{
	struct integration i = {.id = 1, .rate_limit = 1};
	struct rate *r = rate_new();

	(void)state;
	assert_int_equal(taken(r, &i, 5, 0), 1);
	i.rate_limit = 100;
	assert_true(taken(r, &i, 500, SECOND) >= 99);
	rate_free(r);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_a_limit_all_pass),
	    cmocka_unit_test(a_burst_passes_and_then_the_rate),
	    cmocka_unit_test(without_a_burst_a_second_fills_it),
	    cmocka_unit_test(each_integration_has_its_own),
	    cmocka_unit_test(a_changed_rate_counts_at_once),
	};

	return tap_run(tests);
}
