#include "config.h"

#include "domain/event.h"

#include <stddef.h>
#include <string.h>

#include "tap.h"

static void
names_are_read_back(void **state)
{
	enum event_kind k;
	enum event_state s;
	enum reply_state r;

	(void)state;
	for (int i = EVENT_JSON; i <= EVENT_BINARY; i++) {
		assert_true(
		    event_kind_parse(event_kind_name((enum event_kind)i), &k));
		assert_int_equal(k, i);
	}
	for (int i = EVENT_ACCEPTED; i <= EVENT_FAILED; i++) {
		assert_true(event_state_parse(
		    event_state_name((enum event_state)i), &s));
		assert_int_equal(s, i);
	}
	for (int i = REPLY_NONE; i <= REPLY_CANCELLED; i++) {
		assert_true(reply_state_parse(
		    reply_state_name((enum reply_state)i), &r));
		assert_int_equal(r, i);
	}
}

static void
other_names_are_none(void **state)
{
	enum event_kind k;
	enum event_state s;
	enum reply_state r;

	(void)state;
	assert_false(event_kind_parse("JSON", &k));
	assert_false(event_kind_parse("", &k));
	assert_false(event_state_parse("done", &s));
	assert_false(reply_state_parse("handled", &r));
}

/* Migrations and the status resource hold these words. */
static void
words_are_those_of_the_schema(void **state)
{
	(void)state;
	assert_string_equal(event_state_name(EVENT_HANDLED), "handled");
	assert_string_equal(event_state_name(EVENT_FAILED), "failed");
	assert_string_equal(reply_state_name(REPLY_NONE), "none");
	assert_string_equal(reply_state_name(REPLY_SENT), "sent");
	assert_string_equal(reply_state_name(REPLY_FAILED), "failed");
	assert_string_equal(reply_state_name(REPLY_EXPIRED), "expired");
	assert_string_equal(reply_state_name(REPLY_CANCELLED), "cancelled");
	assert_string_equal(attempt_outcome_name(ATTEMPT_OK), "ok");
	assert_string_equal(attempt_outcome_name(ATTEMPT_RETRY), "retry");
	assert_string_equal(attempt_outcome_name(ATTEMPT_FAILED), "failed");
	assert_null(attempt_cause_name(CAUSE_NONE));
	assert_string_equal(attempt_cause_name(CAUSE_LEASE_LOST), "lease lost");
}

static void
final_states_never_change(void **state)
{
	(void)state;
	for (int from = EVENT_ACCEPTED; from <= EVENT_FAILED; from++)
		for (int to = EVENT_ACCEPTED; to <= EVENT_FAILED; to++)
			if (event_state_final((enum event_state)from))
				assert_false(
				    event_may_become((enum event_state)from,
					(enum event_state)to));
	for (int from = REPLY_NONE; from <= REPLY_CANCELLED; from++)
		for (int to = REPLY_NONE; to <= REPLY_CANCELLED; to++)
			if (reply_state_final((enum reply_state)from))
				assert_false(
				    reply_may_become((enum reply_state)from,
					(enum reply_state)to));
}

static void
an_event_is_handled_before_it_is_over(void **state)
{
	(void)state;
	assert_true(event_may_become(EVENT_ACCEPTED, EVENT_HANDLING));
	assert_true(event_may_become(EVENT_HANDLING, EVENT_ACCEPTED));
	assert_true(event_may_become(EVENT_HANDLING, EVENT_HANDLED));
	assert_true(event_may_become(EVENT_HANDLING, EVENT_FAILED));
	assert_false(event_may_become(EVENT_ACCEPTED, EVENT_HANDLED));
	assert_true(reply_may_become(REPLY_PENDING, REPLY_EXPIRED));
	assert_false(reply_may_become(REPLY_PENDING, REPLY_NONE));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_read_back),
	    cmocka_unit_test(other_names_are_none),
	    cmocka_unit_test(words_are_those_of_the_schema),
	    cmocka_unit_test(final_states_never_change),
	    cmocka_unit_test(an_event_is_handled_before_it_is_over),
	};

	return tap_run(tests);
}
