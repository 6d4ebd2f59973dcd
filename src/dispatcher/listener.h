/*
 * Hears the doorbell (ewa_event), changes of settings (ewa_settings) and that
 * somebody waits for an event (ewa_wait); then, and only then, it rings
 * ewa_done when events have been recorded, at most each 10 ms, in a
 * transaction of its own.
 *
 * A probe each 10 s, with 5 s to answer, finds a connection that is dead
 * without saying so.  Whenever it begins to listen (again) it rings both
 * bells itself: what was missed is found by looking.
 */
#ifndef EWA_DISPATCHER_LISTENER_H
#define EWA_DISPATCHER_LISTENER_H

struct dispatcher;
struct listener;

struct listener *listener_new(struct dispatcher *d);
void listener_close(struct listener *l); /* NULL is fine */

/* Events have been recorded as handled or failed. */
void listener_done(struct listener *l);

#endif
