#include "config.h"

#include "base/jsonw.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/duration.h"

static void
begin(struct buf *b, const char *name)
{
	char last = b->len != 0 ? b->data[b->len - 1] : '{';

	if (last != '{' && last != '[' && last != ':')
		buf_addc(b, ',');
	if (name != NULL)
		buf_addf(b, "\"%s\":", name);
}

void
jsonw_object(struct buf *b, const char *name)
{
	begin(b, name);
	buf_addc(b, '{');
}

void
jsonw_array(struct buf *b, const char *name)
{
	begin(b, name);
	buf_addc(b, '[');
}

void
jsonw_end_object(struct buf *b)
{
	buf_addc(b, '}');
}

void
jsonw_end_array(struct buf *b)
{
	buf_addc(b, ']');
}

void
jsonw_null(struct buf *b, const char *name)
{
	jsonw_raw(b, name, "null");
}

void
jsonw_strn(struct buf *b, const char *name, const char *s, size_t n)
{
	begin(b, name);
	buf_add_json_str(b, s, n);
}

void
jsonw_str(struct buf *b, const char *name, const char *s)
{
	if (s == NULL)
		jsonw_null(b, name);
	else
		jsonw_strn(b, name, s, strlen(s));
}

void
jsonw_int(struct buf *b, const char *name, int64_t v)
{
	begin(b, name);
	buf_addf(b, "%" PRId64, v);
}

void
jsonw_bool(struct buf *b, const char *name, bool v)
{
	jsonw_raw(b, name, v ? "true" : "false");
}

void
jsonw_uuid(struct buf *b, const char *name, const struct uuid *u)
{
	char text[UUID_TEXT_LEN + 1];

	uuid_format(u, text);
	jsonw_str(b, name, text);
}

void
jsonw_time(struct buf *b, const char *name, int64_t unix_us)
{
	char text[CLOCK_TEXT_MAX];

	if (unix_us == INT64_MIN || unix_us == INT64_MAX) {
		jsonw_null(b, name);
		return;
	}
	clock_format(unix_us, text);
	jsonw_str(b, name, text);
}

void
jsonw_duration(struct buf *b, const char *name, int64_t ms)
{
	char text[DURATION_TEXT_MAX];

	if (ms <= 0) {
		jsonw_null(b, name);
		return;
	}
	duration_format(ms, text);
	jsonw_str(b, name, text);
}

void
jsonw_raw(struct buf *b, const char *name, const char *json)
{
	begin(b, name);
	buf_adds(b, json);
}
