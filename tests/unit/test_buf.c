#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

#include "tap.h"

static void
it_grows_and_ends_in_nul(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	assert_string_equal(b.data, "");
	for (int i = 0; i < 10000; i++) {
		buf_add(&b, "ab", 2);
		buf_addc(&b, 'c');
	}
	buf_adds(&b, "end");
	buf_addf(&b, "%s-%03d", "x", 7);
	buf_add(&b, NULL, 0);
	assert_int_equal(b.len, 30008);
	assert_int_equal(strlen(b.data), b.len);
	assert_string_equal(b.data + 29997, "abcendx-007");
	assert_false(buf_failed(&b));
	buf_fini(&b);
}

static void
the_maximum_is_reached_exactly_and_never_passed(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_adds(&b, "12345");
	assert_false(buf_failed(&b));
	buf_addc(&b, '6');
	assert_true(buf_failed(&b));
	assert_string_equal(b.data, "12345");
	buf_reset(&b);
	buf_adds(&b, "123");
	buf_adds(&b, "456"); /* all or nothing */
	assert_true(buf_failed(&b));
	buf_addc(&b, '4'); /* would fit, but the text is torn already */
	buf_addf(&b, "%d", 4);
	assert_string_equal(b.data, "123");
	buf_fini(&b);
}

static void
a_maximum_of_nothing_holds_nothing(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	buf_adds(&b, "");
	assert_false(buf_failed(&b));
	buf_addc(&b, 'x');
	assert_true(buf_failed(&b));
	assert_string_equal(b.data, "");
	buf_fini(&b);
	buf_fini(&b);
	buf_fini(NULL);
}

static void
room_is_given_and_then_counted(void **state)
{
	struct buf b;
	char *p;

	(void)state;
	buf_init(&b, 1000);
	buf_adds(&b, "x");
	p = buf_room(&b, 999);
	assert_non_null(p);
	memset(p, 'y', 999);
	buf_grew(&b, 2);
	assert_string_equal(b.data, "xyy");
	assert_null(buf_room(&b, 998));
	assert_true(buf_failed(&b));
	buf_fini(&b);
}

static void
taking_leaves_a_usable_empty_buffer(void **state)
{
	struct buf b;
	size_t n;
	char *p;

	(void)state;
	buf_init(&b, 10);
	buf_adds(&b, "abc");
	p = buf_take(&b, &n);
	assert_string_equal(p, "abc");
	assert_int_equal(n, 3);
	free(p);
	assert_int_equal(b.len, 0);
	buf_adds(&b, "defghijklm");
	p = buf_take(&b, NULL);
	assert_string_equal(p, "defghijklm");
	free(p);
	buf_fini(&b);
}

static void
json_strings_are_escaped(void **state)
{
	static const char text[] = "a\"b\\c/\b\f\n\r\t\x01\x1f\x7f\0"
				   "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	buf_add_json_str(&b, text, sizeof(text) - 1);
	assert_string_equal(b.data,
	    "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\\u0000"
	    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
	buf_reset(&b);
	buf_add_json_str(&b, "", 0);
	assert_string_equal(b.data, "\"\"");
	buf_fini(&b);
}

static void
what_is_not_utf8_becomes_a_replacement_character(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	buf_add_json_str(&b, "a\xff\xc3", 3);
	assert_string_equal(b.data, "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
	buf_reset(&b);
	buf_add_json_str(&b, "\xed\xa0\x80z", 4);
	assert_string_equal(
	    b.data, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\"");
	buf_fini(&b);
}

static void
any_bytes_make_a_json_string(void **state)
{
	struct buf b;
	char pair[2];

	(void)state;
	buf_init(&b, 1000);
	for (int i = 0; i < 65536; i++) {
		pair[0] = (char)(i >> 8);
		pair[1] = (char)i;
		buf_reset(&b);
		buf_add_json_str(&b, pair, 2);
		if (json_check(b.data, b.len, NULL) != ERR_OK)
			fail_msg("%04x: %s", (unsigned)i, b.data);
	}
	buf_fini(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_grows_and_ends_in_nul),
	    cmocka_unit_test(the_maximum_is_reached_exactly_and_never_passed),
	    cmocka_unit_test(a_maximum_of_nothing_holds_nothing),
	    cmocka_unit_test(room_is_given_and_then_counted),
	    cmocka_unit_test(taking_leaves_a_usable_empty_buffer),
	    cmocka_unit_test(json_strings_are_escaped),
	    cmocka_unit_test(what_is_not_utf8_becomes_a_replacement_character),
	    cmocka_unit_test(any_bytes_make_a_json_string)};

	return tap_run(tests);
}
