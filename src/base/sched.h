/* How a thread shares the processor, sched(7). */
#ifndef EWA_BASE_SCHED_H
#define EWA_BASE_SCHED_H

/*
 * The calling thread gets the policy SCHED_BATCH: when it is woken, it takes
 * its turn instead of interrupting who runs.  For threads with much to do and
 * nobody who waits for a single step of it.  Threads and processes that it
 * starts from now on have it too.  Nothing changes where another policy than
 * the default is set, or the system doesn't allow it.
 */
void sched_batch(void);

#endif
