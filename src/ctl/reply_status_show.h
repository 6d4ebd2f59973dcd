/* The status of an integration's replies as text and as JSON:
 * "replyStatus":{"status":"ok"|"error"|"unknown","since","cause",
 *  "stoppedAt","stoppedReason","certificate":{"subject","expiresAt"}} */
#ifndef EWA_CTL_REPLY_STATUS_SHOW_H
#define EWA_CTL_REPLY_STATUS_SHOW_H

#include "ctl/ctl.h"
#include "ctl/table.h"
#include "domain/integration.h"

/* Read them all, once, for what follows; an exit status. */
int reply_status_load(struct ctl *c);

struct json_object *reply_status_json(
    const struct ctl *c, const struct integration *i);
void reply_status_rows(
    const struct ctl *c, struct table *t, const struct integration *i);

/* "Ok", "Error", "Unknown", "Stopped". */
const char *reply_status_word(const struct ctl *c, const struct integration *i);

/* Are its replies stopped? */
bool reply_status_stopped(const struct ctl *c, const struct integration *i);

#endif
