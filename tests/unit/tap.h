/*
 * cmocka with TAP output, for prove.
 *
 *	int main(void)
 *	{
 *		static const struct CMUnitTest tests[] = {
 *			cmocka_unit_test(depth_512_is_taken),
 *		};
 *		return tap_run(tests);
 *	}
 */
#ifndef EWA_TESTS_UNIT_TAP_H
#define EWA_TESTS_UNIT_TAP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define tap_run(tests)                             \
	(cmocka_set_message_output(CM_OUTPUT_TAP), \
	    cmocka_run_group_tests(tests, NULL, NULL))

#endif
