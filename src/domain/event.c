#include "config.h"

#include "domain/event.h"

#include <stddef.h>
#include <string.h>

#include "base/err.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const kinds[] = {
    [EVENT_JSON] = "json", [EVENT_TEXT] = "text", [EVENT_BINARY] = "binary"};

static const char *const states[] = {[EVENT_ACCEPTED] = "accepted",
    [EVENT_HANDLING] = "handling",
    [EVENT_HANDLED] = "handled",
    [EVENT_FAILED] = "failed"};

static const char *const reply_states[] = {[REPLY_NONE] = "none",
    [REPLY_PENDING] = "pending",
    [REPLY_SENT] = "sent",
    [REPLY_FAILED] = "failed",
    [REPLY_EXPIRED] = "expired",
    [REPLY_CANCELLED] = "cancelled"};

static const char *const outcomes[] = {[ATTEMPT_OK] = "ok",
    [ATTEMPT_RETRY] = "retry",
    [ATTEMPT_FAILED] = "failed"};

static const char *const causes[] = {[CAUSE_NONE] = NULL,
    [CAUSE_DNS] = "dns",
    [CAUSE_CONNECT] = "connect",
    [CAUSE_TLS] = "tls",
    [CAUSE_TIMEOUT] = "timeout",
    [CAUSE_HTTP] = "http",
    [CAUSE_PROTOCOL] = "protocol",
    [CAUSE_BLOCKED] = "blocked",
    [CAUSE_EXPIRED] = "expired",
    [CAUSE_LEASE_LOST] = "lease lost",
    [CAUSE_SHUTDOWN] = "shutdown",
    [CAUSE_COMMAND] = "command",
    [CAUSE_SQL] = "sql",
    [CAUSE_OUTPUT] = "output",
    [CAUSE_INTERNAL] = "internal"};

static const char *
name_of(const char *const *names, size_t count, size_t i)
{
	BUG_ON(i >= count);
	return names[i];
}

static bool
find(const char *const *names, size_t count, const char *name, size_t *out)
{
	for (size_t i = 0; i < count; i++)
		if (names[i] != NULL && strcmp(names[i], name) == 0) {
			*out = i;
			return true;
		}
	return false;
}

const char *
event_kind_name(enum event_kind k)
{
	return name_of(kinds, COUNT(kinds), (size_t)k);
}

const char *
event_state_name(enum event_state s)
{
	return name_of(states, COUNT(states), (size_t)s);
}

const char *
reply_state_name(enum reply_state s)
{
	return name_of(reply_states, COUNT(reply_states), (size_t)s);
}

const char *
attempt_outcome_name(enum attempt_outcome o)
{
	return name_of(outcomes, COUNT(outcomes), (size_t)o);
}

const char *
attempt_cause_name(enum attempt_cause c)
{
	return name_of(causes, COUNT(causes), (size_t)c);
}

bool
event_kind_parse(const char *name, enum event_kind *out)
{
	size_t i;

	if (!find(kinds, COUNT(kinds), name, &i))
		return false;
	*out = (enum event_kind)i;
	return true;
}

bool
event_state_parse(const char *name, enum event_state *out)
{
	size_t i;

	if (!find(states, COUNT(states), name, &i))
		return false;
	*out = (enum event_state)i;
	return true;
}

bool
reply_state_parse(const char *name, enum reply_state *out)
{
	size_t i;

	if (!find(reply_states, COUNT(reply_states), name, &i))
		return false;
	*out = (enum reply_state)i;
	return true;
}

bool
event_state_final(enum event_state s)
{
	return s == EVENT_HANDLED || s == EVENT_FAILED;
}

bool
reply_state_final(enum reply_state s)
{
	return s != REPLY_PENDING;
}

bool
event_may_become(enum event_state from, enum event_state to)
{
	/* handling -> accepted: given back, or its lease ran out */
	return (from == EVENT_ACCEPTED && to == EVENT_HANDLING) ||
	       (from == EVENT_HANDLING && to == EVENT_ACCEPTED) ||
	       (from == EVENT_HANDLING && event_state_final(to));
}

bool
reply_may_become(enum reply_state from, enum reply_state to)
{
	return from == REPLY_PENDING && reply_state_final(to) &&
	       to != REPLY_NONE;
}
