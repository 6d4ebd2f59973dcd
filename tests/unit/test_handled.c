#include "config.h"

#include "domain/handled.h"

#include <string.h>

#include <json-c/json.h>

#include "tap.h"

static struct handled
an_event(enum event_kind kind, const char *body, size_t len)
{
	struct handled h = {
	    .integration_key = "abcdefghijklmnop",
	    .integration_name = "Zabbix \"north\"",
	    .received_us = 1767225600123000,
	    .handled_us = 1767225600456789,
	    .kind = kind,
	    .content_type = "text/plain; charset=\"utf-8\"",
	    .body = body,
	    .body_len = len,
	};

	assert_true(
	    uuid_parse("0192a3b4-c5d6-7e8f-9a0b-1c2d3e4f5a6b", &h.event_id));
	return h;
}

static struct buf
written(const struct handled *h)
{
	struct buf b;

	buf_init(&b, HANDLED_MAX);
	handled_write(h, &b);
	assert_false(buf_failed(&b));
	return b;
}

static void
the_document_is_exactly_this(void **state)
{
	static const char body[] = "{ \"b\":1.0, \"a\" : 1e5, \"b\":2 }\n";
	struct handled h = an_event(EVENT_JSON, body, strlen(body));
	struct buf b = written(&h);

	(void)state;
	assert_string_equal(b.data,
	    "{\"eventId\":\"0192a3b4-c5d6-7e8f-9a0b-1c2d3e4f5a6b\","
	    "\"status\":\"handled\",\"integration\":"
	    "{\"key\":\"abcdefghijklmnop\",\"name\":\"Zabbix \\\"north\\\"\"},"
	    "\"receivedAt\":\"2026-01-01T00:00:00.123Z\","
	    "\"handledAt\":\"2026-01-01T00:00:00.456Z\","
	    "\"event\":{ \"b\":1.0, \"a\" : 1e5, \"b\":2 }\n,"
	    "\"results\":[]}");
	buf_fini(&b);
}

static void
a_failed_event_says_so(void **state)
{
	struct handled h = an_event(EVENT_JSON, "1", 1);
	struct buf b;

	(void)state;
	h.failed = true;
	b = written(&h);
	assert_non_null(strstr(b.data, "\"status\":\"failed\""));
	buf_fini(&b);
}

static void
a_byte_order_mark_is_left_out(void **state)
{
	struct handled json = an_event(EVENT_JSON, "\xef\xbb\xbf[1]", 6);
	struct handled text = an_event(EVENT_TEXT, "\xef\xbb\xbfhi", 5);
	struct buf b = written(&json);

	(void)state;
	assert_non_null(strstr(b.data, "\"event\":[1],"));
	buf_fini(&b);
	b = written(&text);
	assert_non_null(strstr(b.data, "\"data\":\"hi\""));
	buf_fini(&b);
}

/* The event's member, as a JSON parser reads it. */
static const char *
member(struct buf *b, const char *name, size_t *len)
{
	json_object *doc = json_tokener_parse(b->data), *event, *v;
	static char out[256];

	assert_non_null(doc);
	assert_true(json_object_object_get_ex(doc, "event", &event));
	assert_true(json_object_object_get_ex(event, name, &v));
	*len = (size_t)json_object_get_string_len(v);
	assert_true(*len < sizeof(out));
	memcpy(out, json_object_get_string(v), *len + 1);
	json_object_put(doc);
	return out;
}

static void
text_comes_back_as_it_was(void **state)
{
	static const char body[] =
	    "line\n\ttab \"q\" \\ \x01\x7f \xc3\xa9\0end";
	struct handled h = an_event(EVENT_TEXT, body, sizeof(body) - 1);
	struct buf b = written(&h);
	size_t n;

	(void)state;
	assert_string_equal(member(&b, "encoding", &n), "utf-8");
	assert_memory_equal(member(&b, "data", &n), body, sizeof(body) - 1);
	assert_int_equal(n, sizeof(body) - 1);
	assert_string_equal(
	    member(&b, "contentType", &n), "text/plain; charset=\"utf-8\"");
	buf_fini(&b);
}

static void
binary_and_broken_text_are_base64(void **state)
{
	struct handled binary = an_event(EVENT_BINARY, "\x00\xff\x10", 3);
	struct handled broken = an_event(EVENT_TEXT, "\xe9t\xe9", 3);
	struct buf b = written(&binary);
	size_t n;

	(void)state;
	assert_string_equal(member(&b, "encoding", &n), "base64");
	assert_string_equal(member(&b, "data", &n), "AP8Q");
	buf_fini(&b);
	b = written(&broken);
	assert_string_equal(member(&b, "encoding", &n), "base64");
	assert_string_equal(member(&b, "data", &n), "6XTp");
	buf_fini(&b);
}

static void
no_content_type_is_null(void **state)
{
	struct handled h = an_event(EVENT_BINARY, "\xff", 1);
	struct buf b;

	(void)state;
	h.content_type = NULL;
	b = written(&h);
	assert_non_null(strstr(b.data, "{\"contentType\":null,"));
	buf_fini(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_document_is_exactly_this),
	    cmocka_unit_test(a_failed_event_says_so),
	    cmocka_unit_test(a_byte_order_mark_is_left_out),
	    cmocka_unit_test(text_comes_back_as_it_was),
	    cmocka_unit_test(binary_and_broken_text_are_base64),
	    cmocka_unit_test(no_content_type_is_null),
	};

	return tap_run(tests);
}
