/*
 * Words of an event's life: states, kinds, outcomes, and the legal moves.
 *
 *	accepted -> handling -> handled | failed
 *	reply:  none | pending -> sent | failed | expired | cancelled
 *
 * The names are what the database and the API hold; terminal states never
 * change.
 */
#ifndef EWA_DOMAIN_EVENT_H
#define EWA_DOMAIN_EVENT_H

#include <stdbool.h>

enum event_kind { EVENT_JSON, EVENT_TEXT, EVENT_BINARY };

enum event_state {
	EVENT_ACCEPTED,
	EVENT_HANDLING,
	EVENT_HANDLED,
	EVENT_FAILED
};

enum reply_state {
	REPLY_NONE,
	REPLY_PENDING,
	REPLY_SENT,
	REPLY_FAILED,
	REPLY_EXPIRED,
	REPLY_CANCELLED
};

/* The queue's steps. */
enum event_step { STEP_HANDLE = 0, STEP_REPLY = 1 };

enum attempt_outcome { ATTEMPT_OK, ATTEMPT_RETRY, ATTEMPT_FAILED };

/* Why an attempt did not succeed. */
enum attempt_cause {
	CAUSE_NONE,
	CAUSE_DNS,
	CAUSE_CONNECT,
	CAUSE_TLS,
	CAUSE_TIMEOUT,
	CAUSE_HTTP,     /* an answer with a status that is no success */
	CAUSE_PROTOCOL, /* not an HTTP answer, or cut off */
	CAUSE_BLOCKED,  /* the address is not allowed */
	CAUSE_EXPIRED,
	CAUSE_LEASE_LOST,
	CAUSE_SHUTDOWN,
	CAUSE_COMMAND, /* a program that ended badly */
	CAUSE_SQL,
	CAUSE_OUTPUT, /* more than is taken */
	CAUSE_INTERNAL
};

const char *event_kind_name(enum event_kind k);           /* "json" */
const char *event_state_name(enum event_state s);         /* "accepted" */
const char *reply_state_name(enum reply_state s);         /* "pending" */
const char *attempt_outcome_name(enum attempt_outcome o); /* "ok" */
const char *attempt_cause_name(enum attempt_cause c); /* "dns"; NONE: NULL */

/* False if the name is none of them. */
bool event_kind_parse(const char *name, enum event_kind *out);
bool event_state_parse(const char *name, enum event_state *out);
bool reply_state_parse(const char *name, enum reply_state *out);

bool event_state_final(enum event_state s);
bool reply_state_final(enum reply_state s);

/* May an event move from one state to the other? */
bool event_may_become(enum event_state from, enum event_state to);
bool reply_may_become(enum reply_state from, enum reply_state to);

#endif
