#include "config.h"

#include "responder/prefer.h"

#include <string.h>

#include "tap.h"

#include "responder/http.h"

static const struct {
	const char *value;
	int wait_s;
	bool async;
} cases[] = {
    {NULL,				    PREFER_NO_WAIT, false},
    {"",				      PREFER_NO_WAIT, false},
    {"wait=10",			       10,             false},
    {"wait=0",				0,              false},
    {"wait=31",			       30,             false},
    {"wait=999999999",			30,             false},
    {"wait=9999999999",                       PREFER_NO_WAIT, false},
    {"WAIT = 7",			      7,              false},
    {"wait=\"5\"",			    5,              false},
    {"respond-async",			 PREFER_NO_WAIT, true },
    {"respond-async, wait=10",                10,             true },
    {" \twait=10 ;x=\"1,2\" , Respond-Async", 10,             true },
    {"foo=\"a, wait=5\", wait=6",             6,              false},
    {"foo=\"a\\\", wait=5\", wait=6",         6,              false},
    {"foo; wait=5",			   PREFER_NO_WAIT, false},
    {"wait=4, wait=5",			4,              false},
    {"wait=x, wait=5",			PREFER_NO_WAIT, false},
    {"wait",				  PREFER_NO_WAIT, false},
    {"wait=",				 PREFER_NO_WAIT, false},
    {"wait=-1",			       PREFER_NO_WAIT, false},
    {"wait=+1",			       PREFER_NO_WAIT, false},
    {"wait=1.5",			      PREFER_NO_WAIT, false},
    {"wait=\"5",			      5,              false},
    {"waiting=5",			     PREFER_NO_WAIT, false},
    {"respond-async=1",                       PREFER_NO_WAIT, false},
    {",,wait=3,,",			    3,              false},
    {"=, \"wait=9\", wait=2",                 2,              false},
};

static void
preferences_are_found_or_passed_over(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct prefer p;

		prefer_parse(cases[i].value, &p);
		if (p.wait_s != cases[i].wait_s ||
		    p.respond_async != cases[i].async)
			fail_msg("%s: wait %d, async %d", cases[i].value,
			    p.wait_s, p.respond_async);
	}
}

static void
says(const char *value, bool is_async, const char *field)
{
	struct http_answer a;
	struct prefer p;
	const char *got;

	http_answer_init(&a);
	http_start(&a, HTTP_OK);
	prefer_parse(value, &p);
	prefer_applied(&p, is_async, &a);
	got = strstr(a.head.data, "Preference-Applied: ");
	if (field == NULL) {
		assert_null(got);
	} else {
		assert_non_null(got);
		assert_int_equal(strncmp(got + strlen("Preference-Applied: "),
				     field, strlen(field)),
		    0);
		assert_int_equal(
		    got[strlen("Preference-Applied: ") + strlen(field)], '\r');
	}
	http_answer_fini(&a);
}

static void
what_was_applied_is_told(void **state)
{
	(void)state;
	says("wait=31", false, "wait=30");
	says("wait=5, respond-async", false, "wait=5");
	says("wait=5, respond-async", true, "respond-async, wait=5");
	says("respond-async", true, "respond-async");
	says("respond-async", false, NULL);
	says("wait=x", true, NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(preferences_are_found_or_passed_over),
	    cmocka_unit_test(what_was_applied_is_told),
	};

	return tap_run(tests);
}
