#include "config.h"

#include "base/clock.h"

#include "tap.h"

static void
formatted(int64_t us, const char *want)
{
	char text[CLOCK_TEXT_MAX];

	clock_format(us, text);
	assert_string_equal(text, want);
}

static void
times_are_rfc_3339_in_utc_cut_to_milliseconds(void **state)
{
	(void)state;
	formatted(0, "1970-01-01T00:00:00.000Z");
	formatted(INT64_C(1769846400123999), "2026-01-31T08:00:00.123Z");
	formatted(INT64_C(951782399999999), "2000-02-28T23:59:59.999Z");
	formatted(INT64_C(951782400000000), "2000-02-29T00:00:00.000Z");
}

static void
times_before_1970_are_rounded_down_too(void **state)
{
	(void)state;
	formatted(-1, "1969-12-31T23:59:59.999Z");
	formatted(-1000, "1969-12-31T23:59:59.999Z");
	formatted(-1001, "1969-12-31T23:59:59.998Z");
	formatted(-1000000, "1969-12-31T23:59:59.000Z");
}

static void
the_monotonic_clock_does_not_go_back(void **state)
{
	int64_t last = clock_mono_us();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_mono_us();

		assert_true(now >= last);
		assert_true(clock_mono_ms() >= now / 1000);
		last = now;
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_are_rfc_3339_in_utc_cut_to_milliseconds),
	    cmocka_unit_test(times_before_1970_are_rounded_down_too),
	    cmocka_unit_test(the_monotonic_clock_does_not_go_back)};

	return tap_run(tests);
}
