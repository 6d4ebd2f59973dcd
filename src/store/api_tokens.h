/*
 * API tokens of programs: "ewa_" and 52 base32 characters, kept as MACs.
 *
 * Blocking with a deadline; ERR_UNAVAILABLE when the database is away.
 * Changes are audited under `actor`.
 */
#ifndef EWA_STORE_API_TOKENS_H
#define EWA_STORE_API_TOKENS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/keyring.h"
#include "domain/access.h"
#include "store/page.h"
#include "store/pg.h"

#define API_TOKEN_PREFIX "ewa_"
#define API_TOKEN_LEN 56
#define API_TOKEN_NAME_MAX 200 /* characters */

struct api_token {
	int32_t id;
	char *name;
	int64_t created_us;
	char *created_by;
	int64_t expires_us;   /* INT64_MAX: never */
	int64_t last_used_us; /* INT64_MIN: not yet */
	struct grants grants;
};

struct api_token_list {
	struct api_token *items;
	size_t count;
	struct page_ends ends;
};

void api_token_fini(struct api_token *t);
void api_token_list_fini(struct api_token_list *l);

/* Those that are not revoked, the newest first. */
enum err api_tokens_list(struct pg *pg, const struct page *page,
    int64_t deadline_ms, struct api_token_list *out, struct errinfo *ei);

/* Stores *t (number and time are filled in); the token is shown this once.
 * ERR_CONFLICT: the name is taken. */
enum err api_tokens_create(struct pg *pg, const struct keyring *keys,
    struct api_token *t, const char *actor, int64_t deadline_ms,
    char token[API_TOKEN_LEN + 1], struct errinfo *ei);

/* ERR_NOT_FOUND. */
enum err api_tokens_revoke(struct pg *pg, int32_t id, const char *actor,
    int64_t deadline_ms, struct errinfo *ei);

/* Whom this token stands for.  ERR_UNAUTHORIZED. */
enum err api_tokens_find(struct pg *pg, const struct keyring *keys,
    const char *token, int64_t deadline_ms, struct caller *out,
    struct errinfo *ei);

#endif
