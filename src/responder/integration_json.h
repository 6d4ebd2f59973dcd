/* An integration as the API shows it, and as it takes it. */
#ifndef EWA_RESPONDER_INTEGRATION_JSON_H
#define EWA_RESPONDER_INTEGRATION_JSON_H

#include "responder/call.h"
#include "responder/form.h"
#include "store/integration_page.h"

/* Fields that create and update have in common. */
#define INTEGRATION_FIELDS                                               \
	"name enabled requestTimeout replyUrl replyMethod replyHeaders " \
	"description contact team tokenHeader allowQueryToken "          \
	"acceptMalformed maxBodyBytes subject signatureHeader "          \
	"signatureRule signingSecret rateLimit rateBurst repeatWindow "  \
	"replySecret replyCertificate stopRepliesAfter"

/* IntegrationSummary, without its end. */
void integration_summary_json(
    struct buf *b, const struct call *c, const struct integration_row *row);

/* Integration, without its end. */
void integration_json(struct buf *b, const struct call *c,
    const struct integration *i, const struct integration_row *row,
    const struct token_infos *tokens);

/* Fields that are there go to *i, faults are noted. */
void integration_form(const struct form *f, struct integration *i);

/* "1 minute 30 seconds"; 0: what happens without one. */
#define DURATION_WORDS_MAX 160
void duration_words(int64_t ms, char out[DURATION_WORDS_MAX]);
void timeout_words(
    const struct call *c, int64_t ms, char out[DURATION_WORDS_MAX]);

#endif
