/* The options that choose events: --integration, --state, --reply-state,
 * --since, --until; and an Event ID.  Faults are told on stderr. */
#ifndef EWA_CTL_EVENT_FILTER_H
#define EWA_CTL_EVENT_FILTER_H

#include "ctl/ctl.h"
#include "store/events.h"

/* clang-format off */
#define EVENT_FILTER_ARGS                                                   \
	{"integration", "KEY|NAME", false, "of one integration"},           \
	{"state", "STATE", false, "accepted, handling, handled or failed"}, \
	{"reply-state", "STATE", false,                                     \
	    "none, pending, sent, failed, expired or\ncancelled"},          \
	{"since", "TIME", false,                                            \
	    "received since then: 2026-01-31T08:00:00Z, or\n"               \
	    "so long ago: PT1H"}
/* clang-format on */

/* state and reply_state of f. */
bool event_filter_states(const struct args *a, struct event_filter *f);

/* The time of an option (since, until); EVENT_NO_TIME where it is not
 * given. */
bool event_filter_time(const struct args *a, const char *option, int64_t *us);

/* integration_id of f; the connection must be open.  An exit status. */
int event_filter_integration(
    struct ctl *c, const struct args *a, struct event_filter *f);

/* The command's word. */
bool event_filter_id(const struct args *a, struct uuid *id);

#endif
