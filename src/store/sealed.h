/*
 * All that is sealed or MACed with the keys of the key file, in one list: so
 * that it can be sealed anew under the current key, and told which keys are
 * still in use.
 *
 * A value names its key, so a run that was broken off goes on where it was:
 * what has the current key already is not found any more.  A value that was
 * changed meanwhile is left as it is.  MACs of tokens can't be made anew: the
 * tokens are not known.
 *
 * All calls want an open connection (as the owner) and block up to their
 * deadline; ERR_UNAVAILABLE when the database is away.
 */
#ifndef EWA_STORE_SEALED_H
#define EWA_STORE_SEALED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/keyring.h"
#include "store/pg.h"

struct sealed_run {
	size_t table; /* begin with a zeroed struct */
	int64_t after;
	bool over;
	int64_t resealed;
	int64_t failed; /* their key is missing, or they are damaged */
};

/* One batch, one transaction each value; what can't be opened is told by
 * `said`: which value, and why. */
enum err sealed_step(struct sealed_run *r, struct pg *pg,
    const struct keyring *keys, void (*said)(const char *what, const char *why),
    int64_t deadline_ms, struct errinfo *ei);

/* What uses which key: `said` is called for each pair that is there. */
enum err sealed_uses(struct pg *pg,
    void (*said)(
	void *arg, const char *key_id, const char *what, int64_t count),
    void *arg, int64_t deadline_ms, struct errinfo *ei);

/* The row in the audit. */
enum err sealed_audit(struct pg *pg, const char *actor, const char *key_id,
    int64_t resealed, int64_t failed, int64_t deadline_ms, struct errinfo *ei);

#endif
