/*
 * The API under /api/ (docs/api/openapi.yaml): one table of its operations
 * says method, path, role, query parameters and handler.
 *
 * api_serve finds the operation, refuses what comes from another site, finds
 * out who calls, checks the role, reads the body, runs the handler and
 * answers.  Handlers see a struct call (call.h).
 */
#ifndef EWA_RESPONDER_API_H
#define EWA_RESPONDER_API_H

#include "responder/app.h"
#include "responder/desk.h"

/* Answers v->request, or leaves it and v->due_ms for another time. */
void api_serve(struct app *app, struct pool *pool, struct visit *v,
    struct http_answer *answer);

#endif
