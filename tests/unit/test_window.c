#include "config.h"

#include "domain/window.h"

#include "tap.h"

#define MAX 64

/* n attempts that begin together and end with the same sign. */
static void
ends(struct window *w, int n, enum window_sign sign, int64_t now_ms)
{
	for (int i = 0; i < n; i++)
		window_start(w);
	for (int i = 0; i < n; i++)
		window_end(w, sign, MAX, now_ms);
}

static struct window
fresh(void)
{
	struct window w;

	window_init(&w);
	return w;
}

static struct window
dead_at(int64_t now_ms)
{
	struct window w = fresh();

	for (int i = 0; i < 1000 && w.dead_ms == 0; i++)
		ends(&w, 1, WINDOW_DISTRESS, now_ms);
	return w;
}

static void
starts_small_and_counts_what_is_under_way(void **state)
{
	struct window w = fresh();

	(void)state;
	assert_int_equal(window_room(&w, 0), WINDOW_START);
	for (int i = 0; i < WINDOW_START; i++)
		window_start(&w);
	assert_int_equal(window_room(&w, 0), 0);
	window_drop(&w);
	assert_int_equal(window_room(&w, 0), 1);
}

static void
a_whole_window_of_successes_adds_one(void **state)
{
	struct window w = fresh();

	(void)state;
	ends(&w, WINDOW_START, WINDOW_SUCCESS, 0);
	assert_int_equal(window_room(&w, 0), WINDOW_START);
	ends(&w, 1, WINDOW_SUCCESS, 0);
	assert_int_equal(window_room(&w, 0), WINDOW_START + 1);
}

static void
grows_to_the_maximum_and_no_further(void **state)
{
	struct window w = fresh();

	(void)state;
	for (int i = 0; i < 100000; i++)
		ends(&w, 1, WINDOW_SUCCESS, 0);
	assert_int_equal(window_room(&w, 0), MAX);
}

static void
a_single_failure_costs_little(void **state)
{
	struct window w = fresh();

	(void)state;
	ends(&w, 1, WINDOW_DISTRESS, 0);
	assert_int_equal(window_room(&w, 0), WINDOW_START - 1);
	ends(&w, 2, WINDOW_SUCCESS, 0);
	assert_int_equal(window_room(&w, 0), WINDOW_START);
}

static void
a_failed_cohort_halves(void **state)
{
	struct window w = fresh();

	(void)state;
	w.size = 64;
	ends(&w, 64, WINDOW_DISTRESS, 0);
	assert_true(window_room(&w, 0) <= 32);
	assert_true(window_room(&w, 0) >= 30);
}

static void
an_answer_that_refuses_changes_nothing_but_proves_life(void **state)
{
	struct window w = fresh();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		ends(&w, 6, WINDOW_DISTRESS, 0);
		ends(&w, 1, WINDOW_NEUTRAL, 0);
		if (w.size < 2)
			break;
	}
	assert_int_equal(w.dead_ms, 0);
	assert_true(window_room(&w, 0) >= 1);
}

static void
one_that_goes_on_failing_is_dead_for_longer_and_longer(void **state)
{
	struct window w = dead_at(1000);
	int64_t now_ms = 1000, wait_ms = WINDOW_DEAD_MIN_MS;

	(void)state;
	for (int i = 0; i < 8; i++) {
		assert_int_equal(window_room(&w, now_ms), 0);
		assert_int_equal(window_room(&w, now_ms + wait_ms - 1), 0);
		now_ms += wait_ms;
		/* one attempt shows whether it is back */
		assert_int_equal(window_room(&w, now_ms), 1);
		window_start(&w);
		assert_int_equal(window_room(&w, now_ms), 0);
		window_end(&w, WINDOW_DISTRESS, MAX, now_ms);
		wait_ms *= 2;
		if (wait_ms > WINDOW_DEAD_MAX_MS)
			wait_ms = WINDOW_DEAD_MAX_MS;
	}
}

static void
late_failures_of_a_dead_one_don_t_count(void **state)
{
	struct window w = fresh();

	(void)state;
	w.size = 2;
	for (int i = 0; i < 50; i++)
		window_start(&w);
	for (int i = 0; i < 50; i++)
		window_end(&w, WINDOW_DISTRESS, MAX, 5000);
	assert_int_equal(w.until_ms, 5000 + WINDOW_DEAD_MIN_MS);
}

static void
a_success_ends_the_dead_time(void **state)
{
	struct window w = dead_at(0);

	(void)state;
	window_start(&w);
	window_end(&w, WINDOW_SUCCESS, MAX, 10);
	assert_int_equal(window_room(&w, 10), 2);
	ends(&w, 1, WINDOW_DISTRESS, 11);
	assert_int_equal(w.dead_ms, 0);
}

static void
never_below_one(void **state)
{
	struct window w = fresh();

	(void)state;
	for (int i = 0; i < 1000; i++)
		ends(&w, 1, WINDOW_DISTRESS, (int64_t)i * 1000000);
	assert_true(w.size >= 1);
	assert_int_equal(window_room(&w, INT64_MAX), 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(starts_small_and_counts_what_is_under_way),
	    cmocka_unit_test(a_whole_window_of_successes_adds_one),
	    cmocka_unit_test(grows_to_the_maximum_and_no_further),
	    cmocka_unit_test(a_single_failure_costs_little),
	    cmocka_unit_test(a_failed_cohort_halves),
	    cmocka_unit_test(
		an_answer_that_refuses_changes_nothing_but_proves_life),
	    cmocka_unit_test(
		one_that_goes_on_failing_is_dead_for_longer_and_longer),
	    cmocka_unit_test(late_failures_of_a_dead_one_don_t_count),
	    cmocka_unit_test(a_success_ends_the_dead_time),
	    cmocka_unit_test(never_below_one),
	};

	return tap_run(tests);
}
