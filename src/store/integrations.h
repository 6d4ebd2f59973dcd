/*
 * Integrations in the database: read for the caches, written by ewactl and
 * the API.
 *
 * Every change is one transaction with its audit row, takes a new
 * settings_version (a trigger) and notifies `ewa_settings` (the trigger too).
 * All calls want an open connection, block up to their deadline
 * (clock_mono_ms) and return ERR_UNAVAILABLE when the database is away;
 * further codes are named below.  After a failed change *i may hold values
 * that were not stored.
 *
 * keys may be NULL where no token, signing secret or value of a secret header
 * is to be written.
 */
#ifndef EWA_STORE_INTEGRATIONS_H
#define EWA_STORE_INTEGRATIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/keyring.h"
#include "domain/integration.h"
#include "store/pg.h"

struct integration_list {
	struct integration **items; /* one reference each */
	size_t count;
};

void integration_list_fini(struct integration_list *l);

/* All whose settings_version is greater than `after`, deleted ones included,
 * in order of version; 0 gives all.  Secret header values are opened with
 * keys, or left NULL where keys is NULL (or a value can't be opened: logged
 * by name of integration and header). */
enum err integrations_changed(struct pg *pg, const struct keyring *keys,
    int64_t after, int64_t deadline_ms, struct integration_list *out,
    struct errinfo *ei);

/* The same for the responder: of the secrets, the signing secrets only are
 * opened. */
enum err integrations_changed_intake(struct pg *pg, const struct keyring *keys,
    int64_t after, int64_t deadline_ms, struct integration_list *out,
    struct errinfo *ei);

/* Not deleted, by key or else by name.  ERR_NOT_FOUND. */
enum err integrations_find(struct pg *pg, const struct keyring *keys,
    const char *key_or_name, int64_t deadline_ms, struct integration **out,
    struct errinfo *ei);

/* Not deleted, in order of name. */
enum err integrations_list(struct pg *pg, int64_t deadline_ms,
    struct integration_list *out, struct errinfo *ei);

/* Stores *i (its key is made here, its id and times are filled in) and, when
 * token is not NULL, the token's MAC; and those of its signing secrets that
 * are open.  ERR_CONFLICT: the name is taken.  ERR_UNPROCESSABLE: enabled
 * without the credentials it needs, or the reply's settings contradict.  actor
 * is who, for the audit. */
enum err integrations_create(struct pg *pg, const struct keyring *keys,
    struct integration *i, const char *token, const char *actor,
    int64_t deadline_ms, struct errinfo *ei);

/* Writes all settings of *i (all but id, key, tokens, created) if the stored
 * settings_version still is i->settings_version, else ERR_CONFLICT.  A
 * header with secret and a NULL value keeps the sealed value stored under the
 * same name; signing secrets are written only if signing_fresh.  verb is the
 * audit's word: "update", "enable", "pause", ... */
enum err integrations_update(struct pg *pg, const struct keyring *keys,
    struct integration *i, const char *verb, const char *actor,
    int64_t deadline_ms, struct errinfo *ei);

/* Soft delete; cancels what is pending: each of its queued events gets an
 * outcome (failed where it was not handled yet, else its state; reply
 * cancelled) and leaves the queue. */
enum err integrations_delete(struct pg *pg, struct integration *i,
    const char *actor, int64_t deadline_ms, struct errinfo *ei);

/* The same for events that a responder's cache still let in while the
 * integration was being deleted; for the keeper, now and then.  *more: call
 * again. */
enum err integrations_cancel_late(
    struct pg *pg, int64_t deadline_ms, bool *more, struct errinfo *ei);

/* A new token.  The old ones stay valid for keep_old_ms (0: gone at once). */
enum err integrations_set_token(struct pg *pg, const struct keyring *keys,
    struct integration *i, const char *token, int64_t keep_old_ms,
    const char *actor, int64_t deadline_ms, struct errinfo *ei);

/* A new signing secret; NULL: none from now on.  The rest as above. */
enum err integrations_set_signing(struct pg *pg, const struct keyring *keys,
    struct integration *i, const char *secret, int64_t keep_old_ms,
    const char *actor, int64_t deadline_ms, struct errinfo *ei);

/* A new secret that signs replies; the rest as above. */
enum err integrations_set_reply_signing(struct pg *pg,
    const struct keyring *keys, struct integration *i, const char *secret,
    int64_t keep_old_ms, const char *actor, int64_t deadline_ms,
    struct errinfo *ei);

#endif
