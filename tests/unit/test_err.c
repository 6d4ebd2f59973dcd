#include "config.h"

#include <string.h>

#include "base/err.h"
#include "base/log.h"

#include "tap.h"

static void
detail_and_place_are_kept(void **state)
{
	struct errinfo ei;

	(void)state;
	assert_int_equal(
	    err_set(&ei, ERR_CONFLICT, "%s is taken", "x"), ERR_CONFLICT);
	assert_int_equal(ei.code, ERR_CONFLICT);
	assert_string_equal(ei.detail, "x is taken");
	assert_string_equal(ei.where, "");
	assert_int_equal(err_where(&ei, "line %d", 3), ERR_CONFLICT);
	assert_string_equal(ei.where, "line 3");
	err_set(&ei, ERR_INVALID, "other");
	assert_string_equal(ei.where, "");
}

static void
nobody_need_listen(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ERR_INVALID, "x"), ERR_INVALID);
	err_at_file(NULL, "file", 1);
}

static void
long_text_is_cut(void **state)
{
	struct errinfo ei;
	char text[2000];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	err_set(&ei, ERR_INVALID, "%s", text);
	assert_int_equal(strlen(ei.detail), sizeof(ei.detail) - 1);
	err_where(&ei, "%s", text);
	assert_int_equal(strlen(ei.where), sizeof(ei.where) - 1);
}

static void
a_files_line_survives_a_long_path(void **state)
{
	struct errinfo ei;
	char path[300];

	(void)state;
	err_set(&ei, ERR_INVALID, "x");
	err_at_file(&ei, "/etc/ewa.conf", 12);
	assert_string_equal(ei.where, "/etc/ewa.conf:12");
	err_at_file(&ei, "/etc/ewa.conf", 0);
	assert_string_equal(ei.where, "/etc/ewa.conf");
	memset(path, 'a', sizeof(path));
	memcpy(path + sizeof(path) - 6, "/conf", 6);
	err_at_file(&ei, path, 2147483647);
	assert_int_equal(strlen(ei.where), sizeof(ei.where) - 1);
	assert_int_equal(strncmp(ei.where, "...aaa", 6), 0);
	assert_non_null(strstr(ei.where, "a/conf:2147483647"));
}

static void
every_code_has_a_status_a_type_and_a_title(void **state)
{
	(void)state;
	assert_int_equal(err_status(ERR_OK), 200);
	for (int e = ERR_INVALID; e < ERR_MAX; e++) {
		assert_in_range(err_status((enum err)e), 400, 503);
		assert_true(*err_type((enum err)e) != '\0');
		assert_true(*err_title((enum err)e) != '\0');
		assert_in_range(
		    err_log_level((enum err)e), LOG_CRIT, LOG_DEBUG);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(detail_and_place_are_kept),
	    cmocka_unit_test(nobody_need_listen),
	    cmocka_unit_test(long_text_is_cut),
	    cmocka_unit_test(a_files_line_survives_a_long_path),
	    cmocka_unit_test(every_code_has_a_status_a_type_and_a_title)};

	return tap_run(tests);
}
