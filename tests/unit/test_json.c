#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

#include "tap.h"

struct refused {
	const char *text;
	size_t len;
	const char *where, *detail;
};

#define R(s, line, column, detail)                                            \
	{                                                                     \
		(s), sizeof(s) - 1, "line " #line ", column " #column, detail \
	}

#define CUT_STRING "the text ends inside a string"
#define CUT_NUMBER "the text ends inside a number"
#define CONTROL                                            \
	"a raw control character in a string; it must be " \
	"written as an escape such as \\n"
#define BARE "only true, false and null are written without quotes"
#define NOT_UTF8 "a byte that is not UTF-8"
#define DIGIT "a digit is expected here"
#define ESCAPE "no such escape; a backslash itself is written as \\\\"
#define HEX "\\u without four hexadecimal digits"
#define BEHIND "nothing may follow the JSON value"

static void
all_refused(const struct refused *r, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct errinfo ei = {.where = ""};
		char *copy = malloc(r[i].len + 1); /* exact for the sanitizer */

		memcpy(copy, r[i].text, r[i].len);
		if (json_check(copy, r[i].len, &ei) != ERR_INVALID)
			fail_msg("taken: %s", r[i].text);
		free(copy);
		assert_string_equal(ei.detail, r[i].detail);
		assert_string_equal(ei.where, r[i].where);
		assert_int_equal(ei.code, ERR_INVALID);
		assert_int_equal(
		    json_check(r[i].text, r[i].len, NULL), ERR_INVALID);
	}
}

#define ALL_REFUSED(r) all_refused((r), sizeof(r) / sizeof((r)[0]))

static void
takes(const char *s)
{
	struct errinfo ei;

	if (json_check(s, strlen(s), &ei) != ERR_OK)
		fail_msg("refused: %s (%s: %s)", s, ei.where, ei.detail);
}

static void
each_kind_of_value_is_taken(void **state)
{
	static const char *const texts[] = {"null", "true", "false", "0", "-0",
	    "7", "1234567890123456789012345678901234567890", "-1.5", "0.25",
	    "1e5", "1E+5", "2.5e-10", "\"\"", "\"text\"", "[]", "{}", "[1]",
	    "[1,2,[3,[]],{}]", "{\"a\":1}",
	    "{\"a\":{\"b\":[null,true,false]},\"a\":2,\"\":\"\"}"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		takes(texts[i]);
}

static void
white_space_may_stand_around_every_token(void **state)
{
	(void)state;
	takes(" \t\r\n{ \n\"a\"\t:\r[ 1 , 2 , { } , [ ] ] , \"b\" : null } \n");
}

static void
all_escapes_are_taken_even_lone_surrogates_and_nul(void **state)
{
	(void)state;
	takes("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\uD83D\\ude00\"");
	takes("[\"\\ud800\",\"\\udc00x\",\"\\u0000\",{\"\\u0000\":1}]");
}

static void
utf8_of_every_width_is_taken_and_del_too(void **state)
{
	(void)state;
	takes("\"\x7f\xc2\x80\xc3\xa4\xe2\x82\xac\xef\xbf\xbf"
	      "\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\"");
	takes("{\"\xc3\xa4\":\"\xe2\x82\xac\"}");
}

static void
no_value_at_all_is_refused(void **state)
{
	static const struct refused r[] = {
	    R("", 1, 1, "there is no JSON value"),
	    R(" \n ", 2, 2, "there is no JSON value")};

	(void)state;
	ALL_REFUSED(r);
	assert_int_equal(json_check(NULL, 0, NULL), ERR_INVALID);
}

static void
what_is_no_value_is_refused_with_a_hint(void **state)
{
	static const struct refused r[] = {R("NaN", 1, 1, BARE),
	    R("[Infinity]", 1, 2, BARE), R("True", 1, 1, BARE),
	    R("nul", 1, 4, "the text ends inside a word"),
	    R("nulL", 1, 1, BARE), R("[tru]", 1, 2, BARE),
	    R("-Infinity", 1, 2, DIGIT),
	    R("{'a':1}", 1, 2, "a name in double quotes is expected here"),
	    R("['a']", 1, 2, "a string is written in double quotes"),
	    R("[+1]", 1, 2, "a number must not begin with +"),
	    R("[.5]", 1, 2, "a number must begin with a digit"),
	    R("/* c */ 1", 1, 1, "there are no comments in JSON"),
	    R("[1,\n# c\n2]", 2, 1, "there are no comments in JSON"),
	    R("[1,]", 1, 4, "a value is expected before this bracket"),
	    R("[,1]", 1, 2, "a value is expected here"),
	    R("{\"a\":}", 1, 6, "a value is expected before this bracket"),
	    R("]", 1, 1, "a value is expected before this bracket"),
	    R("\xef\xbb\xbf{}", 1, 1, "a byte order mark is not JSON"),
	    R("\xff", 1, 1, NOT_UTF8),
	    R("[\xc3\xa4]", 1, 2, "a value is expected here"),
	    R("\0", 1, 1, "a value is expected here")};

	(void)state;
	ALL_REFUSED(r);
}

static void
numbers_are_held_to_the_grammar(void **state)
{
	static const struct refused r[] = {
	    R("01", 1, 2, "a number must not begin with a zero"),
	    R("-01", 1, 3, "a number must not begin with a zero"),
	    R("[1.]", 1, 4, DIGIT), R("[1.e1]", 1, 4, DIGIT),
	    R("[1e]", 1, 4, DIGIT), R("[1e+]", 1, 5, DIGIT),
	    R("[-]", 1, 3, DIGIT), R("[--1]", 1, 3, DIGIT),
	    R("-", 1, 2, CUT_NUMBER), R("1.", 1, 3, CUT_NUMBER),
	    R("1e-", 1, 4, CUT_NUMBER), R("0x1", 1, 2, BEHIND),
	    R("[1 000]", 1, 4, "a , or ] is expected here"),
	    R("[1_0]", 1, 3, "a , or ] is expected here")};

	(void)state;
	ALL_REFUSED(r);
}

static void
strings_hold_no_controls_and_no_other_escapes(void **state)
{
	static const struct refused r[] = {R("\"a\nb\"", 1, 3, CONTROL),
	    R("\"\t\"", 1, 2, CONTROL), R("\"\0\"", 1, 2, CONTROL),
	    R("\"\x1f\"", 1, 2, CONTROL), R("\"\\x41\"", 1, 2, ESCAPE),
	    R("\"\\'\"", 1, 2, ESCAPE), R("\"\\\n\"", 1, 2, ESCAPE),
	    R("\"\\u12g4\"", 1, 2, HEX), R("\"\\u123\"", 1, 2, HEX),
	    R("\"\\u 123\"", 1, 2, HEX), R("\"", 1, 2, CUT_STRING),
	    R("\"abcdefgh", 1, 10, CUT_STRING), R("\"\\", 1, 3, CUT_STRING),
	    R("\"\\u00", 1, 6, CUT_STRING), R("{\"a", 1, 4, CUT_STRING)};

	(void)state;
	ALL_REFUSED(r);
}

static void
strings_hold_only_utf8(void **state)
{
	static const struct refused r[] = {R("\"\x80\"", 1, 2, NOT_UTF8),
	    R("\"\xc0\xaf\"", 1, 2, NOT_UTF8),
	    R("\"a\xe0\x80\x80\"", 1, 3, NOT_UTF8),
	    R("\"\xed\xa0\x80\"", 1, 2, NOT_UTF8),
	    R("\"\xf4\x90\x80\x80\"", 1, 2, NOT_UTF8),
	    R("\"\xc3\xa4\xc3\"", 1, 3, NOT_UTF8),
	    R("\"\xe2\x82", 1, 2, NOT_UTF8), R("{\"\xff\":1}", 1, 3, NOT_UTF8),
	    R("\"abcdefghijk\xfe\"", 1, 13, NOT_UTF8)};

	(void)state;
	ALL_REFUSED(r);
}

static void
objects_and_arrays_are_held_to_their_marks(void **state)
{
	static const struct refused r[] = {
	    R("{\"a\"}", 1, 5, "a : is expected here"),
	    R("{\"a\" 1}", 1, 6, "a : is expected here"),
	    R("{\"a\"", 1, 5, "the text ends before a :"),
	    R("{1:2}", 1, 2, "a name in double quotes is expected here"),
	    R("{a:2}", 1, 2, "a name in double quotes is expected here"),
	    R("{,}", 1, 2, "a name in double quotes is expected here"),
	    R("{\"a\":1,}", 1, 8, "a name is expected between , and }"),
	    R("{\"a\":1 \"b\":2}", 1, 8, "a , or } is expected here"),
	    R("{\"a\":1]", 1, 7, "a , or } is expected here"),
	    R("[1}", 1, 3, "a , or ] is expected here"),
	    R("[1:2]", 1, 3, "a , or ] is expected here"),
	    R("[", 1, 2, "the text ends inside an array"),
	    R("[1,\n", 2, 1, "the text ends inside an array"),
	    R("[{}", 1, 4, "the text ends inside an array"),
	    R("{\"a\":[]", 1, 8, "the text ends inside an object"),
	    R("{\"a\":", 1, 6, "the text ends inside an object")};

	(void)state;
	ALL_REFUSED(r);
}

static void
nothing_but_white_space_may_follow(void **state)
{
	static const struct refused r[] = {R("1 2", 1, 3, BEHIND),
	    R("{}{}", 1, 3, BEHIND), R("[],", 1, 3, BEHIND),
	    R("null\0", 1, 5, BEHIND), R("{}\n\n x", 3, 2, BEHIND),
	    R("\"a\"\"b\"", 1, 4, BEHIND), R("[]\xc2\xa0", 1, 3, BEHIND),
	    R("nullx", 1, 5, BEHIND), R("{}\f", 1, 3, BEHIND)};

	(void)state;
	ALL_REFUSED(r);
}

static void
columns_count_characters_and_lines_count_newlines(void **state)
{
	static const struct refused r[] = {
	    R("{\n  \"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\": x\n}", 2, 10,
		BARE),
	    R("\r\n\r\n[1,\r\n2,\r\n x]", 5, 2, BARE)};

	(void)state;
	ALL_REFUSED(r);
}

/* Wherever the byte lies among the eight that are looked at together. */
static void
each_byte_of_a_long_string_is_looked_at(void **state)
{
	static const char bad[] = "\x01\x1f\x80\xff\n\\";
	char text[42];

	(void)state;
	for (size_t at = 1; at < sizeof(text) - 1; at++) {
		memset(text, 'a', sizeof(text));
		text[0] = text[sizeof(text) - 1] = '"';
		assert_int_equal(json_check(text, sizeof(text), NULL), ERR_OK);
		for (size_t i = 0; i < sizeof(bad) - 1; i++) {
			struct errinfo ei;
			char where[32];

			text[at] = bad[i];
			assert_int_equal(
			    json_check(text, sizeof(text), &ei), ERR_INVALID);
			/* an escaped closing quote leaves the string open */
			if (bad[i] == '\\' && at == sizeof(text) - 2)
				continue;
			snprintf(
			    where, sizeof(where), "line 1, column %zu", at + 1);
			assert_string_equal(ei.where, where);
		}
		text[at] = '"';
		assert_int_equal(json_check(text, at + 1, NULL), ERR_OK);
		assert_int_equal(
		    json_check(text, sizeof(text), NULL), ERR_INVALID);
	}
}

/* depth brackets, by turns arrays and objects, around nothing. */
static char *
nested(size_t depth, bool objects, size_t *len)
{
	char *s = malloc(depth * 6 + 1);
	size_t n = 0;

	for (size_t i = 0; i < depth; i++)
		if (objects && i % 2 == 1) {
			memcpy(s + n, "{\"a\":", 5);
			n += 5;
		} else {
			s[n++] = '[';
		}
	if (objects && depth % 2 == 0)
		s[n++] = '1';
	for (size_t i = depth; i-- > 0;)
		s[n++] = objects && i % 2 == 1 ? '}' : ']';
	*len = n;
	return s;
}

static void
depth_512_is_taken_and_513_refused(void **state)
{
	struct errinfo ei;
	size_t n;
	char *s;

	(void)state;
	s = nested(JSON_DEPTH_MAX, false, &n);
	assert_int_equal(json_check(s, n, NULL), ERR_OK);
	free(s);
	s = nested(JSON_DEPTH_MAX, true, &n);
	assert_int_equal(json_check(s, n, NULL), ERR_OK);
	free(s);
	s = nested(JSON_DEPTH_MAX + 1, false, &n);
	assert_int_equal(json_check(s, n, &ei), ERR_INVALID);
	assert_string_equal(ei.detail, "nested deeper than 512 levels");
	assert_string_equal(ei.where, "line 1, column 513");
	free(s);
}

static void
the_kind_of_every_level_is_remembered(void **state)
{
	size_t n;
	char *s = nested(JSON_DEPTH_MAX, true, &n);

	(void)state;
	for (size_t i = 0; i < JSON_DEPTH_MAX; i++) {
		char *closing = s + n - 1 - i, was = *closing;

		*closing = was == ']' ? '}' : ']';
		assert_int_equal(json_check(s, n, NULL), ERR_INVALID);
		*closing = was;
	}
	assert_int_equal(json_check(s, n, NULL), ERR_OK);
	free(s);
}

static void
a_million_brackets_neither_recurse_nor_last(void **state)
{
	size_t n = 1000000;
	char *s = malloc(n);

	(void)state;
	memset(s, '[', n);
	assert_int_equal(json_check(s, n, NULL), ERR_INVALID);
	free(s);
}

/* What is behind n must not be read, so every cut must be an error. */
static void
every_cut_of_a_document_is_refused(void **state)
{
	static const char text[] = "{\"a\":[1.5e3,\"\\u00e4\xe2\x82\xac\",true,"
				   "null,{\"b\":false}]}";

	(void)state;
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char *copy = malloc(n + 1);

		memcpy(copy, text, n);
		copy = realloc(copy, n > 0 ? n : 1);
		assert_int_equal(json_check(copy, n, NULL), ERR_INVALID);
		free(copy);
	}
	assert_int_equal(json_check(text, sizeof(text) - 1, NULL), ERR_OK);
}

static void
a_byte_order_mark_is_three_bytes(void **state)
{
	(void)state;
	assert_int_equal(json_bom("\xef\xbb\xbf{}", 5), 3);
	assert_int_equal(json_bom("\xef\xbb\xbf", 3), 3);
	assert_int_equal(json_bom("\xef\xbb", 2), 0);
	assert_int_equal(json_bom("{} ", 3), 0);
	assert_int_equal(json_bom("", 0), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_kind_of_value_is_taken),
	    cmocka_unit_test(white_space_may_stand_around_every_token),
	    cmocka_unit_test(
		all_escapes_are_taken_even_lone_surrogates_and_nul),
	    cmocka_unit_test(utf8_of_every_width_is_taken_and_del_too),
	    cmocka_unit_test(no_value_at_all_is_refused),
	    cmocka_unit_test(what_is_no_value_is_refused_with_a_hint),
	    cmocka_unit_test(numbers_are_held_to_the_grammar),
	    cmocka_unit_test(strings_hold_no_controls_and_no_other_escapes),
	    cmocka_unit_test(strings_hold_only_utf8),
	    cmocka_unit_test(objects_and_arrays_are_held_to_their_marks),
	    cmocka_unit_test(nothing_but_white_space_may_follow),
	    cmocka_unit_test(columns_count_characters_and_lines_count_newlines),
	    cmocka_unit_test(each_byte_of_a_long_string_is_looked_at),
	    cmocka_unit_test(depth_512_is_taken_and_513_refused),
	    cmocka_unit_test(the_kind_of_every_level_is_remembered),
	    cmocka_unit_test(a_million_brackets_neither_recurse_nor_last),
	    cmocka_unit_test(every_cut_of_a_document_is_refused),
	    cmocka_unit_test(a_byte_order_mark_is_three_bytes)};

	return tap_run(tests);
}
