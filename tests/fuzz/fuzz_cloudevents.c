/*
 * CloudEvents: what passes has its four attributes, and what they point to
 * lies in the body; the binary form takes and refuses as the structured one
 * does; a batch of one is that one.
 *
 * The input is a JSON text, else the four headers of the binary form, a line
 * each.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "domain/cloudevent.h"

#include "fuzz.h"

static void
check_inside(const struct cloudevent_value *v, const char *json, size_t n)
{
	CHECK(v->s >= json && v->s + v->n <= json + n);
	CHECK(v->n > 0);
	CHECK(v->s[-1] == '"' && v->s[v->n] == '"');
}

static void
check_json(const char *json, size_t n)
{
	struct errinfo ei = {.detail = ""};
	struct cloudevent e;
	struct buf batch;
	enum err one, many;

	one = cloudevent_structured(json, n, &e, &ei);
	CHECK(one == ERR_OK || (one == ERR_INVALID && *ei.detail != '\0'));
	if (one == ERR_OK) {
		check_inside(&e.specversion, json, n);
		check_inside(&e.id, json, n);
		check_inside(&e.source, json, n);
		check_inside(&e.type, json, n);
		CHECK(e.specversion.n >= 3);
	}
	cloudevent_batch(json, n, NULL);
	buf_init(&batch, n + 2);
	buf_addc(&batch, '[');
	buf_add(&batch, json, n);
	buf_addc(&batch, ']');
	if (json_check(batch.data, batch.len, NULL) == ERR_OK) {
		many = cloudevent_batch(batch.data, batch.len, NULL);
		CHECK((one == ERR_OK) == (many == ERR_OK));
	}
	buf_fini(&batch);
}

static void
check_headers(char *text)
{
	char *part[4] = {NULL};
	struct errinfo ei = {.detail = ""};
	size_t k = 0;
	enum err e;

	for (char *p = text; p != NULL && k < 4; k++) {
		char *nl = strchr(p, '\n');

		if (nl != NULL)
			*nl = '\0';
		part[k] = p;
		p = nl != NULL ? nl + 1 : NULL;
	}
	e = cloudevent_binary(part[0], part[1], part[2], part[3], &ei);
	CHECK(e == ERR_OK || (e == ERR_INVALID && *ei.detail != '\0'));
	for (k = 0; k < 4 && e == ERR_OK; k++)
		CHECK(part[k] != NULL && *part[k] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_alloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	cloudevent_mode(text);
	if (json_bom(text, size) == 0 && json_check(text, size, NULL) == ERR_OK)
		check_json(text, size);
	else
		check_headers(text);
	free(text);
	return 0;
}
