/*
 * A page of events, found by filters that may be combined.
 *
 * Pages go by id, so they stay right while events arrive.  However rare what
 * is looked for, one call looks at a bounded number of events (EVENT_SCAN, or
 * EVENT_SEARCH bodies of at most EVENT_SEARCH_BYTES in all) and says where it
 * has got to.
 *
 * Blocking with a deadline; ERR_UNAVAILABLE when the database is away.
 */
#ifndef EWA_STORE_EVENT_PAGE_H
#define EWA_STORE_EVENT_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/access.h"
#include "store/events.h"

#define EVENT_SCAN 10000
#define EVENT_SEARCH 10000
#define EVENT_SEARCH_BYTES (32 << 20)
#define EVENT_SEARCH_BYTES_WIDE (8 << 20) /* for other than ASCII */
#define EVENT_COUNT_MAX 10000
#define EVENT_STATES 4
#define EVENT_REPLY_STATES 6

struct event_query {
	const struct grants *grants;
	enum role role;         /* at least this one for their integration */
	int32_t integration_id; /* 0: all */
	const char *team;       /* NULL: any */
	bool states[EVENT_STATES];
	bool by_state; /* else all */
	bool reply_states[EVENT_REPLY_STATES];
	bool by_reply_state;
	int64_t from_us, to_us; /* EVENT_NO_TIME: open */
	const char *subject;    /* begins so; NULL: any */
	int test;               /* -1: any */
	const char *text;       /* in the body; NULL: any */
	struct uuid anchor;
	bool anchored;
	bool by_id; /* the event `anchor` only */
	bool newer; /* those after the anchor, else those before it */
	int limit;
};

struct event_page {
	struct event *items; /* newest first */
	size_t count;
	bool more;           /* in the direction that was gone */
	struct uuid reached; /* if more: where to go on */
	int64_t searched;
};

enum err event_page_read(struct pg *pg, const struct event_query *q,
    int64_t deadline_ms, struct event_page *out, struct errinfo *ei);
void event_page_fini(struct event_page *p);

/* How many there are, up to EVENT_COUNT_MAX; *more: there are more, or not
 * all events could be looked at. */
enum err event_page_count(struct pg *pg, const struct event_query *q,
    int64_t deadline_ms, int64_t *count, bool *more, struct errinfo *ei);

#endif
