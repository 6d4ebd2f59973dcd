#include "config.h"

#include "base/password.h"

#include <string.h>

#include "tap.h"

static void
a_password_is_known_by_its_hash(void **state)
{
	char a[PASSWORD_HASH_MAX], b[PASSWORD_HASH_MAX];

	(void)state;
	password_hash("correct horse battery staple", a);
	password_hash("correct horse battery staple", b);
	assert_int_equal(strncmp(a, "$y$", 3), 0);
	assert_string_not_equal(a, b); /* each has its own salt */
	assert_true(password_verify("correct horse battery staple", a));
	assert_true(password_verify("correct horse battery staple", b));
	assert_false(password_verify("correct horse battery stapl", a));
	assert_false(password_verify("", a));
}

static void
without_a_hash_nothing_matches(void **state)
{
	(void)state;
	assert_false(password_verify("correct horse battery staple", NULL));
	assert_false(password_verify("*0", "*0"));
	assert_false(password_verify("x", "no hash"));
	assert_false(password_verify("", ""));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_password_is_known_by_its_hash),
	    cmocka_unit_test(without_a_hash_nothing_matches),
	};
	return tap_run(tests);
}
