/*
 * Roles of users and API tokens in the database; for the store's own files.
 */
#ifndef EWA_STORE_GRANTS_H
#define EWA_STORE_GRANTS_H

#include <stdint.h>

#include "base/buf.h"
#include "domain/access.h"
#include "store/change.h"

/* Columns of a row, "role" and "team" (both may be NULL), into g. */
void grants_take(
    struct grants *g, const PGresult *r, int row, int role_col, int team_col);

/* Replaces those of a user (token_id 0) or an API token (user_id 0). */
enum err grants_write(struct change *c, int32_t user_id, int32_t token_id,
    const struct grants *g);

/* As a JSON array of {"role","team"}. */
void grants_json(struct buf *b, const char *name, const struct grants *g);

#endif
