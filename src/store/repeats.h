/*
 * How many repeats an integration has had (ewa.repeat, which the intake
 * writes).
 */
#ifndef EWA_STORE_REPEATS_H
#define EWA_STORE_REPEATS_H

#include <stdint.h>

#include "base/err.h"
#include "store/pg.h"

#define REPEATS_NONE 0

struct repeats {
	int64_t day;     /* in this hour and the 23 before it */
	int64_t last_us; /* of all that are kept; REPEATS_NONE: none */
};

enum err repeats_read(struct pg *pg, int32_t integration_id,
    int64_t deadline_ms, struct repeats *out, struct errinfo *ei);

#endif
