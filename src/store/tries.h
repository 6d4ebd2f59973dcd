/* What the automations of an integration would do with an event. */
#ifndef EWA_STORE_TRIES_H
#define EWA_STORE_TRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid7.h"
#include "domain/event.h"
#include "domain/integration.h"
#include "store/pg.h"

struct try_row {
	char *name;
	bool enabled;
	bool blank; /* without a condition */
	bool holds;
	char *problem; /* NULL: none */
};

struct try_list {
	struct try_row *rows;
	size_t count;
	char *subject; /* NULL: none */
};

/* Of a stored event (id), as its results are now, or (id NULL) of a given
 * one, without results.  Blocks up to the deadline.  ERR_NOT_FOUND: no such
 * event of *i.  ERR_UNAVAILABLE: the database is away, or a condition took
 * longer than 5 s. */
enum err tries_make(struct pg *pg, const struct integration *i,
    const struct uuid *id, enum event_kind kind, const char *content_type,
    const char *body, size_t len, int64_t deadline_ms, struct try_list *out,
    struct errinfo *ei);

void try_list_fini(struct try_list *l);

#endif
