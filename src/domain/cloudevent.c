#include "config.h"

#include "domain/cloudevent.h"

#include <string.h>
#include <strings.h>

#define SPEC_VERSION "1.0"
#define TYPE "application/cloudevents"

/* A place in JSON that is known to be well-formed. */
struct cursor {
	const char *p, *end;
};

enum cloudevent_mode
cloudevent_mode(const char *content_type)
{
	static const struct {
		const char *type;
		enum cloudevent_mode mode;
	} types[] = {
	    {TYPE "+json",       CLOUDEVENT_STRUCTURED},
	    {TYPE "-batch+json", CLOUDEVENT_BATCH     },
	};
	size_t n;

	if (content_type == NULL)
		return CLOUDEVENT_NONE;
	n = strcspn(content_type, "; \t");
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (n == strlen(types[i].type) &&
		    strncasecmp(content_type, types[i].type, n) == 0)
			return types[i].mode;
	return CLOUDEVENT_NONE;
}

/* ---- well-formed JSON ------------------------------------------------------
 */

static void
skip_space(struct cursor *c)
{
	while (c->p < c->end && memchr(" \t\r\n", *c->p, 4) != NULL)
		c->p++;
}

/* At a quote: what is between it and its mate. */
static struct cloudevent_value
take_string(struct cursor *c)
{
	struct cloudevent_value v = {.s = ++c->p};

	while (c->p < c->end && *c->p != '"')
		c->p += *c->p == '\\' ? 2 : 1;
	v.n = (size_t)(c->p - v.s);
	c->p++;
	return v;
}

/* Any value, at its first character. */
static void
skip_value(struct cursor *c)
{
	size_t depth = 0;

	do {
		char ch = *c->p;

		if (ch == '"') {
			take_string(c);
		} else {
			depth += ch == '{' || ch == '[';
			depth -= (ch == '}' || ch == ']') && depth > 0;
			c->p++;
		}
		if (depth == 0 && (ch == '"' || ch == '}' || ch == ']'))
			return;
	} while (c->p < c->end &&
		 (depth > 0 || memchr(",]} \t\r\n", *c->p, 7) == NULL));
}

/* ---- attributes ------------------------------------------------------------
 */

static struct cloudevent_value *
attribute(struct cloudevent *e, struct cloudevent_value name)
{
	const struct {
		const char *name;
		struct cloudevent_value *value;
	} known[] = {
	    {"specversion", &e->specversion},
	    {"id",          &e->id         },
	    {"source",      &e->source     },
	    {"type",        &e->type       },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (name.n == strlen(known[i].name) &&
		    memcmp(name.s, known[i].name, name.n) == 0)
			return known[i].value;
	return NULL;
}

static enum err
check(const struct cloudevent *e, struct errinfo *ei)
{
	const struct {
		const char *name;
		const struct cloudevent_value *value;
	} needed[] = {
	    {"specversion", &e->specversion},
	    {"id",          &e->id         },
	    {"source",      &e->source     },
	    {"type",        &e->type       },
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (needed[i].value->n == 0)
			return err_set(ei, ERR_INVALID,
			    "this is a CloudEvent without the attribute %s, "
			    "which must be a string that is not empty",
			    needed[i].name);
	if (e->specversion.n != strlen(SPEC_VERSION) ||
	    memcmp(e->specversion.s, SPEC_VERSION, strlen(SPEC_VERSION)) != 0)
		return err_set(ei, ERR_INVALID,
		    "this is a CloudEvent of specversion \"%.*s\"; \"%s\" is "
		    "known",
		    (int)(e->specversion.n > 20 ? 20 : e->specversion.n),
		    e->specversion.s, SPEC_VERSION);
	return ERR_OK;
}

/* An object, at its brace.  Its last of several equal members counts. */
static void
take_object(struct cursor *c, struct cloudevent *out)
{
	c->p++;
	skip_space(c);
	while (c->p < c->end && *c->p == '"') {
		struct cloudevent_value *v = attribute(out, take_string(c));

		skip_space(c);
		c->p++; /* the colon */
		skip_space(c);
		if (v == NULL)
			skip_value(c);
		else if (*c->p == '"')
			*v = take_string(c);
		else
			*v = (struct cloudevent_value){0}, skip_value(c);
		skip_space(c);
		if (c->p < c->end && *c->p == ',')
			c->p++;
		skip_space(c);
	}
	c->p++; /* the closing brace */
}

/* At any value. */
static enum err
take_event(struct cursor *c, struct cloudevent *out, struct errinfo *ei)
{
	*out = (struct cloudevent){0};
	if (c->p >= c->end || *c->p != '{')
		return err_set(
		    ei, ERR_INVALID, "a CloudEvent is a JSON object");
	take_object(c, out);
	return check(out, ei);
}

enum err
cloudevent_structured(
    const char *json, size_t n, struct cloudevent *out, struct errinfo *ei)
{
	struct cursor c = {json, json + n};

	skip_space(&c);
	return take_event(&c, out, ei);
}

enum err
cloudevent_batch(const char *json, size_t n, struct errinfo *ei)
{
	struct cursor c = {json, json + n};
	struct cloudevent event;
	enum err e;

	skip_space(&c);
	if (c.p >= c.end || *c.p != '[')
		return err_set(
		    ei, ERR_INVALID, "a batch of CloudEvents is a JSON array");
	c.p++;
	skip_space(&c);
	for (size_t k = 1; c.p < c.end && *c.p != ']'; k++) {
		e = take_event(&c, &event, ei);
		if (e != ERR_OK)
			return ei != NULL ? err_where(ei, "event %zu", k) : e;
		skip_space(&c);
		if (c.p < c.end && *c.p == ',')
			c.p++;
		skip_space(&c);
	}
	return ERR_OK;
}

static struct cloudevent_value
header(const char *s)
{
	return (struct cloudevent_value){s, s != NULL ? strlen(s) : 0};
}

enum err
cloudevent_binary(const char *specversion, const char *id, const char *source,
    const char *type, struct errinfo *ei)
{
	struct cloudevent e = {
	    header(specversion), header(id), header(source), header(type)};

	return check(&e, ei);
}
