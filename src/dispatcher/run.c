#include "config.h"

#include "dispatcher/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "dispatcher/lane.h"
#include "dispatcher/work.h"
#include "domain/handled.h"

struct run *
run_new(struct work *w)
{
	struct run *r = mem_zalloc(sizeof(*r));

	r->work = w;
	return r;
}

void
run_free(struct run *r)
{
	if (r == NULL)
		return;
	BUG_ON(r->action != NULL || r->desk != NULL);
	for (size_t n = 0; n < r->result_count; n++) {
		free(r->results[n].name);
		free(r->results[n].status);
		free(r->results[n].output);
		free(r->results[n].error);
	}
	free(r->results);
	free(r->headers);
	free(r->note_results);
	free(r->answer_headers);
	free(r->answer_body);
	integration_unref(r->settings);
	free(r);
}

void
run_add_result(struct run *r, const struct run_result *result)
{
	struct run_result *own;

	r->results =
	    mem_grow(r->results, r->result_count + 1, sizeof(*r->results));
	own = &r->results[r->result_count++];
	*own = *result;
	own->name = mem_strdup(result->name);
	own->status = mem_strdup(result->status);
	own->error = mem_strdup(result->error);
	if (result->output != NULL)
		own->output = run_copy(result->output, result->output_len);
}

bool
run_has_result(const struct run *r, int32_t automation_id)
{
	for (size_t n = 0; n < r->result_count; n++)
		if (r->results[n].automation_id == automation_id)
			return true;
	return false;
}

void
run_write_results(const struct run *r, struct buf *out)
{
	for (size_t n = 0; n < r->result_count; n++) {
		const struct run_result *s = &r->results[n];
		struct handled_result h = {s->name, s->status, s->output,
		    s->output_len, s->error, s->duration_ms};

		if (n != 0)
			buf_addc(out, ',');
		handled_write_result(&h, out);
	}
}

static void
add_str(struct buf *out, const char *name, const char *s)
{
	buf_addf(out, ",\"%s\":", name);
	if (s != NULL)
		buf_add_json_str(out, s, strlen(s));
	else
		buf_adds(out, "null");
}

static void
add_event(const struct run *r, bool sql, struct buf *out)
{
	const struct work *w = r->work;
	struct handled h = {
	    .kind = w->kind,
	    .content_type = w->content_type,
	    .body = w->body != NULL ? w->body : "",
	    .body_len = (size_t)w->body_length,
	};

	buf_adds(out, ",\"event\":");
	if (sql && w->kind == EVENT_JSON && !r->jsonb)
		buf_adds(out, "null");
	else
		handled_write_event(&h, out);
}

void
run_write_document(
    const struct run *r, bool sql, int32_t attempt, struct buf *out)
{
	const struct work *w = r->work;
	char id[UUID_TEXT_LEN + 1], at[CLOCK_TEXT_MAX];

	uuid_format(&w->done.fence.id, id);
	clock_format(w->received_us, at);
	buf_addf(out, "{\"eventId\":\"%s\",\"attempt\":%d", id, (int)attempt);
	add_str(out, "automation", r->automation->name);
	buf_addf(out, ",\"integration\":{\"key\":\"%s\"", r->settings->key);
	add_str(out, "name", r->settings->name);
	buf_addf(out, "},\"receivedAt\":\"%s\"", at);
	add_str(out, "contentType", w->content_type);
	if (w->test)
		buf_adds(out, ",\"test\":true");
	buf_adds(out, ",\"headers\":");
	buf_add(out, r->headers, r->headers_len);
	add_event(r, sql, out);
	buf_adds(out, ",\"results\":[");
	run_write_results(r, out);
	buf_adds(out, "]}");
}

char *
run_copy(const char *s, size_t n)
{
	char *out = mem_alloc(n + 1);

	memcpy(out, s, n);
	out[n] = '\0';
	return out;
}

char *
run_clean(const char *s, size_t n)
{
	char *out = mem_strndup(s, n);

	for (size_t i = 0; i < n;) {
		size_t width = utf8_width(s + i, n - i);

		memcpy(out + i, s + i, width);
		if (width == 0 || s[i] == '\0') {
			out[i] = '?';
			width = 1;
		}
		i += width;
	}
	out[n] = '\0';
	return out;
}
