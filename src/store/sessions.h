/*
 * Sessions of people, and who a request's credential stands for.
 *
 * Tokens are kept as MACs under the key file; every key of the file is tried.
 * Blocking with a deadline; ERR_UNAVAILABLE when the database is away,
 * ERR_UNAUTHORIZED when nobody is known by the credential.
 */
#ifndef EWA_STORE_SESSIONS_H
#define EWA_STORE_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/keyring.h"
#include "domain/access.h"
#include "store/pg.h"

#define SESSION_TOKEN_LEN 52 /* base32 characters: 260 bits */

struct session_limits {
	int64_t idle_ms, lifetime_ms;
	bool quiet; /* a look that does not count as use */
};

/* A new session of a user; its token (with a NUL) is shown this once.
 * Sessions that are over are swept away besides. */
enum err sessions_start(struct pg *pg, const struct keyring *keys,
    const struct session_limits *limits, int32_t user_id, const char *source_ip,
    int64_t deadline_ms, char token[SESSION_TOKEN_LEN + 1], struct errinfo *ei);

/* Who is signed in with this cookie; that they were seen is noted. */
enum err sessions_find(struct pg *pg, const struct keyring *keys,
    const struct session_limits *limits, const char *token, int64_t deadline_ms,
    struct caller *out, struct errinfo *ei);

enum err sessions_end(struct pg *pg, const struct caller *who,
    int64_t deadline_ms, struct errinfo *ei);

/* An enabled user whom the web server has signed in. */
enum err sessions_remote_user(struct pg *pg, const char *name,
    int64_t deadline_ms, struct caller *out, struct errinfo *ei);

#endif
