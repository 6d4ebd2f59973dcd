/*
 * Refused requests, counted by integration, source, reason and status.
 *
 * Blocking with a deadline; ERR_UNAVAILABLE when the database is away.
 */
#ifndef EWA_STORE_REFUSALS_H
#define EWA_STORE_REFUSALS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/pg.h"

#define REFUSALS_LIST_MAX 10000 /* rows of a list */
#define REFUSALS_ALL (-1)
#define REFUSAL_NO_SIZE (-1)

struct refusal {
	int32_t integration_id; /* 0: none */
	char *key, *name;       /* the integration's, or NULL */
	char *source, *reason;
	int32_t status;
	int64_t count, first_us, last_us;
	int64_t last_size; /* REFUSAL_NO_SIZE */
	char *last_path, *last_detail;
};

/* One more or less bounded count; strings are the caller's, UTF-8. */
struct refusal_count {
	int32_t integration_id;
	const char *source, *reason;
	int32_t status;
	int64_t count, first_ago_ms, last_ago_ms, last_size;
	const char *last_path, *last_detail;
};

enum err refusals_count(struct pg *pg, const struct refusal_count *rows,
    size_t n, int64_t deadline_ms, struct errinfo *ei);

struct refusal_list {
	struct refusal *items;
	size_t count;
};

/* The last ones first.  integration_id REFUSALS_ALL: of all and of none;
 * since_us: those that were refused then or later, INT64_MIN is all. */
enum err refusals_list(struct pg *pg, int32_t integration_id, int64_t since_us,
    int64_t deadline_ms, struct refusal_list *out, struct errinfo *ei);
void refusal_list_fini(struct refusal_list *l);

/* Those whose last is older go; how many. */
enum err refusals_drop(struct pg *pg, int64_t retention_ms, int64_t deadline_ms,
    int *dropped, struct errinfo *ei);

#endif
