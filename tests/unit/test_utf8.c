#include "config.h"

#include <string.h>

#include "base/utf8.h"

#include "tap.h"

struct piece {
	const char *text;
	size_t len, width;
};

#define P(s, w)                         \
	{                               \
		(s), sizeof(s) - 1, (w) \
	}

static void
boundaries_of_each_width_are_taken(void **state)
{
	static const struct piece pieces[] = {P("\0", 1), P("\x7f", 1),
	    P("\xc2\x80", 2), P("\xdf\xbf", 2), P("\xe0\xa0\x80", 3),
	    P("\xed\x9f\xbf", 3), P("\xee\x80\x80", 3), P("\xef\xbf\xbf", 3),
	    P("\xf0\x90\x80\x80", 4), P("\xf4\x8f\xbf\xbf", 4)};

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		assert_int_equal(
		    utf8_width(pieces[i].text, pieces[i].len), pieces[i].width);
		assert_true(utf8_valid(pieces[i].text, pieces[i].len, NULL));
	}
}

static void
overlong_surrogate_and_too_large_are_refused(void **state)
{
	static const struct piece pieces[] = {P("\x80", 0), P("\xbf", 0),
	    P("\xc0\x80", 0), P("\xc0\xaf", 0), P("\xc1\xbf", 0),
	    P("\xe0\x80\x80", 0), P("\xe0\x9f\xbf", 0), P("\xed\xa0\x80", 0),
	    P("\xed\xbf\xbf", 0), P("\xf0\x80\x80\x80", 0),
	    P("\xf0\x8f\xbf\xbf", 0), P("\xf4\x90\x80\x80", 0),
	    P("\xf5\x80\x80\x80", 0), P("\xf8\x88\x80\x80\x80", 0),
	    P("\xfc\x84\x80\x80\x80\x80", 0), P("\xfe", 0), P("\xff", 0)};

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t bad = 99;

		assert_int_equal(utf8_width(pieces[i].text, pieces[i].len), 0);
		assert_false(utf8_valid(pieces[i].text, pieces[i].len, &bad));
		assert_int_equal(bad, 0);
	}
}

static void
every_cut_and_every_broken_tail_is_refused(void **state)
{
	static const char *const whole[] = {
	    "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (size_t n = 1; n < strlen(whole[i]); n++) {
			char broken[8] = {0};

			assert_int_equal(utf8_width(whole[i], n), 0);
			memcpy(broken, whole[i], strlen(whole[i]));
			broken[n] = 'x';
			assert_int_equal(
			    utf8_width(broken, strlen(whole[i])), 0);
			broken[n] = '\xc3';
			assert_int_equal(
			    utf8_width(broken, strlen(whole[i])), 0);
		}
}

/* Wherever the fault lies among the eight that are looked at together. */
static void
the_place_of_the_first_fault_is_told(void **state)
{
	char text[40];

	(void)state;
	for (size_t at = 0; at < sizeof(text); at++) {
		size_t bad = 99;

		memset(text, 'a', sizeof(text));
		assert_true(utf8_valid(text, sizeof(text), &bad));
		text[at] = '\x80';
		text[sizeof(text) - 1] = '\xff';
		assert_false(utf8_valid(text, sizeof(text), &bad));
		assert_int_equal(bad, at);
	}
}

static void
a_fault_in_a_sequence_is_told_at_its_first_byte(void **state)
{
	size_t bad = 99;

	(void)state;
	assert_false(utf8_valid("\xc3\xa4\xe2\x82", 4, &bad));
	assert_int_equal(bad, 2);
}

static void
nothing_is_valid(void **state)
{
	(void)state;
	assert_true(utf8_valid("", 0, NULL));
	assert_true(utf8_valid("\xff", 0, NULL));
}

static void
characters_are_counted_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(utf8_length(""), 0);
	assert_int_equal(utf8_length("disk"), 4);
	assert_int_equal(
	    utf8_length("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80"), 5);
}

static void
controls_are_found_wherever_they_stand(void **state)
{
	(void)state;
	assert_false(utf8_has_control(""));
	assert_false(utf8_has_control("a \xc3\xa4~"));
	assert_true(utf8_has_control("\x01"
				     "a"));
	assert_true(utf8_has_control("a\n"));
	assert_true(utf8_has_control("a\x1f"
				     "b"));
	assert_true(utf8_has_control("\x7f"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(boundaries_of_each_width_are_taken),
	    cmocka_unit_test(overlong_surrogate_and_too_large_are_refused),
	    cmocka_unit_test(every_cut_and_every_broken_tail_is_refused),
	    cmocka_unit_test(the_place_of_the_first_fault_is_told),
	    cmocka_unit_test(a_fault_in_a_sequence_is_told_at_its_first_byte),
	    cmocka_unit_test(nothing_is_valid),
	    cmocka_unit_test(characters_are_counted_not_bytes),
	    cmocka_unit_test(controls_are_found_wherever_they_stand)};

	return tap_run(tests);
}
