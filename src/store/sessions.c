#include "config.h"

#include "store/sessions.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/grants.h"
#include "store/macs.h"
#include "store/pgval.h"

/* How exactly it is known when a session was last used. */
#define SEEN_MS 30000

static const struct pg_stmt insert_session = {"session_insert",
    "with swept as ("
    " delete from ewa.session where mac in (select mac from ewa.session"
    "  where expires_at < now() limit 100)),"
    "seen as ("
    " update ewa.app_user set last_sign_in_at = now() where id = $3)"
    "insert into ewa.session (mac, key_id, user_id, expires_at, source_ip)"
    " values ($1, $2, $3, now() + $4 * interval '1 ms', $5)"};

static const struct pg_stmt read_session = {"session_find",
    "select u.id, u.name, u.display_name, s.expires_at,"
    " s.seen_at + $3 * interval '1 ms', s.mac,"
    " s.seen_at < now() - least($3 / 4, $4) * interval '1 ms',"
    " g.role, g.team"
    " from unnest($1::text[], $2::bytea[]) k(key_id, mac)"
    " join ewa.session s on s.mac = k.mac and s.key_id = k.key_id"
    " join ewa.app_user u on u.id = s.user_id and u.enabled"
    " left join ewa.app_grant g on g.user_id = u.id"
    " where s.expires_at > now()"
    " and s.seen_at > now() - $3 * interval '1 ms' order by g.id"};

static const struct pg_stmt touch_session = {"session_touch",
    "update ewa.session set seen_at = now() where mac = $1"
    " returning seen_at + $2 * interval '1 ms'"};

static const struct pg_stmt delete_session = {
    "session_end", "delete from ewa.session where mac = $1"};

static const struct pg_stmt read_user = {"session_remote_user",
    "select u.id, u.name, u.display_name, g.role, g.team"
    " from ewa.app_user u left join ewa.app_grant g on g.user_id = u.id"
    " where lower(u.name) = lower($1) and u.enabled order by g.id"};

enum err
sessions_start(struct pg *pg, const struct keyring *keys,
    const struct session_limits *limits, int32_t user_id, const char *source_ip,
    int64_t deadline_ms, char token[SESSION_TOKEN_LEN + 1], struct errinfo *ei)
{
	uint8_t sum[CRYPTO_MAC_LEN];
	struct pg_params p;
	enum err e;

	crypto_random_base32(token, SESSION_TOKEN_LEN);
	keyring_mac(keys, 0, token, SESSION_TOKEN_LEN, sum);
	pg_params_init(&p);
	pg_add_bytes(&p, PG_BYTEA, sum, sizeof(sum));
	pg_add_text(&p, keyring_id(keys, 0));
	pg_add_int4(&p, user_id);
	pg_add_int8(&p, limits->lifetime_ms);
	pg_add_text(&p, source_ip);
	e = pg_query(pg, &insert_session, &p, deadline_ms, NULL, ei);
	pg_params_fini(&p);
	return e;
}

static enum err
nobody(struct errinfo *ei)
{
	return err_set(ei, ERR_UNAUTHORIZED, "sign in");
}

/* The idle time begins anew. */
static enum err
touch(struct pg *pg, const struct session_limits *limits, int64_t deadline_ms,
    struct caller *who, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	pg_add_bytes(&p, PG_BYTEA, who->session_mac, sizeof(who->session_mac));
	pg_add_int8(&p, limits->idle_ms);
	e = pg_query(pg, &touch_session, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 1)
		who->idle_expires_us = pg_time(r, 0, 0);
	PQclear(r);
	return ERR_OK;
}

static bool
take_session(const PGresult *r, struct caller *out)
{
	const char *s;
	size_t n;

	out->via = VIA_PASSWORD;
	out->user_id = pg_int4(r, 0, 0);
	out->name = pg_text(r, 0, 1);
	out->display_name = pg_text(r, 0, 2);
	out->expires_us = pg_time(r, 0, 3);
	out->idle_expires_us = pg_time(r, 0, 4);
	s = pg_bytes(r, 0, 5, &n);
	BUG_ON(n != sizeof(out->session_mac));
	memcpy(out->session_mac, s, n);
	for (int row = 0; row < PQntuples(r); row++)
		grants_take(&out->grants, r, row, 7, 8);
	return pg_bool(r, 0, 6);
}

enum err
sessions_find(struct pg *pg, const struct keyring *keys,
    const struct session_limits *limits, const char *token, int64_t deadline_ms,
    struct caller *out, struct errinfo *ei)
{
	struct pg_params p;
	bool stale = false;
	PGresult *r;
	enum err e;

	memset(out, 0, sizeof(*out));
	if (strlen(token) != SESSION_TOKEN_LEN)
		return nobody(ei);
	pg_params_init(&p);
	macs_add(&p, keys, token);
	pg_add_int8(&p, limits->idle_ms);
	pg_add_int8(&p, SEEN_MS);
	e = pg_query(pg, &read_session, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 0)
		e = nobody(ei);
	else
		stale = take_session(r, out);
	PQclear(r);
	return stale && !limits->quiet ? touch(pg, limits, deadline_ms, out, ei)
				       : e;
}

enum err
sessions_end(struct pg *pg, const struct caller *who, int64_t deadline_ms,
    struct errinfo *ei)
{
	struct pg_params p;
	enum err e;

	pg_params_init(&p);
	pg_add_bytes(&p, PG_BYTEA, who->session_mac, sizeof(who->session_mac));
	e = pg_query(pg, &delete_session, &p, deadline_ms, NULL, ei);
	pg_params_fini(&p);
	return e;
}

enum err
sessions_remote_user(struct pg *pg, const char *name, int64_t deadline_ms,
    struct caller *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	memset(out, 0, sizeof(*out));
	pg_params_init(&p);
	pg_add_text(&p, name);
	e = pg_query(pg, &read_user, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 0) {
		e = err_set(ei, ERR_UNAUTHORIZED,
		    "the web server has signed in \"%.100s\", who is no "
		    "enabled user here",
		    name);
	} else {
		out->via = VIA_REMOTE_USER;
		out->user_id = pg_int4(r, 0, 0);
		out->name = pg_text(r, 0, 1);
		out->display_name = pg_text(r, 0, 2);
		out->expires_us = out->idle_expires_us = INT64_MAX;
		for (int row = 0; row < PQntuples(r); row++)
			grants_take(&out->grants, r, row, 3, 4);
	}
	PQclear(r);
	return e;
}
