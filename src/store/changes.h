/*
 * Marks that differ when something has changed that somebody may see: for the
 * API's long poll.  Blocking; ERR_UNAVAILABLE when the database is away.
 *
 * Channels without payload tell when to look: ewa_event, ewa_settings,
 * ewa_refusal (refusals were counted) and ewa_done, which dispatchers ring
 * only while ewa_wait is rung (waits.h).  Nothing tells that an integration
 * begins to fail or recovers, or is paused no longer: look now and then.
 */
#ifndef EWA_STORE_CHANGES_H
#define EWA_STORE_CHANGES_H

#include <stdbool.h>
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

/* Connect and listen.  *fresh: it was not connected before. */
enum err changes_listen(
    struct pg *pg, int64_t deadline_ms, bool *fresh, struct errinfo *ei);

#endif
