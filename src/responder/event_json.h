/* An event as the API shows it. */
#ifndef EWA_RESPONDER_EVENT_JSON_H
#define EWA_RESPONDER_EVENT_JSON_H

#include "base/buf.h"
#include "domain/access.h"
#include "store/events.h"

/* EventSummary, without its end. */
void event_summary_json(struct buf *b, const struct event *e);

/* The whole Event; what a role may not see is null. */
void event_json(struct buf *b, const struct event *e, enum role role);

#endif
