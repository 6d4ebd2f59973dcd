/*
 * The queue, for a dispatcher: rounds of statements on one connection.
 *
 * A round is one pipeline with one sync, so one transaction: recording what
 * has been done, renewing leases, giving back, claiming the next, looking
 * which integrations have something due.  The caller begins a round, adds
 * each kind at most once, sends, and steps whenever the socket is ready until
 * the round is done.  Nothing blocks.
 *
 * Only QUEUE_DONE means that the round has committed.  After QUEUE_FAILED
 * nothing of it has happened; after QUEUE_LOST (the connection is closed)
 * nobody knows, and the caller sends its completions once more, marked as
 * `again`: every write is fenced by (event_id, step, claim, owner), so twice
 * does no harm.
 *
 * The caller opens the connection (pg_open), alone uses it, and keeps what it
 * passes by pointer alive only during the call.  Rows of a round and what
 * they point to live until the next queue_begin.
 */
#ifndef EWA_STORE_QUEUE_H
#define EWA_STORE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid7.h"
#include "domain/event.h"
#include "store/pg.h"

#define QUEUE_BODY_INLINE 65536 /* greater bodies are fetched one by one */
#define QUEUE_BATCH_MAX 256     /* rows of one kind in a round */
#define QUEUE_WANTS_MAX 256     /* integrations in one claim */
#define QUEUE_SCAN_MAX 10000    /* integrations in one look */
#define QUEUE_NOT_HANDLED INT64_MIN
#define QUEUE_FROM_START INT64_MIN

struct queue;

/* pg stays the caller's.  owner is unique to this start of this process. */
struct queue *queue_new(struct pg *pg, const struct uuid *owner);
void queue_free(struct queue *q); /* NULL is fine */

/* Which row of ours, by which claim. */
struct queue_fence {
	struct uuid id;
	enum event_step step;
	int64_t claim;
};

/* One attempt, to be recorded.  Strings are UTF-8 without NUL, or NULL. */
struct queue_attempt {
	int32_t number;
	int64_t started_ms; /* clock_mono_ms */
	int32_t duration_ms;
	enum attempt_outcome outcome;
	enum attempt_cause cause;
	const char *detail;
	int32_t status; /* 0: none */
	const char *remote;
	const char *headers;
	const char *body;
	size_t body_len;
	bool cut;
};

/* What became of one claimed row: it finishes, or it waits. */
struct queue_done {
	struct queue_fence fence;
	int16_t seq; /* as it was claimed: kind of attempt, outcome row */
	bool again;  /* passed before, in a round that was not done */
	bool finish;
	int64_t delay_ms;   /* until it is due again, when it waits */
	int64_t handled_us; /* QUEUE_NOT_HANDLED: not yet */
	bool attempted;
	struct queue_attempt attempt;
	enum event_state state; /* when it finishes */
	enum reply_state reply;
	const char *reason;  /* or NULL */
	const char *subject; /* or NULL */
};

/* How much is wanted of one integration. */
struct queue_want {
	int32_t integration_id;
	int32_t rows;
	int64_t mark_us; /* due_at not before that; QUEUE_FROM_START */
	/* 0, or: only rows that are due for so long and whose deadline has
	 * passed */
	int64_t expired_ms;
	bool finish; /* for queue_expire: these are not even claimed */
};

/* A claimed row with its event. */
struct queue_event {
	struct queue_fence fence;
	int32_t integration_id;
	int32_t tries;  /* attempts recorded */
	int32_t claims; /* since something was recorded, this included */
	int16_t seq;    /* 0, or of a reply sent again its outcome row */
	int32_t attempts_before; /* of earlier resends */
	int64_t handled_us;      /* QUEUE_NOT_HANDLED */
	int64_t due_us;          /* when it was due */
	int64_t now_us;          /* the database's clock at the claim */
	int64_t remaining_ms;    /* of the deadline, at the claim */
	int64_t settings_version;
	bool results; /* automations have left some */
	bool failed;  /* one of them has failed */
	bool found;   /* the event's row is there; else nothing below */
	enum event_kind kind;
	int64_t received_us;
	bool test;
	int32_t body_length;
	const char *content_type; /* NULL: none; not NUL-terminated */
	size_t content_type_len;
	const char *traceparent; /* the same */
	size_t traceparent_len;
	/* NULL: greater than QUEUE_BODY_INLINE, or past its deadline */
	const char *body;
	size_t body_len;
};

/* An integration with unfinished events. */
struct queue_scan {
	int32_t integration_id;
	int64_t due_us;    /* the lowest due_at */
	int64_t due_in_ms; /* from now; negative: overdue */
	int64_t now_us;    /* the database's clock */
	int64_t took_us;   /* what the look has cost the server */
};

/* ---- a round ------------------------------------------------------------- */

void queue_begin(struct queue *q);
/* In order of the rows' ids (queue_fence_cmp). */
void queue_complete(
    struct queue *q, const struct queue_done *const *rows, size_t n);
void queue_renew(struct queue *q, const struct queue_fence *rows, size_t n,
    int64_t lease_ms);
void queue_give_back(struct queue *q, const struct queue_fence *rows, size_t n);
/* Of the wants those without `finish`, and those with it: rows whose deadline
 * has passed, and that have nothing left but a reply, are finished there and
 * then.  Nothing is sent if there are none. */
void queue_claim(struct queue *q, const struct queue_want *wants, size_t n,
    int64_t lease_ms);
void queue_expire(struct queue *q, const struct queue_want *wants, size_t n);
void queue_look(struct queue *q);
void queue_fetch(struct queue *q, const struct uuid *id);

enum queue_state {
	QUEUE_WAIT,       /* call step when there is something to read */
	QUEUE_WAIT_WRITE, /* ... or room to write */
	QUEUE_DONE,
	QUEUE_FAILED,
	QUEUE_LOST
};

enum queue_state queue_send(struct queue *q, struct errinfo *ei);
enum queue_state queue_step(struct queue *q, struct errinfo *ei);

/* Between rounds, when the socket is readable: QUEUE_WAIT, or QUEUE_LOST. */
enum queue_state queue_idle(struct queue *q, struct errinfo *ei);

int queue_fence_cmp(const struct queue_fence *a, const struct queue_fence *b);

/* ---- its rows, after QUEUE_DONE ------------------------------------------ */

int queue_claimed(const struct queue *q);
void queue_claimed_row(const struct queue *q, int row, struct queue_event *out);

/* How many of an integration were finished. */
int queue_expired(const struct queue *q);
void queue_expired_row(
    const struct queue *q, int row, int32_t *integration_id, int64_t *count);

int queue_looked(const struct queue *q);
void queue_looked_row(const struct queue *q, int row, struct queue_scan *out);

/* Of the completions: the ids that were no longer ours.  `recorded` is false
 * when this very attempt had been recorded before. */
int queue_lost(const struct queue *q);
void queue_lost_row(
    const struct queue *q, int row, struct uuid *id, bool *recorded);

/* Of the renewals: the ids that are still ours. */
int queue_renewed(const struct queue *q);
void queue_renewed_row(const struct queue *q, int row, struct uuid *id);

/* False if the event is not there. */
bool queue_fetched(const struct queue *q, const char **body, size_t *len);

#endif
