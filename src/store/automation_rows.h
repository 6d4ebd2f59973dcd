/* What the files about automations share; for these only. */
#ifndef EWA_STORE_AUTOMATION_ROWS_H
#define EWA_STORE_AUTOMATION_ROWS_H

#include <stdint.h>

#include "base/buf.h"

/* What a sealed value is bound to: "automation-header:ID:name". */
void automation_header_context(
    struct buf *out, int32_t automation_id, const char *name);

#endif
