#include "config.h"

#include <errno.h>
#include <string.h>

#include "dispatcher/verdict.h"

#include "tap.h"

static char host[] = "hooks.example.com";
static char scheme[] = "https";
static char origin[] = "https://hooks.example.com:8443";
static const struct uri uri = {scheme, host, 8443, origin};

static struct verdict
judge(struct transfer_result r, char *detail, size_t size)
{
	if (r.address == NULL)
		r.address = "";
	if (r.text == NULL)
		r.text = "words of the library";
	return verdict_of(&r, &uri, 30000, detail, size);
}

static void
an_answer_counts_as_its_status_says(void **state)
{
	static const struct {
		int status;
		struct verdict want;
	} cases[] = {
	    {200, {ATTEMPT_OK, CAUSE_NONE, WINDOW_SUCCESS}    },
	    {204, {ATTEMPT_OK, CAUSE_NONE, WINDOW_SUCCESS}    },
	    {301, {ATTEMPT_FAILED, CAUSE_HTTP, WINDOW_NEUTRAL}},
	    {404, {ATTEMPT_FAILED, CAUSE_HTTP, WINDOW_NEUTRAL}},
	    {429, {ATTEMPT_RETRY, CAUSE_HTTP, WINDOW_DISTRESS}},
	    {500, {ATTEMPT_RETRY, CAUSE_HTTP, WINDOW_NEUTRAL} },
	    {503, {ATTEMPT_RETRY, CAUSE_HTTP, WINDOW_DISTRESS}},
	};
	char detail[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct verdict v =
		    judge((struct transfer_result){.status = cases[i].status},
			detail, sizeof(detail));

		assert_int_equal(v.outcome, cases[i].want.outcome);
		assert_int_equal(v.cause, cases[i].want.cause);
		assert_int_equal(v.sign, cases[i].want.sign);
	}
}

static void
every_end_has_its_sentence(void **state)
{
	static const struct {
		struct transfer_result r;
		enum attempt_cause cause;
		const char *says;
	} cases[] = {
	    {{.end = TRANSFER_ANSWERED, .status = 503},              CAUSE_HTTP,
             "answered 503"														     },
	    {{.end = TRANSFER_ANSWERED, .status = 307},              CAUSE_HTTP,
             "answered 307, a redirect, which is not followed"										  },
	    {{.end = TRANSFER_NO_NAME, .text = "no such name"},      CAUSE_DNS,
             "no such name"														     },
	    {{.end = TRANSFER_NO_CONNECT,
		 .os_errno = ECONNREFUSED,
		 .address = "10.0.0.5:8443"},
             CAUSE_CONNECT,							  "connection refused by 10.0.0.5:8443"                      },
	    {{.end = TRANSFER_NO_CONNECT, .os_errno = EHOSTUNREACH},
             CAUSE_CONNECT,							  "no connection to hooks.example.com:8443: No route to host"},
	    {{.end = TRANSFER_NO_TLS},                               CAUSE_TLS,
             "TLS with hooks.example.com:8443: words of the library"									    },
	    {{.end = TRANSFER_TIMEOUT, .connected = true},           CAUSE_TIMEOUT,
             "no answer from hooks.example.com:8443 within 30.0 s"									      },
	    {{.end = TRANSFER_TIMEOUT},                              CAUSE_TIMEOUT,
             "no connection to hooks.example.com:8443 in time"										  },
	    {{.end = TRANSFER_BROKEN},                               CAUSE_PROTOCOL,
             "no whole HTTP answer from hooks.example.com:8443: "
		"words of the library"													  },
	    {{.end = TRANSFER_BLOCKED, .text = "it is not called"},
             CAUSE_BLOCKED,							  "it is not called"                                         },
	    {{.end = TRANSFER_UNUSABLE},                             CAUSE_INTERNAL,
             "the reply URL can't be used"												      },
	};
	char detail[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct verdict v = judge(cases[i].r, detail, sizeof(detail));

		assert_int_equal(v.cause, cases[i].cause);
		assert_string_equal(detail, cases[i].says);
	}
}

static void
success_needs_no_words(void **state)
{
	char detail[64] = "before";

	(void)state;
	judge((struct transfer_result){.status = 200}, detail, sizeof(detail));
	assert_string_equal(detail, "");
}

static void
only_what_can_t_change_is_final(void **state)
{
	char detail[128];

	(void)state;
	/* a name may get another address, the settings another network */
	assert_int_equal(
	    judge((struct transfer_result){.end = TRANSFER_BLOCKED}, detail,
		sizeof(detail))
		.outcome,
	    ATTEMPT_RETRY);
	assert_int_equal(
	    judge((struct transfer_result){.end = TRANSFER_UNUSABLE}, detail,
		sizeof(detail))
		.outcome,
	    ATTEMPT_FAILED);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_answer_counts_as_its_status_says),
	    cmocka_unit_test(every_end_has_its_sentence),
	    cmocka_unit_test(success_needs_no_words),
	    cmocka_unit_test(only_what_can_t_change_is_final),
	};

	return tap_run(tests);
}
