/*
 * An event that this dispatcher has claimed, from the claim to the record.
 *
 * A work is always on the list of all, and on at most one more: the lane's
 * waiting ones, or one of struct works.  It is freed when what became of it
 * has been committed, or when it is no longer ours.
 */
#ifndef EWA_DISPATCHER_WORK_H
#define EWA_DISPATCHER_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/queue.h"

#define WORK_TRACEPARENT_LEN 55
#define WORK_DETAIL_MAX 256
#define WORK_REMOTE_MAX 64

enum work_state {
	WORK_HELD,      /* until its settings are known */
	WORK_WAITING,   /* for room in its lane's window */
	WORK_BODY,      /* its body is to be fetched, or is on its way */
	WORK_HANDLING,  /* its automations are at work (run.h) */
	WORK_NOTING,    /* what became of one is to be recorded */
	WORK_NOTED,     /* in the round that is under way */
	WORK_SENDING,   /* an attempt is under way */
	WORK_DONE,      /* to be recorded */
	WORK_RECORDING, /* in the round that is under way */
	WORK_BACK,      /* to be given back */
	WORK_RETURNING  /* in the round that is under way */
};

struct lane;
struct transfer;

struct work {
	struct work *prev, *next;         /* of its state's list */
	struct work *all_prev, *all_next; /* of all */
	enum work_state state;
	struct lane *lane;
	struct queue_done done;
	int32_t tries, claims;
	int32_t attempts_before; /* of earlier resends */
	int64_t deadline_ms;     /* clock_mono_ms */
	int64_t lease_ms;        /* ours until then */
	bool renewing;           /* in the round that is under way */
	bool known;              /* its event was found */
	int64_t settings_version;
	enum event_kind kind;
	int64_t received_us;
	int64_t handled_us; /* QUEUE_NOT_HANDLED */
	char *content_type;
	char traceparent[WORK_TRACEPARENT_LEN + 1]; /* "": none */
	int32_t body_length;
	char *body;     /* NULL: not here yet, or sent */
	size_t charged; /* bytes it counts in works.bytes */
	struct transfer *transfer;
	struct run *run; /* NULL unless it is handled by automations */
	bool test;       /* see struct queue_event */
	bool no_reply;   /* it is not to be sent */
	bool has_results;
	bool failed;                   /* an automation has failed */
	char failure[WORK_DETAIL_MAX]; /* why */
	char *results;                 /* of automations, for the reply */
	size_t results_len;
	char *subject;
	char detail[WORK_DETAIL_MAX];
	char remote[WORK_REMOTE_MAX];
	char *answer_headers;
	char *answer_body;
};

struct works {
	struct work *all;
	int count;
	size_t bytes; /* of bodies and documents in memory */
	struct work *held, *body, *done, *back, *handling, *noting;
	int done_count, back_count;
	struct work *spare; /* to be used again */
	int spare_count;
};

/* From a claimed row; on the list of all and no other, not counted by its
 * lane yet. */
struct work *work_new(struct works *ws, const struct queue_event *e,
    int64_t claimed_ms, int64_t lease_ms);

/* Takes it off every list.  It must not be sending. */
void work_free(struct works *ws, struct work *w);

/* Put it on the list of a new state (and off that of the old one). */
void work_move(struct works *ws, struct work *w, enum work_state to);

/* Its record did not commit: back to the front of the done. */
void work_undone(struct works *ws, struct work *w);

/* The list of all is in order of the leases' ends. */
void work_renewed(struct works *ws, struct work *w, int64_t lease_ms);

/* It is not over, so its lease is kept. */
bool work_goes_on(const struct work *w);

/* What it counts of the memory for bodies. */
void work_charge(struct works *ws, struct work *w, size_t bytes);

void works_fini(struct works *ws); /* frees all; none is sending */

#endif
