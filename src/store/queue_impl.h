/*
 * Inside of store/queue: one round's state, shared by the files that build
 * its statements and read their rows.
 */
#ifndef EWA_STORE_QUEUE_IMPL_H
#define EWA_STORE_QUEUE_IMPL_H

#include "store/pgval.h"
#include "store/queue.h"

enum queue_op {
	QUEUE_OP_PLAN, /* settings of the session */
	QUEUE_OP_LIMIT,
	QUEUE_OP_LOAD,
	QUEUE_OP_RESULTS,
	QUEUE_OP_CHECK,
	QUEUE_OP_NOTE,
	QUEUE_OP_ACTION,
	QUEUE_OP_COMPLETE,
	QUEUE_OP_RENEW,
	QUEUE_OP_GIVE_BACK,
	QUEUE_OP_EXPIRE,
	QUEUE_OP_CLAIM,
	QUEUE_OP_LOOK,
	QUEUE_OP_FETCH,
	QUEUE_OP_ASYNC, /* settings of the transaction */
	QUEUE_OPS
};

struct queue_sent {
	enum queue_op op;
	const struct pg_stmt *stmt;
	int results; /* 2 with its preparation */
	int left;    /* not yet come to their end */
};

struct queue {
	struct pg *pg;
	struct uuid owner;
	uint64_t generation; /* of the connection last used */
	struct pg_params params;
	struct queue_sent sent[QUEUE_OPS];
	size_t sent_count;
	size_t at; /* whose results come next */
	PGresult *rows[QUEUE_OPS];
	bool lost;
	struct errinfo error; /* of the first statement that failed */
};

/* Send one statement of the round with q->params. */
void queue_add(struct queue *q, enum queue_op op, const struct pg_stmt *stmt);

/* Rows of an operation, 0 if it was not part of the round. */
int queue_rows(const struct queue *q, enum queue_op op);

/* Three array parameters: ids, steps, claims. */
void queue_add_fences(
    struct queue *q, const struct queue_fence *rows, size_t n);

#endif
