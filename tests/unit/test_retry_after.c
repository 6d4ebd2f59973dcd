#include "config.h"

#include <stdint.h>
#include <string.h>

#include "domain/retry_after.h"

#include "tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MAX_MS ((int64_t)RETRY_AFTER_MAX_S * 1000)

#define NOW 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */

static void
seconds_in_all_their_forms(void **state)
{
	static const struct {
		const char *value;
		int64_t ms;
	} cases[] = {
	    {"0",				     0     },
            {"1",				     1000  },
            {"120",                                   120000},
            {"120.6",                                 120600},
	    {"120,6",				 120600},
            {".5",                                    500   },
            {"5.",                                    5000  },
            {"007",                                   7000  },
	    {"1e2",				   100000},
            {"1E+2",                                  100000},
            {"25e-1",                                 2500  },
	    {"1.5e1",				 15000 },
            {"3600",                                  MAX_MS},
            {"3601",                                  MAX_MS},
	    {"86400",				 MAX_MS},
            {"1e300",                                 MAX_MS},
            {"1e-300",                                0     },
	    {"1e99999999999999999999",                MAX_MS},
	    {"99999999999999999999999999999999",      MAX_MS},
	    {"0.00000000000000000000001",             0     },
	    {"3.14159265358979323846264338327950288", 3141  },
            {"-5",                                    0     },
	    {"-0",				    0     },
            {"+5",				    0     },
            {"",                                      0     },
            {" ",                                     0     },
            {"5s",                                    0     },
            {"PT5S",                                  0     },
	    {"five",				  0     },
            {"0x10",				  0     },
            {"1e",                                    0     },
            {"1e+",                                   0     },
            {".",                                     0     },
	    {"e5",				    0     },
            {"1.2.3",				 0     },
            {"NaN",                                   0     },
            {"Infinity",                              0     },
	    {"5 seconds",			     0     },
            {"5, 6",                                  0     }
        };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (retry_after_ms(cases[i].value, NOW) != cases[i].ms)
			fail_msg("\"%s\": %lld", cases[i].value,
			    (long long)retry_after_ms(cases[i].value, NOW));
}

static void
dates_in_all_three_forms(void **state)
{
	static const struct {
		const char *value;
		int64_t ms;
	} cases[] = {
	    {"Sun, 06 Nov 1994 08:49:37 GMT",   0     },
	    {"Sun, 06 Nov 1994 08:51:37 GMT",   120000},
	    {"Sunday, 06-Nov-94 08:51:37 GMT",  120000},
	    {"Sun Nov  6 08:51:37 1994",        120000},
	    {"Wed Nov 16 08:51:37 1994",        MAX_MS},
	    {"sun, 06 nov 1994 08:51:37 gmt",   120000},
	    {"Mon, 07 Nov 1994 08:49:37 GMT",   MAX_MS},
	    {"Fri, 31 Dec 9999 23:59:59 GMT",   MAX_MS},
	    {"Sat, 05 Nov 1994 08:49:37 GMT",   0     },
	    {"Thu, 01 Jan 1970 00:00:00 GMT",   0     },
	    {"Mon, 01 Jan 1601 00:00:00 GMT",   0     },
	    {"Sunday, 06-Nov-44 08:51:37 GMT",  MAX_MS},
	    {"Sunday, 06-Nov-45 08:51:37 GMT",  0     },
	    {"Sun, 06 Nov 1994 08:51:37",       0     },
	    {"Sun, 06 Nov 1994 08:51:37 UTC",   0     },
	    {"Sun, 06 Nov 1994 08:51:37 GMT+1", 0     },
	    {"Sun, 6 Nov 1994 08:51:37 GMT",    0     },
	    {"Sun, 31 Nov 1994 08:51:37 GMT",   0     },
	    {"Sun, 00 Nov 1994 08:51:37 GMT",   0     },
	    {"Sun, 06 Nov 1994 24:51:37 GMT",   0     },
	    {"Sun, 06 Nov 1994 08:61:37 GMT",   0     },
	    {"Son, 06 Nov 1994 08:51:37 GMT",   0     },
	    {"Sun, 06 Now 1994 08:51:37 GMT",   0     },
            {"1994-11-06T08:51:37Z",            0     }
        };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (retry_after_ms(cases[i].value, NOW) != cases[i].ms)
			fail_msg("\"%s\": %lld", cases[i].value,
			    (long long)retry_after_ms(cases[i].value, NOW));
}

static void
dates_are_right_to_the_second(void **state)
{
	int64_t s;

	(void)state;
	assert_true(retry_after_date("Sun, 06 Nov 1994 08:49:37 GMT", NOW, &s));
	assert_int_equal(s, NOW);
	assert_true(retry_after_date("Thu, 29 Feb 2024 23:59:60 GMT", NOW, &s));
	assert_int_equal(s, 1709251200);
	assert_false(
	    retry_after_date("Tue, 29 Feb 2023 00:00:00 GMT", NOW, &s));
	assert_true(retry_after_date("Thu, 01 Jan 1970 00:00:00 GMT", NOW, &s));
	assert_int_equal(s, 0);
	assert_true(retry_after_date("Wed Jan  1 00:00:01 2025", NOW, &s));
	assert_int_equal(s, 1735689601);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(seconds_in_all_their_forms),
	    cmocka_unit_test(dates_in_all_three_forms),
	    cmocka_unit_test(dates_are_right_to_the_second),
	};

	return tap_run(tests);
}
