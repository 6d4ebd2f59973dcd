/*
 * What the readers (integrations.c) and the writers (integration_changes.c)
 * of integrations share; for these two only.
 */
#ifndef EWA_STORE_INTEGRATION_ROWS_H
#define EWA_STORE_INTEGRATION_ROWS_H

#include <stdint.h>

#include "base/buf.h"

/* What a sealed reply header is bound to: "reply-header:ID:name". */
void integration_header_context(
    struct buf *out, int32_t integration_id, const char *name);

#endif
