/* What an attempt sends that is secret: signature, credentials, our
 * certificate. */
#ifndef EWA_DISPATCHER_REQUEST_SECRETS_H
#define EWA_DISPATCHER_REQUEST_SECRETS_H

#include <stddef.h>

#include "base/err.h"
#include "dispatcher/sender.h"
#include "domain/integration.h"

/* Of a transfer whose body is written.  ERR_INVALID: one of them can't be
 * opened; detail says which. */
enum err request_add_secrets(struct transfer *t, const struct integration *s,
    const char *id, const char *timestamp, char *detail, size_t size);

#endif
