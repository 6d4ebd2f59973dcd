/* An integration as text and as JSON. */
#ifndef EWA_CTL_INTEGRATION_SHOW_H
#define EWA_CTL_INTEGRATION_SHOW_H

#include "ctl/ctl.h"
#include "domain/integration.h"
#include "store/integrations.h"

/*
 * {"key","name","externalSystem","enabled","paused","pausedUntil","endpoint",
 *  "token" (if not NULL),"description","contact","team","tokenHeader",
 *  "allowQueryToken","acceptMalformed","maxBody","requestTimeout","replyUrl",
 *  "replyMethod","replyHeaders":[{"name","secret","value" (null if secret)}],
 *  "tokens":[{"expiresAt"}],"createdAt","createdBy","modifiedAt",
 *  "modifiedBy","settingsVersion"}
 */
struct json_object *integration_json(
    const struct ctl *c, const struct integration *i, const char *token);

/* The same, and "repeats":{"lastDay","lastAt"} of c->repeats. */
struct json_object *integration_json_shown(
    const struct ctl *c, const struct integration *i);

void integration_print(const struct ctl *c, const struct integration *i);
void integration_print_list(
    const struct ctl *c, const struct integration_list *l);

#endif
