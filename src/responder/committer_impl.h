/* What committer.c and committer_repeats.c share; for these only. */
#ifndef EWA_RESPONDER_COMMITTER_IMPL_H
#define EWA_RESPONDER_COMMITTER_IMPL_H

#include <pthread.h>
#include <stdbool.h>

#include "responder/committer.h"

struct batch {
	struct ticket *tickets[INTAKE_BATCH_MAX];
	const struct intake_row *rows[INTAKE_BATCH_MAX];
	size_t n;
};

struct committer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct ticket *head, **tail;
	size_t count;
	size_t bytes, bytes_max;
	bool stop;
	int64_t stop_by_ms;
	/* the thread's own */
	struct pg *pg;
	struct intake *intake;
	struct watch *watch;
	struct batch a, b;
	struct intake_receipt receipt;
	size_t last_n;   /* rows in the last batch */
	int64_t last_us; /* and when it was sent */
	bool said_lost;
};

/* The results of a batch that was stored, by c->receipt.  Tickets that go once
 * more leave b for the front of the queue. */
void committer_set_stored(struct committer *c, struct batch *b);

#endif
