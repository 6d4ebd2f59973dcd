#include "config.h"

#include "base/rfc3339.h"

#include "tap.h"

static void
read_as(const char *text, int64_t want_us)
{
	int64_t us;

	assert_int_equal(rfc3339_parse(text, &us, NULL), ERR_OK);
	assert_int_equal(us, want_us);
}

static void
times_with_their_zone_are_read(void **state)
{
	(void)state;
	read_as("1970-01-01T00:00:00Z", 0);
	read_as("2026-01-31T08:00:00Z", INT64_C(1769846400000000));
	read_as("2026-01-31t09:30:00.5+01:30", INT64_C(1769846400500000));
	read_as("2026-01-31 03:00:00.1234567-05:00", INT64_C(1769846400123456));
	read_as("1969-12-31T23:59:59Z", -1000000);
}

static void
anything_else_is_refused(void **state)
{
	static const char *const bad[] = {"", "now", "2026-01-31",
	    "2026-01-31T08:00:00", "2026-02-30T08:00:00Z",
	    "2026-01-31T24:00:00Z", "2026-01-31T08:60:00Z",
	    "2026-01-31T08:00:00.Z", "2026-01-31T08:00:00Zx",
	    "2026-1-31T08:00:00Z", "2026-01-31T08:00:00+25:00"};
	struct errinfo ei;
	int64_t us;

	(void)state;
	for (size_t n = 0; n < sizeof(bad) / sizeof(bad[0]); n++)
		assert_int_equal(rfc3339_parse(bad[n], &us, &ei), ERR_INVALID);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_with_their_zone_are_read),
	    cmocka_unit_test(anything_else_is_refused),
	};
	return tap_run(tests);
}
