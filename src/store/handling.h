/*
 * The statements of handling, as parts of rounds on a struct queue
 * (store/queue.h): what automations need to know of events, whether their
 * conditions hold, and what has become of them.
 *
 * Loads and checks go on a connection of their own, since a condition may
 * take as long as handling_limit allows; notes go with the queue's rounds.
 */
#ifndef EWA_STORE_HANDLING_H
#define EWA_STORE_HANDLING_H

#include "store/queue.h"

#define HANDLING_BATCH_MAX 64 /* loads or checks in a round */

/* Statements of this round are cut off after so long: QUEUE_FAILED, and
 * handling_cut() tells. */
void handling_limit(struct queue *q, int64_t timeout_ms);
bool handling_cut(const struct errinfo *ei);

/* ---- what is known of an event --------------------------------------------
 */

struct handling_load {
	struct uuid id;
	bool body;           /* wanted */
	bool jsonb;          /* wanted: can its body be one? */
	const char *subject; /* paths, or NULL: not wanted */
};

struct handling_loaded {
	size_t row;          /* which of the loads */
	const char *headers; /* a JSON object */
	size_t headers_len;
	bool test;
	bool no_reply;    /* it is not to be sent */
	const char *body; /* NULL: not wanted */
	size_t body_len;
	bool jsonb;
	bool had_failed;     /* it has an outcome, which says so */
	int32_t attempts;    /* of automations, that are recorded */
	const char *subject; /* NULL: none */
	size_t subject_len;
};

struct handling_result {
	size_t row; /* which of the loads */
	int32_t automation_id;
	const char *name, *status, *output, *error; /* NULL is NULL */
	size_t name_len, status_len, output_len, error_len;
	int32_t duration_ms;
};

void handling_load(struct queue *q, const struct handling_load *rows, size_t n);
int handling_loaded(const struct queue *q);
void handling_loaded_row(
    const struct queue *q, int row, struct handling_loaded *out);
int handling_results(const struct queue *q); /* in order of row, position */
void handling_result_row(
    const struct queue *q, int row, struct handling_result *out);

/* ---- conditions
 * -------------------------------------------------------------- */

struct handling_check {
	struct uuid id;
	const char *condition;
};

void handling_check(
    struct queue *q, const struct handling_check *rows, size_t n);
int handling_checked(const struct queue *q);
/* *problem (NULL: none) is not NUL-terminated. */
void handling_checked_row(const struct queue *q, int row, size_t *of,
    bool *holds, const char **problem, size_t *problem_len);

/* ---- what has become of automations
 * --------------------------------------------- */

/* A result to be kept; strings are UTF-8 without NUL, or NULL. */
struct handling_note_result {
	int32_t automation_id, position;
	const char *name;
	const char *status; /* "ok", "failed", "skipped" */
	const char *output; /* bytes, or NULL */
	size_t output_len;
	const char *error;
	int32_t duration_ms;
};

struct handling_note {
	struct queue_fence fence;
	bool failed;      /* the event has */
	int64_t delay_ms; /* until it is tried again; negative: it goes on */
	bool attempted;
	const char *automation; /* whose attempt it was */
	struct queue_attempt attempt;
	const struct handling_note_result *results;
	size_t result_count;
};

/* In order of the rows' ids (queue_fence_cmp), with results in all. */
#define HANDLING_NOTES_MAX 64
void handling_note(
    struct queue *q, const struct handling_note *const *rows, size_t n);

/* Those that were ours. */
int handling_noted(const struct queue *q);
void handling_noted_row(const struct queue *q, int row, struct uuid *id);

#endif
