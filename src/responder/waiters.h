/*
 * Requests that wait until their event is handled (Prefer: wait, and Event
 * Webhook Sync).
 *
 * A waiting request is parked: it holds its connection and a few hundred
 * bytes, and no worker.  One thread with one connection listens to ewa_done
 * and asks for all events that are waited for in one statement, when it is
 * rung (how often is bounded by how long that takes), when a request is
 * parked, and each second in case a ring is lost.  It answers what is
 * finished or has waited long enough.  A second thread reads and writes what
 * may take longer: status documents and large events.
 *
 * A request whose web server has closed the connection is let go within a
 * second.  More than WAITERS_MAX wait not at all.
 */
#ifndef EWA_RESPONDER_WAITERS_H
#define EWA_RESPONDER_WAITERS_H

#include <stdbool.h>

#include "base/uuid7.h"
#include "domain/integration.h"
#include "domain/settings.h"
#include "responder/fcgi.h"
#include "responder/http.h"
#include "responder/prefer.h"
#include "store/pool.h"

#define WAITERS_MAX 4096

struct waiters;
struct wait; /* one request's wish to wait */

struct waiters *waiters_start(const struct settings *s, struct pool *pool);

/* Answer all at once with what they would be told later, end the threads.
 * False: a web server takes too long to read; do not free. */
bool waiters_stop(struct waiters *w);
void waiters_free(struct waiters *w); /* stopped; NULL is fine */

/* Does a request to this integration wait?  NULL: no.  p is the request's; a
 * wait that the integration asks for is not told as a preference.  Said to
 * the dispatchers now, before the event is there. */
struct wait *wait_post(
    struct waiters *w, const struct prefer *p, const struct integration *i);
/* The same for the status of an event. */
struct wait *wait_status(
    struct waiters *w, const struct prefer *p, const struct integration *i);
void wait_free(struct wait *w); /* one that is not parked; NULL is fine */

/* To be written before it is parked: the answer if time runs out. */
struct http_answer *wait_late(struct wait *w);

/* Takes both; r is answered from here.  head: without the answer's body. */
void wait_park(
    struct wait *w, struct fcgi_request *r, const struct uuid *id, bool head);

#endif
