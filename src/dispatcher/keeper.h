/*
 * House-keeping that any dispatcher may do: partitions ahead, days past the
 * retention, expired idempotency keys, counting what has finished.  At the
 * start and each five minutes, on a worker thread, over a connection that is
 * opened for it.
 */
#ifndef EWA_DISPATCHER_KEEPER_H
#define EWA_DISPATCHER_KEEPER_H

struct dispatcher;
struct keeper;

struct keeper *keeper_new(struct dispatcher *d);
void keeper_close(struct keeper *k); /* NULL is fine */

#endif
