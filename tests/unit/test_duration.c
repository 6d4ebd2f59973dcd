#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/duration.h"

#include "tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct good {
	const char *text;
	int64_t ms;
	const char *canonical;
};

static const struct good goods[] = {
    {"PT60S",			60000,               "PT1M"                       },
    {"PT1S",                         1000,                "PT1S"                       },
    {"PT1M",                         60000,               "PT1M"                       },
    {"PT1H",			 3600000,             "PT1H"                       },
    {"P1D",                          86400000,            "P1D"                        },
    {"P1DT2H",		       93600000,            "P1DT2H"                     },
    {"P1DT2H3M4S",                   93784000,            "P1DT2H3M4S"                 },
    {"p1dt2h3m4s",		   93784000,            "P1DT2H3M4S"                 },
    {"PT0H5M",                       300000,              "PT5M"                       },
    {"PT36H",			129600000,           "P1DT12H"                    },
    {"PT60.5S",                      60500,               "PT1M0.5S"                   },
    {"PT0,25S",		      250,                 "PT0.25S"                    },
    {"PT0.001S",                     1,                   "PT0.001S"                   },
    {"PT1.0019S",		    1001,                "PT1.001S"                   },
    {"PT0.10000000000000000000001S", 100,                 "PT0.1S"                     },
    {"PT007S",                       7000,                "PT7S"                       },
    {"P30D",			 INT64_C(2592000000), "P30D"                       },
    {"PT9223372036854775.807S",      INT64_MAX,           "P106751991167DT7H12M55.807S"}
};

struct bad {
	const char *text, *why;
};

static const struct bad bads[] = {
    {"",			"begins with P"          },
    {"60",                      "begins with P"          },
    {" PT1S",                   "begins with P"          },
    {"-PT1S",		   "begins with P"          },
    {"P",                       "number is missing"      },
    {"PT",		      "number is missing"      },
    {"P1DT",                    "number is missing"      },
    {"PTS",		     "number is expected"     },
    {"PT1S ",                   "number is expected"     },
    {"PTT1S",		   "number is expected"     },
    {"PT1ST1S",                 "number is expected"     },
    {"P1",		      "unit is missing"        },
    {"PT1",                     "unit is missing"        },
    {"P1S",		     "behind a T"             },
    {"P1H",                     "behind a T"             },
    {"PT1D",                    "before the T"           },
    {"P1Y",		     "years, months and weeks"},
    {"P1M",                     "years, months and weeks"},
    {"P1W",		     "years, months and weeks"},
    {"PT1W",                    "years, months and weeks"},
    {"PT1X",		    "D, H, M and S"          },
    {"PT1S1S",                  "once, the longest first"},
    {"PT1M1H",		  "once, the longest first"},
    {"P1D1D",                   "once, the longest first"},
    {"PT-1S",		   "no sign"                },
    {"PT+1S",                   "no sign"                },
    {"PT0S",		    "at least a millisecond" },
    {"P0D",                     "at least a millisecond" },
    {"P0DT0H0M0S",              "at least a millisecond" },
    {"PT0.0009S",               "at least a millisecond" },
    {"PT.5S",                   "number is expected"     },
    {"PT1.S",		   "digits are missing"     },
    {"PT1.5M",                  "only the seconds"       },
    {"P0.5D",		   "only the seconds"       },
    {"PT1.5.5S",                "D, H, M and S"          },
    {"PT9223372036854775.808S", "longer than can"        },
    {"PT9223372036854775807S",  "longer than can"        },
    {"PT99999999999999999999S", "longer than can"        },
    {"P106751991168D",          "longer than can"        },
    {"P106751991167DT8H",       "longer than can"        }
};

static void
right_ones_are_read_to_the_millisecond(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(goods); i++) {
		struct errinfo ei;
		int64_t ms = 0;

		if (duration_parse(goods[i].text, &ms, &ei) != ERR_OK)
			fail_msg("%s: %s", goods[i].text, ei.detail);
		if (ms != goods[i].ms)
			fail_msg("%s: %" PRId64, goods[i].text, ms);
	}
}

static void
wrong_ones_are_refused_with_the_reason_and_a_right_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bads); i++) {
		struct errinfo ei;
		int64_t ms = 77;

		if (duration_parse(bads[i].text, &ms, &ei) != ERR_INVALID)
			fail_msg("taken: %s", bads[i].text);
		if (strstr(ei.detail, bads[i].why) == NULL)
			fail_msg("%s: %s", bads[i].text, ei.detail);
		assert_non_null(strstr(ei.detail, "PT60S for 60 seconds"));
		assert_int_equal(ms, 77);
		assert_int_equal(
		    duration_parse(bads[i].text, &ms, NULL), ERR_INVALID);
	}
}

static void
they_are_written_in_one_form_and_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(goods); i++) {
		char text[DURATION_TEXT_MAX];
		int64_t ms = 0;

		duration_format(goods[i].ms, text);
		assert_string_equal(text, goods[i].canonical);
		assert_int_equal(duration_parse(text, &ms, NULL), ERR_OK);
		assert_true(ms == goods[i].ms);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(right_ones_are_read_to_the_millisecond),
	    cmocka_unit_test(
		wrong_ones_are_refused_with_the_reason_and_a_right_one),
	    cmocka_unit_test(they_are_written_in_one_form_and_read_back)};

	return tap_run(tests);
}
