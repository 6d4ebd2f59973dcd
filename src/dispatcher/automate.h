/*
 * Handling by automations: in order, each one's condition, action, attempts
 * and result.
 *
 * A result is recorded before the next automation begins, so what has
 * finished is never run again.
 */
#ifndef EWA_DISPATCHER_AUTOMATE_H
#define EWA_DISPATCHER_AUTOMATE_H

#include <stdbool.h>
#include <stdint.h>

struct action_end;
struct dispatcher;
struct lane;
struct run;
struct work;

/* Is there more to it than recording the event and sending its reply? */
bool automate_concerns(const struct work *w);
void automate_begin(struct dispatcher *d, struct work *w);

/* Rows of an integration with automations that may be claimed. */
int automate_room(const struct dispatcher *d, const struct lane *l);

/* From condition.c; problem may be NULL. */
void automate_loaded(struct dispatcher *d, struct run *r);
void automate_checked(
    struct dispatcher *d, struct run *r, bool holds, const char *problem);

/* From an action: it is over. */
void automate_acted(
    struct dispatcher *d, struct run *r, const struct action_end *end);

/* The round has recorded w's note, or (mine false) w was another's. */
void automate_noted(struct dispatcher *d, struct work *w, bool mine);

/* Let go of it at once: its action is ended, nothing is told.  w stays. */
void automate_stop(struct dispatcher *d, struct work *w);

/* Give back what is not acting or to be recorded; and (all) the rest too. */
void automate_give_back(struct dispatcher *d, bool all);

/* Each 200 ms or so. */
void automate_tick(struct dispatcher *d, int64_t now_ms);

#endif
