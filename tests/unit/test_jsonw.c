#include "config.h"

#include "base/jsonw.h"

#include "base/json.h"

#include "tap.h"

static void
commas_stand_where_they_must(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	jsonw_object(&b, NULL);
	jsonw_str(&b, "a", "x{");
	jsonw_str(&b, "none", NULL);
	jsonw_array(&b, "list");
	jsonw_int(&b, NULL, -1);
	jsonw_bool(&b, NULL, true);
	jsonw_object(&b, NULL);
	jsonw_end_object(&b);
	jsonw_array(&b, NULL);
	jsonw_end_array(&b);
	jsonw_str(&b, NULL, "[");
	jsonw_str(&b, NULL, ":");
	jsonw_end_array(&b);
	jsonw_raw(&b, "raw", "{\"b\":1}");
	jsonw_time(&b, "at", 0);
	jsonw_time(&b, "never", INT64_MAX);
	jsonw_duration(&b, "for", 90000);
	jsonw_duration(&b, "not", 0);
	jsonw_end_object(&b);
	assert_string_equal(b.data,
	    "{\"a\":\"x{\",\"none\":null,\"list\":[-1,true,{},[],\"[\",\":\"],"
	    "\"raw\":{\"b\":1},\"at\":\"1970-01-01T00:00:00.000Z\","
	    "\"never\":null,\"for\":\"PT1M30S\",\"not\":null}");
	assert_int_equal(json_check(b.data, b.len, NULL), ERR_OK);
	buf_fini(&b);
}

static void
any_bytes_make_a_string(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	jsonw_strn(&b, NULL, "\xff\x00\"\\\n<", 6);
	assert_int_equal(json_check(b.data, b.len, NULL), ERR_OK);
	buf_fini(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(commas_stand_where_they_must),
	    cmocka_unit_test(any_bytes_make_a_string),
	};
	return tap_run(tests);
}
