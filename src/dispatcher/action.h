/*
 * Actions under way: what the kinds have in common.
 *
 * An action is started for a run and tells its end once, on the loop and
 * never from within the start, by automate_acted.  Stopped, it tells nothing.
 */
#ifndef EWA_DISPATCHER_ACTION_H
#define EWA_DISPATCHER_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/event.h"

struct dispatcher;
struct run;

/* How it ended; everything is the action's and lives during the call. */
struct action_end {
	enum attempt_outcome outcome; /* ATTEMPT_RETRY: worth another try */
	enum attempt_cause cause;
	const char *why;    /* a sentence, unless it is well */
	const char *output; /* bytes, or NULL */
	size_t output_len;
	int32_t status;      /* of HTTP; 0: none */
	const char *remote;  /* NULL: none */
	const char *headers; /* NULL, or a peer's */
	size_t headers_len;
	const char *said; /* what to keep of the other side's words, or NULL */
	size_t said_len;
	bool cut; /* it said more */
	int64_t retry_after_ms;
};

/* Of each kind: r->action is set; *document is what it is given, which is
 * taken (empty then). */
struct buf;
void command_start(struct dispatcher *d, struct run *r, struct buf *document);
void http_start(struct dispatcher *d, struct run *r, struct buf *document);
void sql_start(struct dispatcher *d, struct run *r, struct buf *document);

/* Ends it at once; r->action is NULL then. */
void command_stop(struct run *r);
void http_stop(struct run *r);
void sql_stop(struct run *r);

/* Connections of sql actions. */
struct sql_actions;
void sql_actions_close(struct sql_actions *s); /* NULL is fine */
void sql_actions_tick(struct sql_actions *s, int64_t now_ms);

#endif
