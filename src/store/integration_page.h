/*
 * Integrations as lists show them: a page of those that somebody may see,
 * each with its status and figures.
 *
 * Blocking with a deadline; ERR_UNAVAILABLE when the database is away.
 */
#ifndef EWA_STORE_INTEGRATION_PAGE_H
#define EWA_STORE_INTEGRATION_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/access.h"
#include "domain/integration.h"
#include "store/page.h"
#include "store/pg.h"

#define INTEGRATION_COUNT_MAX 10000 /* figures go up to here */
#define INTEGRATION_NO_TIME INT64_MIN

/* A certificate that replies depend on. */
struct integration_certificate {
	bool ours;     /* else the receiver's */
	char *subject; /* whom it names */
	int64_t expires_us;
};
#define INTEGRATION_CERTIFICATES 2

struct integration_row {
	int32_t id;
	char key[INTEGRATION_KEY_LEN + 1];
	char *name, *description, *team;
	bool sync, enabled;
	int64_t paused_until_us; /* as in struct integration */
	int64_t created_us, modified_us, version;
	char *created_by, *modified_by;
	char *state; /* "ok", "error"; NULL: unknown */
	int64_t since_us;
	char *cause;
	int64_t stopped_us; /* INTEGRATION_NO_TIME: replies are not stopped */
	char *stopped_reason;
	int64_t events_today; /* may be INTEGRATION_COUNT_MAX + 1: more */
	int64_t waiting;      /* the same */
	int64_t last_event_us;
	/* those that expire within CERTIFICATE_NOTICE_US */
	struct integration_certificate expiring[INTEGRATION_CERTIFICATES];
	size_t expiring_count;
};

struct integration_page {
	struct integration_row *items;
	size_t count;
	int64_t total; /* of all pages */
	struct page_ends ends;
};

struct integration_query {
	const char *q;    /* in name, description, key; "": all */
	const char *team; /* NULL: any */
	const char *sort; /* a field's name; "-" in front: descending */
	struct page page;
};

enum err integration_page_read(struct pg *pg, const struct grants *grants,
    const struct integration_query *q, int64_t deadline_ms,
    struct integration_page *out, struct errinfo *ei);

/* One, by number; it may be deleted.  ERR_NOT_FOUND. */
enum err integration_row_read(struct pg *pg, int32_t id, int64_t deadline_ms,
    struct integration_page *out, struct errinfo *ei);

void integration_page_fini(struct integration_page *p);

struct team_list {
	char **items;
	size_t count;
};

/* Teams of the integrations that somebody may see, in order. */
enum err integration_teams(struct pg *pg, const struct grants *grants,
    int64_t deadline_ms, struct team_list *out, struct errinfo *ei);
void team_list_fini(struct team_list *l);

/* Live platform tokens of one, the newest first. */
struct token_info {
	int64_t created_us, expires_us; /* INT64_MAX: no end */
	char *created_by;
};

struct token_infos {
	struct token_info items[INTEGRATION_TOKENS_MAX];
	size_t count;
};

enum err integration_token_infos(struct pg *pg, int32_t id, int64_t deadline_ms,
    struct token_infos *out, struct errinfo *ei);
void token_infos_fini(struct token_infos *t);

#endif
