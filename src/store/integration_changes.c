#include "config.h"

#include "store/integrations.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/change.h"
#include "store/integration_rows.h"
#include "store/pgval.h"

static const struct pg_stmt insert_integration = {"integration_insert",
    "insert into ewa.integration (key, name, enabled, paused_until,"
    " description, contact, team, token_header, allow_query_token,"
    " accept_malformed, max_body_bytes, request_timeout_ms, reply_url,"
    " reply_method, modified_by, external_system, created_by,"
    " repeat_window_ms, signature_header, signature_rule, rate_limit,"
    " rate_burst, stop_replies_after_ms, subject)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
    " $15, $16, $15, $17, $18, $19, $20, $21, nullif($22, 0), $23)"
    " returning settings_version, modified_at, id"};

static const struct pg_stmt update_integration = {"integration_update",
    "update ewa.integration set name = $2, enabled = $3, paused_until = $4,"
    " description = $5, contact = $6, team = $7, token_header = $8,"
    " allow_query_token = $9, accept_malformed = $10, max_body_bytes = $11,"
    " request_timeout_ms = $12, reply_url = $13, reply_method = $14,"
    " modified_by = $15, modified_at = now(), repeat_window_ms = $17,"
    " signature_header = $18, signature_rule = $19, rate_limit = $20,"
    " rate_burst = $21, stop_replies_after_ms = nullif($22, 0), subject = $23"
    " where key = $1 and settings_version = $16 and deleted_at is null"
    " returning settings_version, modified_at, id"};

static const struct pg_stmt touch_integration = {"integration_touch",
    "update ewa.integration set modified_by = $2, modified_at = now()"
    " where id = $1 and deleted_at is null"
    " returning settings_version, modified_at, id"};

static const struct pg_stmt read_sealed = {"integration_sealed",
    "select name, sealed from ewa.integration_header"
    " where integration_id = $1 and sealed is not null order by position"};

static const struct pg_stmt delete_headers = {"integration_headers_delete",
    "delete from ewa.integration_header where integration_id = $1"};

static const struct pg_stmt insert_headers = {"integration_headers_insert",
    "insert into ewa.integration_header"
    " (integration_id, position, name, value, sealed)"
    " select $1, n, name, value, sealed"
    " from unnest($2::text[], $3::text[], $4::bytea[])"
    " with ordinality as t(name, value, sealed, n)"};

/* Room for one more: of the old ones only the newest may stay, for a while. */
static const struct pg_stmt retire_tokens = {"integration_tokens_retire",
    "with keep as ("
    " select id from ewa.integration_token"
    " where integration_id = $1 and $2 > 0"
    "  and (expires_at is null or expires_at > now())"
    " order by id desc limit 1),"
    "gone as ("
    " delete from ewa.integration_token where integration_id = $1"
    "  and id not in (select id from keep))"
    "update ewa.integration_token set expires_at = least("
    " coalesce(expires_at, 'infinity'), now() + $2 * interval '1 ms')"
    " where id in (select id from keep) returning expires_at"};

static const struct pg_stmt insert_token = {"integration_token_insert",
    "insert into ewa.integration_token"
    " (integration_id, key_id, mac, created_by) values ($1, $2, $3, $4)"};

/* ---- the row ---------------------------------------------------------------
 */

static void
add_settings(
    struct pg_params *p, const struct integration *i, const char *actor)
{
	pg_add_text(p, i->key);
	pg_add_text(p, i->name);
	pg_add_bool(p, i->enabled);
	if (i->paused_until_us == INTEGRATION_NOT_PAUSED)
		pg_add_null(p, PG_TIMESTAMPTZ);
	else
		pg_add_time(p, i->paused_until_us);
	pg_add_text(p, i->description);
	pg_add_text(p, i->contact);
	pg_add_text(p, i->team);
	pg_add_text(p, i->token_header);
	pg_add_bool(p, i->allow_query_token);
	pg_add_bool(p, i->accept_malformed);
	pg_add_int4(p, i->max_body_bytes);
	if (i->request_timeout_ms > 0)
		pg_add_int8(p, i->request_timeout_ms);
	else
		pg_add_null(p, PG_INT8);
	pg_add_text(p, i->reply_url);
	pg_add_text(p, i->reply_method);
	pg_add_text(p, actor);
}

static void
add_intake(struct pg_params *p, const struct integration *i)
{
	pg_add_int8(p, i->repeat_window_ms);
	pg_add_text(p, i->signature_header);
	pg_add_text(p, signature_rule_name(i->signature_rule));
	pg_add_int4(p, i->rate_limit);
	pg_add_int4(p, i->rate_burst);
	pg_add_int8(p, i->stop_replies_after_ms);
	pg_add_text(p, i->subject);
}

/* One that returns version, time and id; ERR_CONFLICT: it found no row. */
static enum err
write_row(struct change *c, const struct pg_stmt *stmt, struct pg_params *p,
    struct integration *i)
{
	PGresult *r;
	enum err e = change_run(c, stmt, p, &r);

	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 1) {
		i->settings_version = pg_int8(r, 0, 0);
		i->modified_us = pg_time(r, 0, 1);
		i->id = pg_int4(r, 0, 2);
		free(i->modified_by);
		i->modified_by = mem_strdup(c->actor);
	} else {
		e = err_set(c->ei, ERR_CONFLICT,
		    "the integration %s was changed or deleted by somebody "
		    "else meanwhile; look at it and try again",
		    i->key);
	}
	PQclear(r);
	return e;
}

/* ---- headers ---------------------------------------------------------------
 */

static void
elem_sealed(struct pg_params *p, const struct keyring *keys,
    const struct integration *i, const struct integration_header *h)
{
	struct buf context, sealed;

	BUG_ON(keys == NULL);
	buf_init(&context, 2 * INTEGRATION_HEADER_VALUE_MAX);
	buf_init(
	    &sealed, INTEGRATION_HEADER_VALUE_MAX + CRYPTO_SEALED_OVERHEAD);
	integration_header_context(&context, i->id, h->name);
	keyring_seal(keys, context.data, h->value, strlen(h->value), &sealed);
	BUG_ON(buf_failed(&context) || buf_failed(&sealed));
	pg_elem_bytes(p, sealed.data, sealed.len);
	buf_fini(&sealed);
	buf_fini(&context);
}

/* The row of `stored` with this name, or -1. */
static int
find_sealed(const PGresult *stored, const char *name)
{
	size_t n, len = strlen(name);

	for (int row = 0; row < PQntuples(stored); row++) {
		const char *s = pg_bytes(stored, row, 0, &n);

		if (n == len && strncasecmp(s, name, n) == 0)
			return row;
	}
	return -1;
}

static enum err
elem_header(struct pg_params *p, const struct keyring *keys,
    const struct integration *i, const struct integration_header *h,
    const PGresult *stored, struct errinfo *ei)
{
	const char *sealed;
	size_t n;
	int row;

	if (!h->secret) {
		pg_elem_null(p);
		return ERR_OK;
	}
	if (h->value != NULL) {
		elem_sealed(p, keys, i, h);
		return ERR_OK;
	}
	row = stored != NULL ? find_sealed(stored, h->name) : -1;
	if (row < 0)
		return err_set(ei, ERR_UNPROCESSABLE,
		    "no value is stored for the secret header %s; give one",
		    h->name);
	sealed = pg_bytes(stored, row, 1, &n);
	pg_elem_bytes(p, sealed, n);
	return ERR_OK;
}

/* stored: the sealed values to keep, or NULL. */
static enum err
write_headers(struct change *c, const struct keyring *keys,
    const struct integration *i, const PGresult *stored)
{
	struct pg_params p;
	enum err e = ERR_OK;

	if (i->header_count == 0)
		return ERR_OK;
	pg_params_init(&p);
	pg_add_int4(&p, i->id);
	pg_array_begin(&p, PG_TEXT, i->header_count);
	for (size_t n = 0; n < i->header_count; n++)
		pg_elem_text(&p, i->headers[n].name);
	pg_array_end(&p);
	pg_array_begin(&p, PG_TEXT, i->header_count);
	for (size_t n = 0; n < i->header_count; n++)
		pg_elem_text(
		    &p, i->headers[n].secret ? NULL : i->headers[n].value);
	pg_array_end(&p);
	pg_array_begin(&p, PG_BYTEA, i->header_count);
	for (size_t n = 0; n < i->header_count && e == ERR_OK; n++)
		e = elem_header(&p, keys, i, &i->headers[n], stored, c->ei);
	if (e != ERR_OK) {
		pg_params_fini(&p);
		return e;
	}
	pg_array_end(&p);
	return change_run(c, &insert_headers, &p, NULL);
}

static enum err
replace_headers(
    struct change *c, const struct keyring *keys, const struct integration *i)
{
	struct pg_params p;
	PGresult *stored;
	enum err e;

	pg_params_init(&p);
	pg_add_int4(&p, i->id);
	e = change_run(c, &read_sealed, &p, &stored);
	if (e != ERR_OK)
		return e;
	pg_params_init(&p);
	pg_add_int4(&p, i->id);
	e = change_run(c, &delete_headers, &p, NULL);
	if (e == ERR_OK)
		e = write_headers(c, keys, i, stored);
	PQclear(stored);
	return e;
}

/* ---- tokens ----------------------------------------------------------------
 */

static enum err
write_token(struct change *c, const struct keyring *keys,
    const struct integration *i, const char *token,
    struct integration_token *out)
{
	const char *key_id = keyring_id(keys, 0);
	struct pg_params p;
	size_t n = strlen(key_id);

	BUG_ON(n > CRYPTO_KEY_ID_MAX);
	memcpy(out->key_id, key_id, n + 1);
	keyring_mac(keys, 0, token, strlen(token), out->mac);
	out->expires_us = INT64_MAX;
	pg_params_init(&p);
	pg_add_int4(&p, i->id);
	pg_add_text(&p, out->key_id);
	pg_add_bytes(&p, PG_BYTEA, out->mac, sizeof(out->mac));
	pg_add_text(&p, c->actor);
	return change_run(c, &insert_token, &p, NULL);
}

/* *expires_us: of the old one that stays, or 0. */
static enum err
retire(struct change *c, int32_t integration_id, int64_t keep_old_ms,
    int64_t *expires_us)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	*expires_us = 0;
	pg_params_init(&p);
	pg_add_int4(&p, integration_id);
	pg_add_int8(&p, keep_old_ms);
	e = change_run(c, &retire_tokens, &p, &r);
	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 1)
		*expires_us = pg_time(r, 0, 0);
	PQclear(r);
	return ERR_OK;
}

/* ---- the changes -----------------------------------------------------------
 */

enum err
integration_touch(struct change *c, struct integration *i)
{
	struct pg_params p;

	pg_params_init(&p);
	pg_add_int4(&p, i->id);
	pg_add_text(&p, c->actor);
	return write_row(c, &touch_integration, &p, i);
}

/* ERR_CONFLICT with a sentence that names who has the name. */
static enum err
name_taken(struct change *c, const struct integration *i)
{
	struct integration *other;
	enum err e = integrations_find(
	    c->pg, NULL, i->name, c->deadline_ms, &other, c->ei);

	if (e == ERR_NOT_FOUND)
		return err_set(c->ei, ERR_CONFLICT,
		    "the name or the new key was taken just now; try again");
	if (e != ERR_OK)
		return e;
	e = err_set(c->ei, ERR_CONFLICT,
	    "the name is taken: the integration %s is called \"%.200s\"",
	    other->key, other->name);
	if (c->ei != NULL)
		err_where(c->ei, "name");
	integration_unref(other);
	return e;
}

static enum err
audit_diff(struct change *c, const char *verb, const struct integration *old,
    const struct integration *now)
{
	struct buf detail;
	enum err e;

	buf_init(&detail, CHANGE_AUDIT_MAX);
	integration_diff(&detail, old, now);
	e = change_audit(c, now->id, verb, &detail);
	buf_fini(&detail);
	return e;
}

static enum err
audit_token(struct change *c, int32_t id, int64_t old_expires_us)
{
	char until[CLOCK_TEXT_MAX];
	struct buf detail;
	enum err e;

	buf_init(&detail, CHANGE_AUDIT_MAX);
	buf_adds(&detail, "{\"token\":\"set\"");
	if (old_expires_us != 0) {
		clock_format(old_expires_us, until);
		buf_addf(&detail, ",\"old_valid_until\":\"%s\"", until);
	}
	buf_addc(&detail, '}');
	e = change_audit(c, id, "token", &detail);
	buf_fini(&detail);
	return e;
}

enum err
integrations_create(struct pg *pg, const struct keyring *keys,
    struct integration *i, const char *token, const char *actor,
    int64_t deadline_ms, struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	struct pg_params p;
	enum err e;

	e = integration_check_credentials(
	    i, token != NULL, i->signing_count != 0, ei);
	if (e == ERR_OK)
		e = integration_check_reply(i, ei);
	if (e != ERR_OK)
		return e;
	crypto_random_base32(i->key, INTEGRATION_KEY_LEN);
	e = change_begin(&c);
	if (e != ERR_OK)
		return e;
	pg_params_init(&p);
	add_settings(&p, i, actor);
	pg_add_text(&p, i->sync ? "sync" : "async");
	add_intake(&p, i);
	e = write_row(&c, &insert_integration, &p, i);
	if (e == ERR_OK)
		e = write_headers(&c, keys, i, NULL);
	if (e == ERR_OK)
		e = integration_write_parts(&c, keys, i);
	if (e == ERR_OK && token != NULL) {
		e = write_token(&c, keys, i, token, &i->tokens[0]);
		i->token_count = 1;
	}
	if (e == ERR_OK)
		e = audit_diff(&c, "create", NULL, i);
	if (e == ERR_OK && token != NULL)
		e = audit_token(&c, i->id, 0);
	e = change_end(&c, e);
	if (c.taken)
		return name_taken(&c, i);
	i->created_us = i->modified_us;
	free(i->created_by);
	i->created_by = mem_strdup(actor);
	return e;
}

/* The stored one, if it still is the version that *i was made of. */
static enum err
read_same(
    struct change *c, const struct integration *i, struct integration **old)
{
	enum err e =
	    integrations_find(c->pg, NULL, i->key, c->deadline_ms, old, c->ei);

	if (e != ERR_OK)
		return e;
	return integration_check_credentials(i, (*old)->token_count != 0,
	    (i->signing_fresh ? i : *old)->signing_count != 0, c->ei);
}

enum err
integrations_update(struct pg *pg, const struct keyring *keys,
    struct integration *i, const char *verb, const char *actor,
    int64_t deadline_ms, struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	struct integration *old = NULL;
	struct pg_params p;
	enum err e = integration_check_reply(i, ei);

	if (e == ERR_OK)
		e = change_begin(&c);
	if (e != ERR_OK)
		return e;
	e = read_same(&c, i, &old);
	if (e == ERR_OK) {
		pg_params_init(&p);
		add_settings(&p, i, actor);
		pg_add_int8(&p, i->settings_version);
		add_intake(&p, i);
		e = write_row(&c, &update_integration, &p, i);
	}
	if (e == ERR_OK)
		e = replace_headers(&c, keys, i);
	if (e == ERR_OK)
		e = integration_replace_parts(&c, keys, i);
	if (e == ERR_OK)
		e = audit_diff(&c, verb, old, i);
	if (e == ERR_OK)
		e = reply_status_saved(&c, old, i, verb);
	e = change_end(&c, e);
	if (c.taken)
		e = name_taken(&c, i);
	integration_unref(old);
	return e;
}

enum err
integrations_set_token(struct pg *pg, const struct keyring *keys,
    struct integration *i, const char *token, int64_t keep_old_ms,
    const char *actor, int64_t deadline_ms, struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	struct integration_token fresh;
	int64_t old_us = 0;
	enum err e;

	e = change_begin(&c);
	if (e != ERR_OK)
		return e;
	e = integration_touch(&c, i);
	if (e == ERR_OK)
		e = retire(&c, i->id, keep_old_ms, &old_us);
	if (e == ERR_OK)
		e = write_token(&c, keys, i, token, &fresh);
	if (e == ERR_OK)
		e = audit_token(&c, i->id, old_us);
	e = change_end(&c, e);
	if (e != ERR_OK)
		return e;
	i->tokens[1] = i->tokens[0];
	i->tokens[1].expires_us = old_us;
	i->tokens[0] = fresh;
	i->token_count = old_us != 0 ? 2 : 1;
	return ERR_OK;
}
