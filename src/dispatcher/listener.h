/*
 * Hears the doorbell (ewa_event) and changes of settings (ewa_settings).
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

#endif
