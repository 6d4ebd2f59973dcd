/*
 * The fleet: who is alive, and the house-keeping that any of them may do.
 *
 * All calls block up to their deadline and return ERR_UNAVAILABLE when the
 * database is away.  The connection must be open.
 */
#ifndef EWA_STORE_FLEET_H
#define EWA_STORE_FLEET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid7.h"
#include "store/pg.h"

/* Programs that have not been seen for so long are forgotten. */
#define FLEET_FORGET_S 86400
#define FLEET_SEEN_WITHIN_S 30

/* "I am alive": makes or renews the row of this start of this process. */
enum err fleet_beat(struct pg *pg, const struct uuid *owner,
    const char *program, const char *host, int pid, const char *version,
    int64_t deadline_ms, struct errinfo *ei);

/* The row goes, and those of processes not seen for FLEET_FORGET_S. */
enum err fleet_leave(struct pg *pg, const struct uuid *owner,
    int64_t deadline_ms, struct errinfo *ei);

/* Has any ewa-dispatcher said so within FLEET_SEEN_WITHIN_S? */
enum err fleet_dispatcher_seen(
    struct pg *pg, int64_t deadline_ms, bool *seen, struct errinfo *ei);

/* Partitions for the days ahead; how many were made. */
enum err fleet_make_partitions(struct pg *pg, int days_ahead,
    int64_t deadline_ms, int *made, struct errinfo *ei);

/* Days older than the retention go; `said` is called for each that was due,
 * with NULL or why it stayed. */
enum err fleet_drop_partitions(struct pg *pg, int64_t retention_ms,
    int64_t deadline_ms, void (*said)(const char *day, const char *why),
    struct errinfo *ei);

/* At most `max` expired idempotency keys; how many. */
enum err fleet_drop_repeats(struct pg *pg, int max, int64_t deadline_ms,
    int *dropped, struct errinfo *ei);

/* Count the events of quarters of an hour that are over; how many of those
 * were new, at most `most`. */
enum err fleet_tally_events(struct pg *pg, int most, int64_t deadline_ms,
    int *slots, struct errinfo *ei);

#endif
