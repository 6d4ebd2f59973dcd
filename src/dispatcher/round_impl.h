/* Inside of the rounds: their state, and what they take from a finished one. */
#ifndef EWA_DISPATCHER_ROUND_IMPL_H
#define EWA_DISPATCHER_ROUND_IMPL_H

#include "dispatcher/dispatcher.h"
#include "store/handling.h"
#include "store/queue.h"

struct round {
	struct dispatcher *d;
	struct link *link;
	struct queue *queue;
	uv_prepare_t prepare; /* the end of a pass */
	uv_timer_t timer;
	int handles;
	bool busy;
	int64_t started_ms;
	/* of the last one that did more than look */
	int64_t ended_ms, took_ms;
	int64_t not_before_ms;
	size_t batch; /* completions in a round; fewer after one failed */
	struct work *recording[QUEUE_BATCH_MAX];
	size_t recording_count;
	struct work *noting[HANDLING_NOTES_MAX];
	size_t noting_count;
	size_t note_batch; /* one, after one failed */
	struct work *returning[QUEUE_BATCH_MAX];
	size_t returning_count;
	struct queue_fence fences[QUEUE_BATCH_MAX];
	size_t renewing_count;
	struct queue_want wants[QUEUE_WANTS_MAX];
	size_t want_count;
	bool looking;
	bool fetching;
	struct uuid fetched_id;
};

/* The round has committed: free what is recorded, and pass on the rest. */
void round_take(struct round *r, int64_t now_ms);

#endif
