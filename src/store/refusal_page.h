/* A page of refused requests, the latest first.  Blocking; ERR_UNAVAILABLE
 * when the database is away. */
#ifndef EWA_STORE_REFUSAL_PAGE_H
#define EWA_STORE_REFUSAL_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/access.h"
#include "store/page.h"
#include "store/pg.h"

struct refusal_row {
	int64_t id;       /* its last time and a digest: for cursors */
	char *key, *name; /* of the integration; NULL: unknown key */
	char *source, *reason, *path, *detail;
	int32_t status;
	int64_t count, first_us, last_us, size; /* size -1: none */
};

struct refusal_page {
	struct refusal_row *items;
	size_t count;
	struct page_ends ends;
};

struct refusal_query {
	const struct grants *grants;
	int32_t integration_id; /* 0: all */
	bool unknown_keys;      /* only those */
	int64_t from_us;
	struct page page;
};

enum err refusal_page_read(struct pg *pg, const struct refusal_query *q,
    int64_t deadline_ms, struct refusal_page *out, struct errinfo *ei);
void refusal_page_fini(struct refusal_page *p);

#endif
