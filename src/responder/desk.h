/*
 * The desk: threads and connections of the API's own, so that it never holds
 * up the intake.
 *
 * A worker hands an API request over and goes on.  DESK_THREADS requests are
 * served at once, at most DESK_MAX wait for that or are parked; more are
 * answered 503.  A parked request (a long poll, a sign-in that is slowed)
 * holds its connection and a little memory, and no thread: it is served again
 * when its time has come, or (a long poll) earlier if the bell has rung since
 * it looked.
 */
#ifndef EWA_RESPONDER_DESK_H
#define EWA_RESPONDER_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "responder/app.h"

#define DESK_THREADS 8
#define DESK_MAX 512

struct desk;

/* A request at the desk; what a handler keeps while it is parked is state,
 * freed by free_state. */
struct visit {
	struct visit *prev, *next;
	struct fcgi_request *request;
	int64_t due_ms;  /* served not before */
	bool parked;     /* it was served once already */
	int64_t rung_ms; /* once the bell rings served not before; 0: never */
	uint64_t heard;  /* desk_rings, from before it looked */
	void *state;
	void (*free_state)(void *state);
};

struct desk *desk_start(struct app *app);

/* All that wait are answered 503, no more are taken.  False: a thread is
 * still busy; do not free. */
bool desk_stop(struct desk *d);
void desk_free(struct desk *d); /* stopped; NULL is fine */

/* Anything may have changed: those that listen look again. */
void desk_ring(struct desk *d);
/* How often it has rung; who calls this is about to listen. */
uint64_t desk_rings(struct desk *d);

/* Takes x->request. */
void desk_take(struct desk *d, struct exchange *x);

#endif
