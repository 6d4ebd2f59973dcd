/*
 * The handling of one event by its integration's automations: where it
 * stands.  Owned by its work; automate.c moves it on, condition.c and the
 * actions hold it meanwhile.
 */
#ifndef EWA_DISPATCHER_RUN_H
#define EWA_DISPATCHER_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "domain/automation.h"
#include "store/handling.h"

struct work;

enum run_stage {
	RUN_LOADING,  /* what is known of the event is read */
	RUN_CHECKING, /* a condition is looked at */
	RUN_WAITING,  /* for room to act */
	RUN_ACTING,   /* an action is under way */
	RUN_NOTING    /* to be recorded */
};

struct run_result {
	int32_t automation_id, position;
	char *name;
	char *status;
	char *output; /* NULL: none */
	size_t output_len;
	char *error; /* NULL: none */
	int32_t duration_ms;
};

struct run {
	struct run *prev, *next; /* of a desk's list or a slot's */
	struct work *work;
	enum run_stage stage;
	struct desk *desk; /* that has it, or NULL */
	bool plain;        /* load it without its subject */
	bool loaded;
	char *headers; /* a JSON object */
	size_t headers_len;
	bool jsonb;       /* its body can be one */
	int32_t attempts; /* of automations, that are recorded */
	struct run_result *results;
	size_t result_count;
	size_t recorded; /* so many of the results */
	/* the automation at work; of settings */
	struct integration *settings;
	const struct automation *automation;
	void *action; /* of its kind, under way */
	int64_t began_ms;
	bool failed; /* the event has */
	/* what is to be recorded */
	struct handling_note note;
	struct handling_note_result *note_results;
	char detail[512];
	char remote[64];
	char *answer_headers, *answer_body;
};

struct run *run_new(struct work *w);
void run_free(struct run *r); /* NULL is fine; nothing holds it */

/* Copies. */
void run_add_result(struct run *r, const struct run_result *result);
bool run_has_result(const struct run *r, int32_t automation_id);

/* The results as handled_write_result writes them, with commas. */
void run_write_results(const struct run *r, struct buf *out);

/* What an action is given: the event with all that belongs to it.  sql: what
 * can't be jsonb is null. */
void run_write_document(
    const struct run *r, bool sql, int32_t attempt, struct buf *out);

/* A copy, which may be empty. */
char *run_copy(const char *s, size_t n);

/* Bytes of a peer as text that the database takes, new. */
char *run_clean(const char *s, size_t n);

#endif
