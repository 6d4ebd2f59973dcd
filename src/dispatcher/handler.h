/*
 * The course of a claimed event: may it go on, handling it, its reply.
 *
 * An integration without automations is handled by recording its events.
 */
#ifndef EWA_DISPATCHER_HANDLER_H
#define EWA_DISPATCHER_HANDLER_H

#include "domain/event.h"

struct dispatcher;
struct work;

/* The event has been claimed and its lane's settings are as new as it. */
void handler_begin(struct dispatcher *d, struct work *w);

/* It is over.  reason (may be NULL) is a static string or w->detail. */
void handler_finish(struct dispatcher *d, struct work *w,
    enum event_state state, enum reply_state reply, const char *reason);

#endif
