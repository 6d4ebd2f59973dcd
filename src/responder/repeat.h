/*
 * By what a repeat of a request is known: Idempotency-Key, webhook-id,
 * X-GitHub-Delivery, x-amz-sns-message-id, or a CloudEvent's source and id;
 * the first that is there.
 */
#ifndef EWA_RESPONDER_REPEAT_H
#define EWA_RESPONDER_REPEAT_H

#include "domain/cloudevent.h"
#include "responder/arrival.h"

/* Sets the key of a's row, whose body must be there; event is what it holds
 * as a CloudEvent in structured mode, or NULL.  None where the integration
 * does not look for repeats. */
void repeat_find(struct arrival *a, const struct integration *i,
    const struct cloudevent *event);

#endif
