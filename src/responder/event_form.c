#include "config.h"

#include "responder/event_form.h"

#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/mem.h"
#include "responder/form.h"

/* Words parted by commas, each found by `find` (its number, or -1). */
static bool
read_words(
    struct call *c, const char *name, bool *set, int (*find)(const char *))
{
	const char *s = call_param(c, name);
	char word[24];
	size_t n;
	int k;

	if (s == NULL)
		return false;
	for (;; s += n + 1) {
		n = strcspn(s, ",");
		snprintf(word, sizeof(word), "%.*s", (int)(n < 23 ? n : 23), s);
		k = find(word);
		if (k < 0)
			call_fault(c, name, "there is no state \"%s\"", word);
		else
			set[k] = true;
		if (s[n] == '\0')
			return true;
	}
}

static int
find_state(const char *word)
{
	enum event_state s;

	return event_state_parse(word, &s) ? (int)s : -1;
}

static int
find_reply_state(const char *word)
{
	enum reply_state s;

	return reply_state_parse(word, &s) ? (int)s : -1;
}

static enum err
read_integration(
    struct call *c, struct event_query *q, const char *key, const char *pointer)
{
	struct integration *i;
	enum err e;

	if (key == NULL)
		return ERR_OK;
	e = call_integration(c, key, ROLE_VIEWER, NULL, &i);
	if (e == ERR_OK)
		q->integration_id = i->id;
	else if (e == ERR_NOT_FOUND)
		return call_fault(c, pointer, "%s", c->ei->detail);
	integration_unref(i);
	return e;
}

enum err
event_query_read(struct call *c, struct event_query *q)
{
	bool test;

	*q = (struct event_query){
	    .grants = &c->who.grants,
	    .role = ROLE_VIEWER,
	    .team = call_param(c, "team"),
	    .from_us = EVENT_NO_TIME,
	    .to_us = EVENT_NO_TIME,
	    .subject = call_param_text(c, "subject", 800),
	    .test = -1,
	    .limit = CALL_LIMIT_DEFAULT,
	};
	q->by_state = read_words(c, "state", q->states, find_state);
	q->by_reply_state =
	    read_words(c, "replyState", q->reply_states, find_reply_state);
	call_param_time(c, "from", &q->from_us);
	call_param_time(c, "to", &q->to_us);
	if (call_param_bool(c, "test", &test))
		q->test = test;
	if (q->subject != NULL && *q->subject == '\0')
		q->subject = NULL;
	return read_integration(
	    c, q, call_param(c, "integration"), "integration");
}

static bool
form_words(const struct form *f, const char *name, bool *set, size_t max,
    int (*find)(const char *))
{
	struct json_object *l = form_array(f, name, max);

	for (size_t n = 0; l != NULL && n < json_object_array_length(l); n++) {
		struct json_object *o = json_object_array_get_idx(l, n);
		int k = json_object_is_type(o, json_type_string)
			    ? find(json_object_get_string(o))
			    : -1;

		if (k < 0)
			form_fault(f, name, "there is no such state");
		else
			set[k] = true;
	}
	return l != NULL;
}

enum err
event_query_form(const struct form *f, struct event_query *q)
{
	char pointer[FORM_AT_MAX + 16];
	struct call *c = f->call;
	bool test;

	*q = (struct event_query){
	    .grants = &c->who.grants,
	    .role = ROLE_VIEWER,
	    .team = form_text(f, "team", 0, INTEGRATION_TEXT_MAX),
	    .from_us = EVENT_NO_TIME,
	    .to_us = EVENT_NO_TIME,
	    .subject = form_text(f, "subject", 1, 200),
	    .test = -1,
	    .limit = CALL_LIMIT_DEFAULT,
	};
	q->by_state =
	    form_words(f, "state", q->states, EVENT_STATES, find_state);
	q->by_reply_state = form_words(f, "replyState", q->reply_states,
	    EVENT_REPLY_STATES, find_reply_state);
	form_time(f, "from", &q->from_us);
	form_time(f, "to", &q->to_us);
	if (form_bool(f, "test", &test))
		q->test = test;
	snprintf(pointer, sizeof(pointer), "%s/integration", f->at);
	return read_integration(
	    c, q, form_text(f, "integration", 1, 100), pointer);
}

bool
event_cursor_parse(const char *s, struct event_query *q)
{
	q->anchored = true;
	q->newer = *s == 'n';
	return (*s == 'n' || *s == 'o') && uuid_parse(s + 1, &q->anchor);
}

void
event_cursor_read(struct call *c, struct event_query *q)
{
	const char *s = call_param(c, "cursor");

	if (s != NULL && !event_cursor_parse(s, q))
		call_fault(c, "cursor",
		    "this is no cursor of this list; begin without one");
}

void
event_cursor_json(
    struct buf *b, const char *name, char way, const struct uuid *id)
{
	char text[UUID_TEXT_LEN + 2];

	text[0] = way;
	uuid_format(id, text + 1);
	jsonw_str(b, name, text);
}
