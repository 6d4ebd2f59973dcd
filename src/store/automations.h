/*
 * Automations in the database: read for the dispatcher's cache, written by
 * ewactl and the API.
 *
 * Every change is one transaction with its audit row, touches its integration
 * (a new settings_version, so that all caches hear of it) and wants an open
 * connection.  Calls block up to their deadline (clock_mono_ms) and return
 * ERR_UNAVAILABLE when the database is away; further codes are named below.
 * keys may be NULL where no value of a secret header is to be read or written.
 */
#ifndef EWA_STORE_AUTOMATIONS_H
#define EWA_STORE_AUTOMATIONS_H

#include <stdint.h>

#include "base/err.h"
#include "base/keyring.h"
#include "domain/automation.h"
#include "store/integrations.h"
#include "store/pg.h"

/* i->automations of all in the list, NULL for those without.  Those that are
 * not enabled are left out. */
enum err automations_attach(struct pg *pg, const struct keyring *keys,
    struct integration_list *l, int64_t deadline_ms, struct errinfo *ei);

/* All of one integration, in order; secret values stay sealed where keys is
 * NULL. */
enum err automations_list(struct pg *pg, const struct keyring *keys,
    int32_t integration_id, int64_t deadline_ms, struct automation_list **out,
    struct errinfo *ei);

/* One, of an integration that is not deleted.  ERR_NOT_FOUND. */
enum err automations_find(struct pg *pg, int32_t id, int64_t deadline_ms,
    struct automation **out, struct integration **of, struct errinfo *ei);

/* Stores *a as the last one of *i, or (a->position not 0) at that place; its
 * id and position are filled in.  ERR_UNPROCESSABLE: a setting breaks its
 * rule; ERR_CONFLICT: the name is taken, or *i was deleted. */
enum err automations_create(struct pg *pg, const struct keyring *keys,
    struct integration *i, struct automation *a, const char *actor,
    int64_t deadline_ms, struct errinfo *ei);

/* Writes all settings of *a but its place.  A secret header whose value is
 * NULL keeps the one that is stored under its name. */
enum err automations_update(struct pg *pg, const struct keyring *keys,
    struct integration *i, struct automation *a, const char *actor,
    int64_t deadline_ms, struct errinfo *ei);

/* To another place, from 1; beyond the last is the last. */
enum err automations_move(struct pg *pg, struct integration *i,
    struct automation *a, int32_t position, const char *actor,
    int64_t deadline_ms, struct errinfo *ei);

/* Results that it has left stay. */
enum err automations_remove(struct pg *pg, struct integration *i,
    struct automation *a, const char *actor, int64_t deadline_ms,
    struct errinfo *ei);

/* Is it a jsonpath?  ERR_UNPROCESSABLE with `where` "condition, character N".
 * what is "condition" or "subject". */
enum err automations_check_path(struct pg *pg, const char *what,
    const char *path, int64_t deadline_ms, struct errinfo *ei);

/* The same for each of several, parted by " // ". */
enum err automations_check_subject(
    struct pg *pg, const char *paths, int64_t deadline_ms, struct errinfo *ei);

#endif
