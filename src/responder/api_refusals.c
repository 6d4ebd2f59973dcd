/* Requests that were refused, and what would let them in. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/jsonw.h"
#include "responder/api_ops.h"
#include "store/refusal_page.h"

static void
write_id(struct buf *b, const struct refusal_row *r)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)r->id);
	jsonw_str(b, "id", text);
}

/* A setting that would take such requests. */
static void
write_fix(struct buf *b, const struct refusal_row *r)
{
	const char *words = NULL, *change = NULL;

	if (r->key == NULL) {
		jsonw_null(b, "fix");
		return;
	}
	if (r->status == 401 && strstr(r->detail, "query") != NULL) {
		words = "The token came in the URL: allow that here?";
		change = "{\"allowQueryToken\":true}";
	} else if (r->status == 400 && strncmp(r->detail, "line ", 5) == 0) {
		words = "The body is called JSON and is none: keep such bodies "
			"as text?";
		change = "{\"acceptMalformed\":true}";
	} else if (r->status == 403) {
		words = "The integration is disabled: enable it?";
		change = "{\"enabled\":true}";
	} else if (r->status == 413) {
		words = "The body is too large: take up to 16 MiB?";
		change = "{\"maxBodyBytes\":16777216}";
	}
	if (words == NULL) {
		jsonw_null(b, "fix");
		return;
	}
	jsonw_object(b, "fix");
	jsonw_str(b, "words", words);
	jsonw_raw(b, "change", change);
	jsonw_end_object(b);
}

static void
write_refusal(struct buf *b, const struct refusal_row *r)
{
	jsonw_object(b, NULL);
	write_id(b, r);
	if (r->key != NULL) {
		jsonw_object(b, "integration");
		jsonw_str(b, "key", r->key);
		jsonw_str(b, "name", r->name);
		jsonw_end_object(b);
	} else {
		jsonw_null(b, "integration");
	}
	jsonw_str(b, "reason", *r->detail != '\0' ? r->detail : r->reason);
	jsonw_int(b, "status", r->status);
	jsonw_str(b, "source", r->source);
	jsonw_int(b, "count", r->count);
	jsonw_time(b, "firstAt", r->first_us);
	jsonw_time(b, "lastAt", r->last_us);
	jsonw_str(b, "lastPath", r->path);
	if (r->size >= 0)
		jsonw_int(b, "lastBytes", r->size);
	else
		jsonw_null(b, "lastBytes");
	write_fix(b, r);
	jsonw_end_object(b);
}

enum err
api_refusals_get(struct call *c)
{
	struct refusal_query q = {
	    .grants = &c->who.grants, .from_us = INT64_MIN};
	const char *key = call_param(c, "integration");
	struct integration *i = NULL;
	struct refusal_page l;
	struct buf *b;
	enum err e = ERR_OK;

	call_param_bool(c, "unknownKeys", &q.unknown_keys);
	call_param_time(c, "from", &q.from_us);
	call_page(c, &q.page);
	if (c->fault_count != 0)
		return ERR_UNPROCESSABLE;
	if (key != NULL)
		e = call_integration(c, key, ROLE_VIEWER, NULL, &i);
	if (i != NULL)
		q.integration_id = i->id;
	integration_unref(i);
	if (e == ERR_OK)
		e = refusal_page_read(c->pg, &q, c->deadline_ms, &l, c->ei);
	if (e != ERR_OK)
		return e;
	b = call_json(c, HTTP_OK);
	jsonw_object(b, NULL);
	jsonw_array(b, "items");
	for (size_t n = 0; n < l.count; n++)
		write_refusal(b, &l.items[n]);
	jsonw_end_array(b);
	call_ends(b, &q.page, &l.ends, l.count != 0 ? l.items[0].id : 0,
	    l.count != 0 ? l.items[l.count - 1].id : 0);
	jsonw_end_object(b);
	refusal_page_fini(&l);
	return ERR_OK;
}
