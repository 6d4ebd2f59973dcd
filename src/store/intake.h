/*
 * Accepting events: many rows in one statement and one commit.
 *
 * A row may have a key by which a repeat is known.  If its integration has
 * stored an event under that key within the window, the row is not stored,
 * and the caller is told of that event.  The key's row in ewa.dedup is locked
 * to the end of the transaction, so that of equal keys that come at the same
 * time one is stored; rows are locked in order of their keys.
 *
 * Event and queue row are written together.  The ids are made by the caller,
 * so a batch whose commit is in doubt (the connection was lost) can be sent
 * again on another connection and nothing is stored twice.
 */
#ifndef EWA_STORE_INTAKE_H
#define EWA_STORE_INTAKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid7.h"
#include "domain/event.h"
#include "store/pg.h"

#define INTAKE_BATCH_MAX 128
#define INTAKE_BATCH_BYTES ((size_t)4 << 20)
#define INTAKE_SKEW_MAX_S 60

#define INTAKE_KEY_LEN 32

/* By what a repeat of an event is known. */
struct intake_key {
	bool present;
	uint8_t hash[INTAKE_KEY_LEN];
	uint8_t body_hash[INTAKE_KEY_LEN];
	int64_t window_ms;
};

/* All pointers are the caller's, texts are UTF-8 without NUL. */
struct intake_row {
	struct uuid id;
	int32_t integration_id;
	int64_t wait_ms; /* deadline of the replies, from the receipt */
	enum event_kind kind;
	const char *content_type; /* these three may be NULL */
	const char *source_ip;
	const char *request_id;
	const char *malformed; /* why declared JSON is kept as text, or NULL */
	const char *headers;   /* a JSON object */
	size_t headers_len;
	const char *body;
	size_t body_len;
	struct intake_key key;
	bool differs; /* from the event that first had its delivery id */
	struct uuid differs_from;
};

/* A row of a batch that was not stored, since its key was known. */
struct intake_repeat {
	size_t row; /* which of the batch, from 0 */
	bool same_body;
	struct uuid event_id; /* of the one that was stored before */
	int64_t received_us;
};

struct intake_receipt {
	int64_t received_us; /* of all that were stored */
	size_t repeat_count;
	struct intake_repeat repeats[INTAKE_BATCH_MAX];
};

struct intake; /* the parameters' memory; for one connection's thread */

struct intake *intake_new(void);
void intake_free(struct intake *in);

/* Connect if not connected, and compare clocks: ERR_UNAVAILABLE also when
 * the database's differs from ours by more than INTAKE_SKEW_MAX_S. */
enum err intake_open(struct pg *pg, int64_t deadline_ms, struct errinfo *ei);

/* Send 1 to INTAKE_BATCH_MAX rows.  Nothing is stored for certain until
 * intake_end has returned ERR_OK. */
enum err intake_begin(struct intake *in, struct pg *pg,
    const struct intake_row *const *rows, size_t n, int64_t deadline_ms,
    struct errinfo *ei);

/* ERR_OK: all rows but the repeats are durable; times are by the database's
 * clock.  A row of ours that a lost commit has stored is no repeat.
 * ERR_UNAVAILABLE with the connection closed: in
 * doubt, send the same again.  Anything else: none was stored (one bad row
 * sinks its batch: send them one by one). */
enum err intake_end(struct intake *in, struct pg *pg, int64_t deadline_ms,
    struct intake_receipt *out, struct errinfo *ei);

/* After an error: was it for lack of a partition?  Then make them, and give
 * the row a new id. */
bool intake_no_partition(const struct pg *pg);
enum err intake_make_partitions(
    struct pg *pg, int64_t deadline_ms, struct errinfo *ei);

#endif
