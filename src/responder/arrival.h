/*
 * An event on its way from a request to the disk.
 *
 * A worker reads and checks it (body.h, headers.h), then its ticket goes to
 * the committer, whose thread answers the request and frees it.
 */
#ifndef EWA_RESPONDER_ARRIVAL_H
#define EWA_RESPONDER_ARRIVAL_H

#include "base/buf.h"
#include "domain/integration.h"
#include "responder/committer.h"
#include "responder/fcgi.h"
#include "responder/prefer.h"

#define ARRIVAL_HEADERS_MAX ((size_t)8192) /* kept with an event, as JSON */

struct app;
struct wait;

struct arrival {
	struct ticket ticket; /* first: the committer hands this back */
	struct app *app;
	struct fcgi_request *request;
	enum http_method method;
	char key[INTEGRATION_KEY_LEN + 1];
	struct prefer prefer;
	struct wait *wait; /* NULL: it is answered when it is stored */
	struct buf body;   /* as it will be stored */
	struct buf headers;
	char *content_type, *source_ip, *request_id, *malformed;
};

/* The ticket's row points into the arrival: it must not move. */
struct arrival *arrival_new(
    struct app *app, struct fcgi_request *r, const struct integration *i);
void arrival_free(struct arrival *a); /* NULL is fine; not the request */

#endif
