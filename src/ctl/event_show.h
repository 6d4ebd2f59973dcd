/*
 * An event's journey as text and as JSON.
 *
 * The JSON says what the status resource says, and more:
 * {"eventId","status","kind","receivedAt","handledAt","finishedAt",
 *  "integration":{"key","name"},"subject","reason","malformed","contentType",
 *  "bodyLength","sourceIp","requestId","test","headers":{...},
 *  "replayOf","results":[{"automation","status","output","error",
 *  "durationMs"}],"outcomes":[{"seq","status","reply","reason","finishedAt",
 *  "attempts"}],
 *  "reply":{"state","attempts":[{"kind","number","startedAt","durationMs",
 *  "outcome","cause","detail","status","remoteAddress","responseHeaders",
 *  "responseBody","responseCut"}],"attemptsTotal","nextAttemptAt",
 *  "deadline","resending"}}
 * The body is not in it.  "output" and "responseBody" are texts; bytes in
 * them that are not UTF-8 are shown as U+FFFD.
 */
#ifndef EWA_CTL_EVENT_SHOW_H
#define EWA_CTL_EVENT_SHOW_H

#include "ctl/ctl.h"
#include "store/events.h"

struct json_object *event_json(const struct event *e);

/* Without headers, results and attempts: for lists. */
struct json_object *event_brief_json(const struct event *e);

void event_print(const struct event *e);
void event_print_list(const struct event_list *l);

#endif
