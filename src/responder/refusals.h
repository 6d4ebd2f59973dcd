/*
 * Why requests to endpoints were refused, counted in memory and written to
 * the database about once a second (by the watcher).
 *
 * Bounded whatever is sent: of more than REFUSALS_MAX kinds (integration,
 * source, reason) the sources are counted together as "other".  Counting
 * takes a lock and a look into a hash.  Never a credential: of the request's
 * line only the path is kept.
 */
#ifndef EWA_RESPONDER_REFUSALS_H
#define EWA_RESPONDER_REFUSALS_H

#include <stdint.h>

#include "base/err.h"
#include "responder/fcgi.h"
#include "store/pg.h"

#define REFUSALS_MAX 1024

struct refusals;

struct refusals *refusals_new(void);
void refusals_free(struct refusals *t); /* NULL is fine */

/* Any thread.  integration_id 0: none.  r: as long as it is unanswered. */
void refusals_note(struct refusals *t, const struct fcgi_request *r,
    int32_t integration_id, const struct errinfo *why);

/* Write what has been counted; what can't be written stays. */
enum err refusals_flush(
    struct refusals *t, struct pg *pg, int64_t deadline_ms, struct errinfo *ei);

#endif
