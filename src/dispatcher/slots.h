/*
 * Room for actions: bounded in all (actions_max), for each automation
 * (automation_max), and no integration takes more than half of what the
 * others leave, so that a hanging action holds up its own events only.
 */
#ifndef EWA_DISPATCHER_SLOTS_H
#define EWA_DISPATCHER_SLOTS_H

struct dispatcher;
struct run;
struct slots;

struct slots *slots_new(void);
void slots_free(struct slots *a); /* NULL is fine; no action is under way */

/* The action of r->automation begins, now (RUN_ACTING) or when there is room
 * (RUN_WAITING until then). */
void slots_act(struct dispatcher *d, struct run *r);

/* It has ended; or it waits no longer. */
void slots_ended(struct dispatcher *d, const struct run *r);
void slots_leave(struct slots *a, struct run *r);

/* There may be room again. */
void slots_pump(struct dispatcher *d);

#endif
