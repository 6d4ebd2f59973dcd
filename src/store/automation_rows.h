/* What the files about automations share; for these only. */
#ifndef EWA_STORE_AUTOMATION_ROWS_H
#define EWA_STORE_AUTOMATION_ROWS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct automation;
struct change;
struct integration;
struct keyring;

/* What a sealed value is bound to: "automation-header:ID:name". */
void automation_header_context(
    struct buf *out, int32_t automation_id, const char *name);

/* As the last one of *i, with its headers and its row in the audit; id and
 * position are filled in. */
enum err automation_write_new(struct change *c, const struct keyring *keys,
    const struct integration *i, struct automation *a);

#endif
