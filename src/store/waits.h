/*
 * Events that somebody waits for: which of them are handled by now?
 *
 * A channel without payload, ewa_done, is rung by the dispatchers when events
 * have been recorded as handled or failed, but only while ewa_wait has been
 * rung lately, which says that somebody waits.  Blocking with a deadline;
 * ERR_UNAVAILABLE when the database is away.
 */
#ifndef EWA_STORE_WAITS_H
#define EWA_STORE_WAITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid7.h"
#include "domain/event.h"
#include "store/pg.h"

#define WAITS_ROWS_MAX 256   /* told at once */
#define WAITS_BODY_MAX 65536 /* greater ones are read on their own */
#define WAITS_SAY_EVERY_MS 1000
#define WAITS_HEARD_MS 3000 /* how long one ring of ewa_wait holds */

struct waits_row {
	struct uuid id;
	bool failed, test;
	bool has_results; /* of automations: to be read on their own */
	int64_t received_us, handled_us;
	enum event_kind kind;
	char *content_type; /* NULL: none */
	char *body;         /* NULL: longer than WAITS_BODY_MAX */
	size_t body_len;
};

struct waits {
	struct waits_row *rows; /* by id */
	size_t count;
};

/* Those of the n ids that are handled or failed, WAITS_ROWS_MAX at most. */
enum err waits_finished(struct pg *pg, const struct uuid *ids, size_t n,
    int64_t deadline_ms, struct waits *out, struct errinfo *ei);
void waits_fini(struct waits *w);

/* One of them, whatever its length; ERR_NOT_FOUND if it is not finished. */
enum err waits_one(struct pg *pg, const struct uuid *id, int64_t deadline_ms,
    struct waits *out, struct errinfo *ei);

/* Connect and listen to ewa_done.  *fresh: it was not connected before. */
enum err waits_open(
    struct pg *pg, int64_t deadline_ms, bool *fresh, struct errinfo *ei);

/* "Somebody waits": rings ewa_wait. */
enum err waits_say(struct pg *pg, int64_t deadline_ms, struct errinfo *ei);

#endif
