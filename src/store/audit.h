/* Who changed what, read.  Blocking; ERR_UNAVAILABLE when the database is
 * away. */
#ifndef EWA_STORE_AUDIT_H
#define EWA_STORE_AUDIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/access.h"
#include "store/page.h"
#include "store/pg.h"

struct audit_entry {
	int64_t id, at_us;
	char *actor, *action;
	char *key, *name; /* of the integration, or NULL */
	char *detail;     /* a JSON object */
};

struct audit_list {
	struct audit_entry *items; /* newest first */
	size_t count;
	struct page_ends ends;
};

struct audit_query {
	const struct grants *grants; /* an admin of all sees all */
	int32_t integration_id;      /* 0: all */
	const char *actor, *action;  /* NULL: any */
	int64_t from_us, to_us;      /* INT64_MIN, INT64_MAX: open */
	struct page page;
};

enum err audit_list(struct pg *pg, const struct audit_query *q,
    int64_t deadline_ms, struct audit_list *out, struct errinfo *ei);
void audit_list_fini(struct audit_list *l);

#endif
