/*
 * What PostgreSQL is asked while events are handled: what is known of an
 * event, and whether a condition holds.
 *
 * Two desks, each a connection of its own.  At the quick one up to 64 go in
 * one statement, which is cut off early; those of a statement that was cut
 * off, and of integrations whose conditions took long of late, go to the slow
 * one, one by one, up to condition_timeout each.  So a condition that takes
 * long keeps others waiting for a moment at most.
 */
#ifndef EWA_DISPATCHER_CONDITION_H
#define EWA_DISPATCHER_CONDITION_H

#include <stdint.h>

struct conditions;
struct dispatcher;
struct run;

struct conditions *conditions_new(struct dispatcher *d);
void conditions_close(struct conditions *c); /* NULL is fine */

/* By r->stage: RUN_LOADING fills the run, then automate_loaded is called;
 * RUN_CHECKING looks at r->automation's condition, then automate_checked. */
void conditions_ask(struct conditions *c, struct run *r);

/* No answer is wanted any more. */
void conditions_forget(struct run *r);

/* Each 200 ms or so. */
void conditions_tick(struct conditions *c, int64_t now_ms);

#endif
