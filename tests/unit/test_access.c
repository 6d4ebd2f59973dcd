#include "config.h"

#include "domain/access.h"

#include <string.h>

#include "tap.h"

static void
the_highest_grant_that_applies_counts(void **state)
{
	struct grants g = {.count = 0};

	(void)state;
	assert_true(grants_add(&g, ROLE_VIEWER, NULL));
	assert_true(grants_add(&g, ROLE_ADMIN, "databases"));
	assert_int_equal(grants_role(&g, "databases"), ROLE_ADMIN);
	assert_int_equal(grants_role(&g, "network"), ROLE_VIEWER);
	assert_int_equal(grants_role_all(&g), ROLE_VIEWER);
	assert_int_equal(grants_role_any(&g), ROLE_ADMIN);
	grants_fini(&g);
}

static void
without_grants_there_is_no_role(void **state)
{
	struct grants g = {.count = 0};

	(void)state;
	assert_int_equal(grants_role(&g, "databases"), ROLE_NONE);
	assert_int_equal(grants_role_any(&g), ROLE_NONE);
}

/* "" is no team: nobody gets those integrations by a grant for it. */
static void
no_team_is_nobodys(void **state)
{
	struct grants g = {.count = 0};

	(void)state;
	assert_true(grants_add(&g, ROLE_ADMIN, ""));
	assert_true(grants_add(&g, ROLE_ADMIN, "Databases"));
	assert_int_equal(grants_role(&g, ""), ROLE_NONE);
	assert_int_equal(grants_role(&g, "databases"), ROLE_NONE);
	grants_fini(&g);
}

static void
grants_are_bounded(void **state)
{
	struct grants g = {.count = 0};

	(void)state;
	for (int n = 0; n < ACCESS_GRANTS_MAX; n++)
		assert_true(grants_add(&g, ROLE_VIEWER, "x"));
	assert_false(grants_add(&g, ROLE_VIEWER, "x"));
	grants_fini(&g);
}

static void
names_of_users_have_a_form(void **state)
{
	static const char *const good[] = {
	    "a", "Ada.L-9", "a@example.com", "0x"};
	static const char *const bad[] = {
	    "", ".a", "-a", "a b", "a/b", "\xc3\xa4", "a\n"};
	char longest[ACCESS_USER_NAME_MAX + 2];

	(void)state;
	for (size_t n = 0; n < sizeof(good) / sizeof(good[0]); n++)
		assert_int_equal(access_check_user_name(good[n], NULL), ERR_OK);
	for (size_t n = 0; n < sizeof(bad) / sizeof(bad[0]); n++)
		assert_int_equal(
		    access_check_user_name(bad[n], NULL), ERR_UNPROCESSABLE);
	memset(longest, 'a', sizeof(longest));
	longest[ACCESS_USER_NAME_MAX + 1] = '\0';
	assert_int_equal(
	    access_check_user_name(longest, NULL), ERR_UNPROCESSABLE);
	longest[ACCESS_USER_NAME_MAX] = '\0';
	assert_int_equal(access_check_user_name(longest, NULL), ERR_OK);
}

static void
short_passwords_and_the_name_are_refused(void **state)
{
	(void)state;
	assert_int_equal(access_check_password("elevenchars", "ada", NULL),
	    ERR_UNPROCESSABLE);
	assert_int_equal(
	    access_check_password("twelve chars", "ada", NULL), ERR_OK);
	/* characters count, not bytes */
	assert_int_equal(
	    access_check_password("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
				  "\xc3\xa4\xc3\xa4",
		"ada", NULL),
	    ERR_UNPROCESSABLE);
	assert_int_equal(
	    access_check_password("AdaLovelace.1", "adalovelace.1", NULL),
	    ERR_UNPROCESSABLE);
	assert_int_equal(
	    access_check_password("not utf-8 \xff\xff\xff", "ada", NULL),
	    ERR_UNPROCESSABLE);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_highest_grant_that_applies_counts),
	    cmocka_unit_test(without_grants_there_is_no_role),
	    cmocka_unit_test(no_team_is_nobodys),
	    cmocka_unit_test(grants_are_bounded),
	    cmocka_unit_test(names_of_users_have_a_form),
	    cmocka_unit_test(short_passwords_and_the_name_are_refused),
	};
	return tap_run(tests);
}
