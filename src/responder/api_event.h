/* The status document of an event, for those who answer with it. */
#ifndef EWA_RESPONDER_API_EVENT_H
#define EWA_RESPONDER_API_EVENT_H

#include "responder/http.h"
#include "store/events.h"

/* A whole answer, to which fields may be added. */
void api_event_render(struct http_answer *answer, const struct event *e);

#endif
