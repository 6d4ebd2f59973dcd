/* Notices: what will go wrong with an integration if nobody looks after it. */
#ifndef EWA_RESPONDER_NOTICE_JSON_H
#define EWA_RESPONDER_NOTICE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* The members of a notice about a certificate, ours or the receiver's. */
void notice_certificate_json(
    struct buf *b, bool ours, const char *subject, int64_t expires_us);

#endif
