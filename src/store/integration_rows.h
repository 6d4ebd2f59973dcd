/*
 * What the files about integrations share (integrations.c reads,
 * integration_changes.c writes, integration_delete.c, integration_audit.c);
 * for these only.
 */
#ifndef EWA_STORE_INTEGRATION_ROWS_H
#define EWA_STORE_INTEGRATION_ROWS_H

#include <stdint.h>

#include "base/buf.h"
#include "domain/integration.h"

/* What differs, as a JSON object by setting: {"name":{"from":...,"to":...}}.
 * Of reply headers the names only, of reply URLs the origin only.  old NULL:
 * only what differs from the defaults, without "from". */
void integration_diff(struct buf *out, const struct integration *old,
    const struct integration *now);

/* What a sealed value is bound to: "reply-header:ID:name". */
void integration_header_context(
    struct buf *out, int32_t integration_id, const char *name);

void integration_signing_context(struct buf *out, int32_t integration_id);

struct change;
struct keyring;

/* A new settings_version, and who made it; ERR_CONFLICT: it is deleted. */
enum err integration_touch(struct change *c, struct integration *i);

/* Stores those signing secrets of *i that are open. */
enum err integration_write_signing(
    struct change *c, const struct keyring *keys, struct integration *i);

/* Those of *i in place of the stored ones, where they are fresh. */
enum err integration_replace_signing(
    struct change *c, const struct keyring *keys, struct integration *i);

/* What a sealed reply secret is bound to: "reply-secret:ID:kind". */
void integration_reply_secret_context(
    struct buf *out, int32_t integration_id, enum reply_secret_kind kind);

/* One that was read; its value stays sealed where keys is NULL. */
void integration_take_reply_secret(struct integration *i, const char *kind_name,
    const void *sealed, size_t n, int64_t expires_us,
    const struct keyring *keys);

/* Those that are fresh, in place of those of their kind. */
enum err integration_write_reply_secrets(
    struct change *c, const struct keyring *keys, const struct integration *i);

/* Of a new one: signing and reply secrets that are open, automations. */
enum err integration_write_parts(
    struct change *c, const struct keyring *keys, struct integration *i);

/* Of a changed one: signing and reply secrets that are fresh. */
enum err integration_replace_parts(
    struct change *c, const struct keyring *keys, struct integration *i);

/* Somebody has looked after the integration: replies that were stopped go on
 * (reply_status.c), unless verb only pauses or disables; and what is known of
 * the certificate of a receiver elsewhere is forgotten. */
enum err reply_status_saved(struct change *c, const struct integration *old,
    const struct integration *now, const char *verb);

#endif
