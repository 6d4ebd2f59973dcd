/* The rules of automations and subjects, and results in the reply. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "domain/automation.h"
#include "domain/handled.h"
#include "tap.h"

static void
a_program_is_a_file_name_alone(void **state)
{
	static const char *const bad[] = {
	    "", "/bin/sh", "../x", ".x", "a/b", "a\nb"};

	(void)state;
	assert_int_equal(automation_check_program("disk-report", NULL), ERR_OK);
	assert_int_equal(automation_check_program("a b;c", NULL), ERR_OK);
	for (size_t n = 0; n < sizeof(bad) / sizeof(*bad); n++)
		assert_int_equal(
		    automation_check_program(bad[n], NULL), ERR_UNPROCESSABLE);
}

static void
a_function_is_a_plain_name(void **state)
{
	static const char *const bad[] = {
	    "", "1st", "Look", "a.b", "a\"b", "call"};

	(void)state;
	assert_int_equal(automation_check_function("look_up2", NULL), ERR_OK);
	for (size_t n = 0; n < sizeof(bad) / sizeof(*bad); n++)
		assert_int_equal(
		    automation_check_function(bad[n], NULL), ERR_UNPROCESSABLE);
}

static void
time_limits_and_attempts_are_bounded(void **state)
{
	int32_t ms = 0;

	(void)state;
	assert_int_equal(automation_check_timeout("PT1H", &ms, NULL), ERR_OK);
	assert_int_equal(ms, 3600000);
	assert_int_not_equal(
	    automation_check_timeout("PT1H1S", &ms, NULL), ERR_OK);
	assert_int_not_equal(automation_check_timeout("30", &ms, NULL), ERR_OK);
	assert_int_equal(automation_check_attempts(20, NULL), ERR_OK);
	assert_int_not_equal(automation_check_attempts(0, NULL), ERR_OK);
	assert_int_not_equal(automation_check_attempts(21, NULL), ERR_OK);
}

static void
what_outlasts_the_request_timeout_is_told(void **state)
{
	struct automation *a = automation_new(AUTOMATION_HTTP);

	(void)state;
	/* three of 30 s, with waits of 1 and 2 s */
	assert_int_equal(automation_outlasts(a, 92999), 93000);
	assert_int_equal(automation_outlasts(a, 93000), 0);
	assert_int_equal(automation_outlasts(a, 0), 0);
	automation_free(a);
}

static void
presets_of_subjects_are_known(void **state)
{
	const char *path;

	(void)state;
	assert_int_equal(subject_resolve("preset:sns", &path, NULL), ERR_OK);
	assert_string_equal(path, "$.event.Subject // $.event.Message");
	assert_int_equal(subject_resolve("$.a", &path, NULL), ERR_OK);
	assert_string_equal(path, "$.a");
	assert_int_not_equal(subject_resolve("preset:x", &path, NULL), ERR_OK);
}

static void
outputs_are_json_byte_for_byte_or_strings(void **state)
{
	struct handled_result r = {"A", "ok", "{\"n\" :1.10}", 11, NULL, 5};
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	handled_write_result(&r, &b);
	assert_string_equal(b.data,
	    "{\"automation\":\"A\",\"status\":\"ok\",\"output\":{\"n\" :1.10},"
	    "\"durationMs\":5}");
	buf_reset(&b);
	r.output = "two \"words\"";
	r.output_len = 11;
	handled_write_result(&r, &b);
	assert_non_null(strstr(b.data, "\"output\":\"two \\\"words\\\"\""));
	buf_reset(&b);
	r.output = NULL;
	r.error = "exit status 1";
	r.status = "failed";
	handled_write_result(&r, &b);
	assert_string_equal(b.data,
	    "{\"automation\":\"A\",\"status\":\"failed\",\"error\":\"exit "
	    "status 1\",\"durationMs\":5}");
	buf_fini(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_program_is_a_file_name_alone),
	    cmocka_unit_test(a_function_is_a_plain_name),
	    cmocka_unit_test(time_limits_and_attempts_are_bounded),
	    cmocka_unit_test(what_outlasts_the_request_timeout_is_told),
	    cmocka_unit_test(presets_of_subjects_are_known),
	    cmocka_unit_test(outputs_are_json_byte_for_byte_or_strings),
	};

	return tap_run(tests);
}
