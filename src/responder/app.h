/* What every resource of the responder works with. */
#ifndef EWA_RESPONDER_APP_H
#define EWA_RESPONDER_APP_H

#include "base/keyring.h"
#include "domain/settings.h"
#include "responder/cache.h"
#include "responder/committer.h"
#include "responder/fcgi.h"
#include "responder/rate.h"
#include "responder/refusals.h"
#include "responder/route.h"
#include "responder/waiters.h"
#include "responder/watch.h"
#include "store/pool.h"

struct desk;

struct app {
	struct settings settings;
	struct keyring *keys;
	struct fcgi *fcgi;
	struct cache *cache;
	struct rate *rate;
	struct refusals *refusals;
	struct watch *watch;
	struct committer *committer;
	struct pool *pool;
	struct waiters *waiters;
	struct desk *desk;         /* serves the API */
	struct http_answer stored; /* the committer's thread's, used again */
};

/* One request being answered on a worker's thread. */
struct exchange {
	struct app *app;
	struct fcgi_request *request;
	struct route route;
	enum http_method method;
	struct http_answer *answer; /* the worker's, used again and again */
	int64_t give_up_ms;         /* how long it may wait for the database */
};

/* Each resource answers the request (or hands it on) and leaves x->request
 * NULL. */
void intake_serve(struct exchange *x);    /* intake.c */
void api_event_serve(struct exchange *x); /* api_event.c */
void health_serve(struct exchange *x);    /* health.c */

/* Send x->answer, or a problem, and let go of the request (exchange.c). */
void exchange_send(struct exchange *x);
void exchange_fail(struct exchange *x, const struct errinfo *ei);
void exchange_not_allowed(struct exchange *x, const char *allow);

/* Route and serve one request (serve.c). */
void serve(struct app *app, struct fcgi_request *r, struct http_answer *answer);

#endif
