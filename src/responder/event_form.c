#include "config.h"

#include "responder/event_form.h"

#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/mem.h"

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
read_integration(struct call *c, struct event_query *q)
{
	const char *key = call_param(c, "integration");
	struct integration *i;
	enum err e;

	if (key == NULL)
		return ERR_OK;
	e = call_integration(c, key, ROLE_VIEWER, NULL, &i);
	if (e == ERR_OK)
		q->integration_id = i->id;
	else if (e == ERR_NOT_FOUND)
		return call_fault(c, "integration", "%s", c->ei->detail);
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
	return read_integration(c, q);
}

void
event_cursor_read(struct call *c, struct event_query *q)
{
	const char *s = call_param(c, "cursor");

	if (s == NULL)
		return;
	q->anchored = true;
	q->newer = *s == 'n';
	if ((*s != 'n' && *s != 'o') || !uuid_parse(s + 1, &q->anchor))
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
