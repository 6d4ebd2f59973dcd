/* Inside of the waiters: one waiting request, and the clerk's thread. */
#ifndef EWA_RESPONDER_WAITERS_IMPL_H
#define EWA_RESPONDER_WAITERS_IMPL_H

#include "responder/waiters.h"
#include "store/waits.h"

/* An answer up to here fits the socket's buffer: writing it never blocks. */
#define CLERK_BYTES_MIN ((size_t)96 << 10)

struct wait {
	struct wait *prev, *next;
	struct waiters *of;
	int32_t integration_id;
	char key[INTEGRATION_KEY_LEN + 1];
	char *name; /* the integration's */
	struct prefer prefer;
	bool status; /* wants the status document */
	int64_t until_ms;
	struct http_answer late;
	/* once parked */
	struct fcgi_request *request;
	struct uuid id;
	bool head;
	bool finished; /* its event is; else its time is up */
};

/* Answers, lets go of the request and frees. */
void wait_answer_late(struct wait *w);
void wait_answer(struct wait *w, struct http_answer *a);

/* The handled event into a, with its results (NULL: none); ERR_TOO_LARGE when
 * it is longer than an answer may be. */
enum err wait_render(const struct wait *w, const struct waits_row *r,
    const struct buf *results, struct http_answer *a);

struct clerk;

struct clerk *clerk_start(struct pool *pool);
/* Takes the wait, reads what it is to be told, and tells it. */
void clerk_take(struct clerk *c, struct wait *w);
bool clerk_stop(struct clerk *c); /* false: still writing */
void clerk_free(struct clerk *c);

#endif
