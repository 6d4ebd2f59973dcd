/*
 * The call of a sql action, as a round on a struct queue (store/queue.h)
 * whose connection is logged in as the actions' role, and alone uses it.
 */
#ifndef EWA_STORE_ACTIONS_H
#define EWA_STORE_ACTIONS_H

#include "store/queue.h"

/* One transaction: the function of schema ewa_action, cut off after so long.
 * document is JSON. */
void actions_call(struct queue *q, const char *function, const char *document,
    size_t len, int64_t timeout_ms);

/* After QUEUE_DONE: what it returned as JSON; false: nothing (NULL). */
bool actions_called(const struct queue *q, const char **output, size_t *len);

/* A round of its own, after each call: whatever the function left in the
 * session (settings, role, locks, temporary tables) goes. */
void actions_reset(struct queue *q);

#endif
