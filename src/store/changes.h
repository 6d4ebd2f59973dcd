/*
 * Marks that differ when something has changed that somebody may see: for the
 * API's long poll.  Blocking; ERR_UNAVAILABLE when the database is away.
 */
#ifndef EWA_STORE_CHANGES_H
#define EWA_STORE_CHANGES_H

#include <stdint.h>

#include "base/err.h"
#include "base/uuid7.h"
#include "domain/access.h"
#include "store/pg.h"

#define CHANGES_MARK_LEN 12

enum changes_kind {
	CHANGES_INTEGRATIONS,
	CHANGES_EVENTS, /* of the newest hundred */
	CHANGES_REFUSALS,
	CHANGES_EVENT,
	CHANGES_KINDS
};

struct changes {
	char marks[CHANGES_KINDS][CHANGES_MARK_LEN + 1];
};

/* integration_id 0: all; event NULL: none is watched. */
enum err changes_read(struct pg *pg, const struct grants *grants,
    int32_t integration_id, const struct uuid *event, int64_t deadline_ms,
    struct changes *out, struct errinfo *ei);

#endif
