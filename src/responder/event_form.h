/* Filters of events, from a query or a body. */
#ifndef EWA_RESPONDER_EVENT_FORM_H
#define EWA_RESPONDER_EVENT_FORM_H

#include "responder/call.h"
#include "store/event_page.h"

/* Parameters that the filters take, without limit, cursor, id and text. */
#define EVENT_FILTERS "integration team state replyState from to subject test"

/* From the query; faults are noted.  ERR_NOT_FOUND: the integration. */
enum err event_query_read(struct call *c, struct event_query *q);

/* From a member of a body. */
struct form;
enum err event_query_form(const struct form *f, struct event_query *q);

/* "o" (older than) or "n" (newer than) and an id. */
void event_cursor_read(struct call *c, struct event_query *q);
/* False: it is none. */
bool event_cursor_parse(const char *s, struct event_query *q);
void event_cursor_json(
    struct buf *b, const char *name, char way, const struct uuid *id);

#endif
