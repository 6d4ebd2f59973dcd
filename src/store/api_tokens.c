#include "config.h"

#include "store/api_tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/mem.h"
#include "store/grants.h"
#include "store/macs.h"
#include "store/pgval.h"

/* $1 anchor, $2 limit; columns repeat, one row a grant. */
#define LIST(compare, order)                                                \
	"select t.id, t.name, t.created_at, t.created_by, t.expires_at,"    \
	" t.last_used_at, g.role, g.team from (select * from ewa.api_token" \
	" where revoked_at is null and ($1 = 0 or id " compare " $1)"       \
	" order by id " order " limit $2) t"                                \
	" left join ewa.app_grant g on g.token_id = t.id"                   \
	" order by t.id desc, g.id"

static const struct pg_stmt list_behind = {
    "api_tokens_behind", LIST("<", "desc")};
static const struct pg_stmt list_before = {
    "api_tokens_before", LIST(">", "asc")};

static const struct pg_stmt insert_token = {"api_token_insert",
    "insert into ewa.api_token (name, key_id, mac, created_by, expires_at)"
    " values ($1, $2, $3, $4, nullif($5, 'infinity'::timestamptz))"
    " returning id, created_at"};

static const struct pg_stmt revoke_token = {"api_token_revoke",
    "update ewa.api_token set revoked_at = now()"
    " where id = $1 and revoked_at is null returning name"};

static const struct pg_stmt read_token = {"api_token_find",
    "select t.id, t.name, coalesce(t.expires_at, 'infinity'),"
    " t.last_used_at is null or t.last_used_at < now() - interval '1 min',"
    " g.role, g.team"
    " from unnest($1::text[], $2::bytea[]) k(key_id, mac)"
    " join ewa.api_token t on t.mac = k.mac and t.key_id = k.key_id"
    " left join ewa.app_grant g on g.token_id = t.id"
    " where t.revoked_at is null"
    " and (t.expires_at is null or t.expires_at > now()) order by g.id"};

static const struct pg_stmt touch_token = {"api_token_touch",
    "update ewa.api_token set last_used_at = now() where id = $1"};

void
api_token_fini(struct api_token *t)
{
	free(t->name);
	free(t->created_by);
	grants_fini(&t->grants);
	memset(t, 0, sizeof(*t));
}

void
api_token_list_fini(struct api_token_list *l)
{
	for (size_t n = 0; n < l->count; n++)
		api_token_fini(&l->items[n]);
	free(l->items);
	l->items = NULL;
	l->count = 0;
}

static void
take_tokens(const PGresult *r, struct api_token_list *out)
{
	struct api_token *t = NULL;

	memset(out, 0, sizeof(*out));
	out->items = mem_array((size_t)PQntuples(r), sizeof(*out->items));
	for (int row = 0; row < PQntuples(r); row++) {
		if (t == NULL || t->id != pg_int4(r, row, 0)) {
			t = &out->items[out->count++];
			t->id = pg_int4(r, row, 0);
			t->name = pg_text(r, row, 1);
			t->created_us = pg_time(r, row, 2);
			t->created_by = pg_text(r, row, 3);
			t->expires_us =
			    pg_null(r, row, 4) ? INT64_MAX : pg_time(r, row, 4);
			t->last_used_us =
			    pg_null(r, row, 5) ? INT64_MIN : pg_time(r, row, 5);
		}
		grants_take(&t->grants, r, row, 6, 7);
	}
}

enum err
api_tokens_list(struct pg *pg, const struct page *page, int64_t deadline_ms,
    struct api_token_list *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	pg_add_int4(&p, (int32_t)page->anchor);
	pg_add_int8(&p, page->limit + 1);
	e = pg_query(pg, page->back ? &list_before : &list_behind, &p,
	    deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	take_tokens(r, out);
	PQclear(r);
	if (page_cut(
		page, out->items, &out->count, sizeof(*out->items), &out->ends))
		api_token_fini(&out->items[out->count]);
	return ERR_OK;
}

static enum err
audit(struct change *c, const char *action, const struct api_token *t,
    bool created)
{
	struct buf detail;
	enum err e;

	buf_init(&detail, CHANGE_AUDIT_MAX);
	jsonw_object(&detail, NULL);
	jsonw_str(&detail, "apiToken", t->name);
	if (created) {
		jsonw_time(&detail, "expiresAt", t->expires_us);
		grants_json(&detail, "grants", &t->grants);
	}
	jsonw_end_object(&detail);
	e = change_audit_other(c, action, &detail);
	buf_fini(&detail);
	return e;
}

static enum err
insert(struct change *c, const struct keyring *keys, struct api_token *t,
    const char *token)
{
	uint8_t sum[CRYPTO_MAC_LEN];
	struct pg_params p;
	PGresult *r;
	enum err e;

	keyring_mac(keys, 0, token, API_TOKEN_LEN, sum);
	pg_params_init(&p);
	pg_add_text(&p, t->name);
	pg_add_text(&p, keyring_id(keys, 0));
	pg_add_bytes(&p, PG_BYTEA, sum, sizeof(sum));
	pg_add_text(&p, c->actor);
	pg_add_time(&p, t->expires_us);
	e = change_run(c, &insert_token, &p, &r);
	if (e != ERR_OK)
		return e;
	t->id = pg_int4(r, 0, 0);
	t->created_us = pg_time(r, 0, 1);
	PQclear(r);
	t->last_used_us = INT64_MIN;
	return grants_write(c, 0, t->id, &t->grants);
}

enum err
api_tokens_create(struct pg *pg, const struct keyring *keys,
    struct api_token *t, const char *actor, int64_t deadline_ms,
    char token[API_TOKEN_LEN + 1], struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	enum err e;

	memcpy(token, API_TOKEN_PREFIX, strlen(API_TOKEN_PREFIX));
	crypto_random_base32(token + strlen(API_TOKEN_PREFIX),
	    API_TOKEN_LEN - strlen(API_TOKEN_PREFIX));
	e = change_begin(&c);
	if (e != ERR_OK)
		return e;
	e = insert(&c, keys, t, token);
	if (e == ERR_OK)
		e = audit(&c, "api_token.create", t, true);
	e = change_end(&c, e);
	if (c.taken)
		return err_set(ei, ERR_CONFLICT,
		    "there is an API token with the name \"%.200s\" already",
		    t->name);
	if (e == ERR_OK) {
		free(t->created_by);
		t->created_by = mem_strdup(actor);
	}
	return e;
}

static enum err
revoke(struct change *c, int32_t id)
{
	struct api_token t = {0};
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	pg_add_int4(&p, id);
	e = change_run(c, &revoke_token, &p, &r);
	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 1)
		t.name = pg_text(r, 0, 0);
	else
		e = err_set(c->ei, ERR_NOT_FOUND, "there is no such API token");
	PQclear(r);
	if (e == ERR_OK)
		e = audit(c, "api_token.revoke", &t, false);
	api_token_fini(&t);
	return e;
}

enum err
api_tokens_revoke(struct pg *pg, int32_t id, const char *actor,
    int64_t deadline_ms, struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	enum err e = change_begin(&c);

	if (e != ERR_OK)
		return e;
	return change_end(&c, revoke(&c, id));
}

static bool
take_caller(const PGresult *r, struct caller *out)
{
	char *name = pg_text(r, 0, 1);
	size_t room = strlen(name) + sizeof("token:");

	out->via = VIA_TOKEN;
	out->name = mem_alloc(room);
	snprintf(out->name, room, "token:%s", name);
	out->display_name = name;
	out->expires_us = out->idle_expires_us = pg_time(r, 0, 2);
	for (int row = 0; row < PQntuples(r); row++)
		grants_take(&out->grants, r, row, 4, 5);
	return pg_bool(r, 0, 3);
}

static enum err
touch(struct pg *pg, int32_t id, int64_t deadline_ms, struct errinfo *ei)
{
	struct pg_params p;
	enum err e;

	pg_params_init(&p);
	pg_add_int4(&p, id);
	e = pg_query(pg, &touch_token, &p, deadline_ms, NULL, ei);
	pg_params_fini(&p);
	return e;
}

enum err
api_tokens_find(struct pg *pg, const struct keyring *keys, const char *token,
    int64_t deadline_ms, struct caller *out, struct errinfo *ei)
{
	struct pg_params p;
	int32_t id = 0;
	PGresult *r;
	enum err e;

	memset(out, 0, sizeof(*out));
	if (strlen(token) != API_TOKEN_LEN)
		return err_set(
		    ei, ERR_UNAUTHORIZED, "the API token is not known");
	pg_params_init(&p);
	macs_add(&p, keys, token);
	e = pg_query(pg, &read_token, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 0)
		e = err_set(ei, ERR_UNAUTHORIZED, "the API token is not known");
	else if (take_caller(r, out))
		id = pg_int4(r, 0, 0);
	PQclear(r);
	return id != 0 ? touch(pg, id, deadline_ms, ei) : e;
}
