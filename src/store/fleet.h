/*
 * The programs that work on this database: each says every few seconds that
 * it lives (ewa.process).
 *
 * Blocking with a deadline; ERR_UNAVAILABLE when the database is away.
 */
#ifndef EWA_STORE_FLEET_H
#define EWA_STORE_FLEET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/pg.h"

#define FLEET_SEEN_WITHIN_S 30

/* Has any ewa-dispatcher said so within FLEET_SEEN_WITHIN_S? */
enum err fleet_dispatcher_seen(struct pg *pg, int64_t deadline_ms, bool *seen,
    struct errinfo *ei);

#endif
