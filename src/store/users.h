/*
 * Users: people who may sign in.
 *
 * Blocking with a deadline (clock_mono_ms); ERR_UNAVAILABLE when the database
 * is away.  Changes are audited under `actor`.
 */
#ifndef EWA_STORE_USERS_H
#define EWA_STORE_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/access.h"
#include "store/page.h"
#include "store/pg.h"

#define USERS_NO_TIME INT64_MIN

struct user {
	int32_t id;
	char *name, *display_name;
	bool enabled, has_password;
	int64_t version;
	int64_t created_us, modified_us, last_sign_in_us;
	char *created_by, *modified_by;
	struct grants grants;
};

struct user_list {
	struct user *items;
	size_t count;
	struct page_ends ends;
};

void user_fini(struct user *u);
void user_list_fini(struct user_list *l);

/* By name; those whose name or name as shown holds q ("": all). */
enum err users_list(struct pg *pg, const char *q, const struct page *page,
    int64_t deadline_ms, struct user_list *out, struct errinfo *ei);

/* By number, or (id 0) by name, whatever its case.  ERR_NOT_FOUND. */
enum err users_get(struct pg *pg, int32_t id, const char *name,
    int64_t deadline_ms, struct user *out, struct errinfo *ei);

/* Stores *u; its number, version and times are filled in.  password NULL:
 * none.  ERR_CONFLICT: the name is taken. */
enum err users_create(struct pg *pg, struct user *u, const char *password,
    const char *actor, int64_t deadline_ms, struct errinfo *ei);

/* Writes display_name, enabled and grants if the version is still u's.
 * Disabling ends the user's sessions.  ERR_STALE; ERR_CONFLICT: it would
 * leave nobody to administer. */
enum err users_update(struct pg *pg, struct user *u, const char *actor,
    int64_t deadline_ms, struct errinfo *ei);

/* Ends the user's sessions but the one with this MAC (NULL: all).
 * ERR_NOT_FOUND. */
enum err users_set_password(struct pg *pg, int32_t id, const char *password,
    const uint8_t *keep_session, const char *actor, int64_t deadline_ms,
    struct errinfo *ei);

/* The hash of an enabled user's password, new, and their number; NULL and 0
 * when there is no such user, or they have none: not an error. */
enum err users_password(struct pg *pg, const char *name, int64_t deadline_ms,
    int32_t *id, char **hash, struct errinfo *ei);

#endif
