/* Signing secrets of integrations: set, changed, taken away. */
#include "config.h"

#include "store/integrations.h"

#include <string.h>

#include "base/clock.h"
#include "base/keyring.h"
#include "base/mem.h"
#include "store/change.h"
#include "store/integration_rows.h"
#include "store/pgval.h"

/* Room for one more: of the old ones only the newest may stay, for a while. */
static const struct pg_stmt retire_secrets = {"signing_retire",
    "with keep as ("
    " select id from ewa.integration_signing_secret"
    " where integration_id = $1 and $2 > 0"
    "  and (expires_at is null or expires_at > now())"
    " order by id desc limit 1),"
    "gone as ("
    " delete from ewa.integration_signing_secret where integration_id = $1"
    "  and id not in (select id from keep))"
    "update ewa.integration_signing_secret set expires_at = least("
    " coalesce(expires_at, 'infinity'), now() + $2 * interval '1 ms')"
    " where id in (select id from keep) returning expires_at"};

static const struct pg_stmt insert_secret = {"signing_insert",
    "insert into ewa.integration_signing_secret"
    " (integration_id, sealed, created_by) values ($1, $2, $3)"};

static enum err
write_secret(struct change *c, const struct keyring *keys,
    int32_t integration_id, const char *secret)
{
	struct buf context, sealed;
	struct pg_params p;

	BUG_ON(keys == NULL);
	buf_init(&context, 64);
	buf_init(
	    &sealed, INTEGRATION_HEADER_VALUE_MAX + CRYPTO_SEALED_OVERHEAD);
	integration_signing_context(&context, integration_id);
	keyring_seal(keys, context.data, secret, strlen(secret), &sealed);
	BUG_ON(buf_failed(&context) || buf_failed(&sealed));
	pg_params_init(&p);
	pg_add_int4(&p, integration_id);
	pg_add_bytes(&p, PG_BYTEA, sealed.data, sealed.len);
	pg_add_text(&p, c->actor);
	buf_fini(&sealed);
	buf_fini(&context);
	return change_run(c, &insert_secret, &p, NULL);
}

enum err
integration_write_signing(
    struct change *c, const struct keyring *keys, struct integration *i)
{
	enum err e = ERR_OK;

	/* the newest is the first, and has the greatest number */
	for (size_t n = i->signing_count; n > 0 && e == ERR_OK; n--)
		if (i->signing[n - 1].secret != NULL)
			e = write_secret(
			    c, keys, i->id, i->signing[n - 1].secret);
	return e;
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
	e = change_run(c, &retire_secrets, &p, &r);
	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 1)
		*expires_us = pg_time(r, 0, 0);
	PQclear(r);
	return ERR_OK;
}

static enum err
audit(struct change *c, int32_t id, bool removed, int64_t old_expires_us)
{
	char until[CLOCK_TEXT_MAX];
	struct buf detail;
	enum err e;

	buf_init(&detail, CHANGE_AUDIT_MAX);
	buf_addf(
	    &detail, "{\"signing_secret\":\"%s\"", removed ? "removed" : "set");
	if (old_expires_us != 0) {
		clock_format(old_expires_us, until);
		buf_addf(&detail, ",\"old_valid_until\":\"%s\"", until);
	}
	buf_addc(&detail, '}');
	e = change_audit(c, id, "signing", &detail);
	buf_fini(&detail);
	return e;
}

enum err
integration_replace_signing(
    struct change *c, const struct keyring *keys, struct integration *i)
{
	int64_t old_us;
	enum err e;

	if (!i->signing_fresh)
		return ERR_OK;
	e = retire(c, i->id, 0, &old_us);
	if (e == ERR_OK)
		e = integration_write_signing(c, keys, i);
	if (e == ERR_OK)
		e = audit(c, i->id, i->signing_count == 0, 0);
	return e;
}

/* What the caller's integration holds afterwards. */
static void
take_over(struct integration *i, bool removed, int64_t old_us)
{
	for (size_t n = 0; n < i->signing_count; n++)
		mem_free_secret(i->signing[n].secret);
	memset(i->signing, 0, sizeof(i->signing));
	i->signing[0].expires_us = INT64_MAX;
	i->signing[1].expires_us = old_us;
	i->signing_count = removed ? 0 : old_us != 0 ? 2 : 1;
}

enum err
integrations_set_signing(struct pg *pg, const struct keyring *keys,
    struct integration *i, const char *secret, int64_t keep_old_ms,
    const char *actor, int64_t deadline_ms, struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	int64_t old_us = 0;
	enum err e;

	e = integration_check_credentials(
	    i, i->token_count != 0, secret != NULL, ei);
	if (e == ERR_OK)
		e = change_begin(&c);
	if (e != ERR_OK)
		return e;
	e = integration_touch(&c, i);
	if (e == ERR_OK)
		e = retire(
		    &c, i->id, secret != NULL ? keep_old_ms : 0, &old_us);
	if (e == ERR_OK && secret != NULL)
		e = write_secret(&c, keys, i->id, secret);
	if (e == ERR_OK)
		e = audit(&c, i->id, secret == NULL, old_us);
	e = change_end(&c, e);
	if (e == ERR_OK)
		take_over(i, secret == NULL, old_us);
	return e;
}
