/*
 * Who may do what: roles, granted for all integrations or for a team's.
 *
 * viewer < operator < admin; each may do what the lower ones may.
 */
#ifndef EWA_DOMAIN_ACCESS_H
#define EWA_DOMAIN_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define ACCESS_GRANTS_MAX 100
#define ACCESS_USER_NAME_MAX 100
#define ACCESS_DISPLAY_NAME_MAX 200
#define ACCESS_PASSWORD_MIN 12 /* characters */
#define ACCESS_PASSWORD_MAX 256

enum role { ROLE_NONE, ROLE_VIEWER, ROLE_OPERATOR, ROLE_ADMIN };

struct grant {
	enum role role;
	char *team; /* NULL: for all integrations */
};

struct grants {
	struct grant items[ACCESS_GRANTS_MAX];
	size_t count;
};

/* How somebody showed who they are. */
enum access_via { VIA_PASSWORD, VIA_TOKEN, VIA_REMOTE_USER };

struct caller {
	enum access_via via;
	int32_t user_id; /* 0: a token's */
	char *name;      /* for the audit: "ada", "token:nightly report" */
	char *display_name;
	struct grants grants;
	int64_t expires_us, idle_expires_us; /* INT64_MAX: never */
	uint8_t session_mac[32];             /* of VIA_PASSWORD */
};

const char *role_name(enum role r); /* "viewer" */
bool role_parse(const char *name, enum role *out);

/* False when there are too many. */
bool grants_add(struct grants *g, enum role role, const char *team);
void grants_fini(struct grants *g);

/* The role for an integration of that team, for all, and the highest for
 * any. */
enum role grants_role(const struct grants *g, const char *team);
enum role grants_role_all(const struct grants *g);
enum role grants_role_any(const struct grants *g);

void caller_fini(struct caller *c);

/* ERR_UNPROCESSABLE with a sentence. */
enum err access_check_user_name(const char *name, struct errinfo *ei);
enum err access_check_password(
    const char *fresh, const char *user_name, struct errinfo *ei);

#endif
