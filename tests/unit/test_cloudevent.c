#include "config.h"

#include <string.h>

#include "domain/cloudevent.h"

#include "tap.h"

static enum err
structured(const char *json, struct cloudevent *e, struct errinfo *ei)
{
	return cloudevent_structured(json, strlen(json), e, ei);
}

static void
the_media_type_decides_the_mode(void **state)
{
	static const struct {
		const char *type;
		enum cloudevent_mode mode;
	} types[] = {
	    {"application/cloudevents+json",                CLOUDEVENT_STRUCTURED},
	    {"Application/CloudEvents+JSON; charset=utf-8",
             CLOUDEVENT_STRUCTURED					       },
	    {"application/cloudevents-batch+json;x=y",      CLOUDEVENT_BATCH     },
	    {"application/cloudevents+xml",                 CLOUDEVENT_NONE      },
	    {"application/json",                            CLOUDEVENT_NONE      },
	    {"",					    CLOUDEVENT_NONE      },
	    {NULL,					  CLOUDEVENT_NONE      },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		assert_int_equal(cloudevent_mode(types[i].type), types[i].mode);
}

static void
attributes_are_found_wherever_they_stand(void **state)
{
	static const char json[] =
	    " { \"data\" : { \"id\" : \"inner\", \"a\": [1, {\"type\":\"x\"}] "
	    "},\n\"id\":\"A-\\\"1\", \"n\":-1.5e3,\"t\":true,\"s\":\"}]{\","
	    "\"source\" : \"/s\",\"type\":\"t\" , \"e\":{},\"f\":[], "
	    "\"specversion\":\"1.0\"}\r\n";
	struct cloudevent e;

	(void)state;
	assert_int_equal(structured(json, &e, NULL), ERR_OK);
	assert_int_equal(e.id.n, 5);
	assert_memory_equal(e.id.s, "A-\\\"1", 5);
	assert_int_equal(e.source.n, 2);
	assert_memory_equal(e.source.s, "/s", 2);
	assert_int_equal(e.type.n, 1);
}

static void
what_is_missing_is_named(void **state)
{
	static const struct {
		const char *json, *name;
	} bad[] = {
	    {"{}",							"specversion"     },
	    {"{\"specversion\":\"1.0\",\"source\":\"s\",\"type\":\"t\"}",
             "attribute id"								 },
	    {"{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"s\","
	     "\"type\":\"t\"}",			      "attribute id"    },
	    {"{\"specversion\":\"1.0\",\"id\":7,\"source\":\"s\","
	     "\"type\":\"t\"}",			      "attribute id"    },
	    {"{\"specversion\":\"1.0\",\"id\":\"i\",\"type\":\"t\","
	     "\"data\":{\"source\":\"s\"}}",		 "attribute source"},
	    {"{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"s\"}",
             "attribute type"							       },
	    {"{\"specversion\":\"0.3\",\"id\":\"i\",\"source\":\"s\","
	     "\"type\":\"t\"}",			      "0.3"             },
	    {"{\"id\":\"i\",\"id\":null,\"specversion\":\"1.0\"}",
             "attribute id"								 },
	    {"[]",							"JSON object"     },
	    {"7",							 "JSON object"     },
	};
	struct cloudevent e;
	struct errinfo ei;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(structured(bad[i].json, &e, &ei), ERR_INVALID);
		assert_non_null(strstr(ei.detail, bad[i].name));
	}
}

#define GOOD                                                      \
	"{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"s\"," \
	"\"type\":\"t\"}"

static void
each_of_a_batch_is_checked(void **state)
{
	static const char good[] = "[" GOOD ", " GOOD "]",
			  bad[] = "[" GOOD "," GOOD ",{\"id\":\"i\"}]";
	struct errinfo ei;

	(void)state;
	assert_int_equal(cloudevent_batch(good, strlen(good), &ei), ERR_OK);
	assert_int_equal(cloudevent_batch(" [ ] ", 5, &ei), ERR_OK);
	assert_int_equal(cloudevent_batch(bad, strlen(bad), &ei), ERR_INVALID);
	assert_string_equal(ei.where, "event 3");
	assert_int_equal(cloudevent_batch("[1]", 3, &ei), ERR_INVALID);
	assert_string_equal(ei.where, "event 1");
	assert_int_equal(
	    cloudevent_batch(GOOD, strlen(GOOD), &ei), ERR_INVALID);
}

static void
headers_of_binary_mode_are_all_needed(void **state)
{
	struct errinfo ei;

	(void)state;
	assert_int_equal(cloudevent_binary("1.0", "i", "s", "t", &ei), ERR_OK);
	assert_int_equal(
	    cloudevent_binary("1.0", NULL, "s", "t", &ei), ERR_INVALID);
	assert_non_null(strstr(ei.detail, "attribute id"));
	assert_int_equal(
	    cloudevent_binary("1.0", "i", "", "t", &ei), ERR_INVALID);
	assert_int_equal(
	    cloudevent_binary("1.0", "i", "s", NULL, &ei), ERR_INVALID);
	assert_int_equal(
	    cloudevent_binary("2.0", "i", "s", "t", &ei), ERR_INVALID);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_media_type_decides_the_mode),
	    cmocka_unit_test(attributes_are_found_wherever_they_stand),
	    cmocka_unit_test(what_is_missing_is_named),
	    cmocka_unit_test(each_of_a_batch_is_checked),
	    cmocka_unit_test(headers_of_binary_mode_are_all_needed),
	};

	return tap_run(tests);
}
