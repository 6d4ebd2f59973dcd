/* The sealed secrets of replies: read with their integration, written with it
 * or by themselves. */
#include "config.h"

#include "store/integrations.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/keyring.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/pem.h"
#include "store/change.h"
#include "store/integration_rows.h"
#include "store/pgval.h"

/* Room for one more: of the old ones only the newest may stay, for a while. */
static const struct pg_stmt retire_secrets = {"reply_secret_retire",
    "with keep as ("
    " select id from ewa.integration_reply_secret"
    " where integration_id = $1 and kind = $2 and $3 > 0"
    "  and (expires_at is null or expires_at > now())"
    " order by id desc limit 1),"
    "gone as ("
    " delete from ewa.integration_reply_secret where integration_id = $1"
    "  and kind = $2 and id not in (select id from keep))"
    "update ewa.integration_reply_secret set expires_at = least("
    " coalesce(expires_at, 'infinity'), now() + $3 * interval '1 ms')"
    " where id in (select id from keep) returning expires_at"};

static const struct pg_stmt insert_secret = {"reply_secret_insert",
    "insert into ewa.integration_reply_secret"
    " (integration_id, kind, sealed, created_by, certificate_subject,"
    " certificate_expires_at) values ($1, $2, $3, $4, $5, $6)"};

void
integration_reply_secret_context(
    struct buf *out, int32_t integration_id, enum reply_secret_kind kind)
{
	buf_addf(out, "reply-secret:%d:%s", (int)integration_id,
	    reply_secret_name(kind));
}

/* ---- reading ---------------------------------------------------------------
 */

/* The value, new; NULL if it can't be had. */
static char *
open_value(const struct integration *i, enum reply_secret_kind kind,
    const void *sealed, size_t n, const struct keyring *keys)
{
	struct buf context, value;
	struct errinfo ei;
	char *s = NULL;

	if (keys == NULL)
		return NULL;
	buf_init(&context, 64);
	buf_init(&value, REPLY_SECRET_MAX);
	integration_reply_secret_context(&context, i->id, kind);
	if (keyring_open(keys, context.data, sealed, n, &value, &ei) == ERR_OK)
		s = mem_strndup(value.data, value.len);
	else
		log_error(F_STR("msg", "a reply secret can't be opened"),
		    F_STR("integration", i->key), F_STR("name", i->name),
		    F_STR("secret", reply_secret_name(kind)),
		    F_STR("why", ei.detail));
	mem_wipe(value.data, value.len);
	buf_fini(&value);
	buf_fini(&context);
	return s;
}

void
integration_take_reply_secret(struct integration *i, const char *kind_name,
    const void *sealed, size_t n, int64_t expires_us,
    const struct keyring *keys)
{
	enum reply_secret_kind kind;
	char *value;

	if (!reply_secret_parse(kind_name, &kind))
		return; /* of a newer release */
	value = open_value(i, kind, sealed, n, keys);
	reply_secrets_add(&i->reply_secrets, kind, value, expires_us);
	mem_free_secret(value);
}

/* ---- writing ---------------------------------------------------------------
 */

/* Of a certificate: whom it names, and its end. */
static void
add_certificate(
    struct pg_params *p, enum reply_secret_kind kind, const char *value)
{
	struct pem_certificate c;

	if (kind == REPLY_CERTIFICATE && pem_read_certificate(value, &c)) {
		pg_add_text(p, c.subject);
		pg_add_time(p, c.expires_s * 1000000);
	} else {
		pg_add_text(p, NULL);
		pg_add_null(p, PG_TIMESTAMPTZ);
	}
}

static enum err
write_secret(struct change *c, const struct keyring *keys,
    int32_t integration_id, enum reply_secret_kind kind, const char *value)
{
	struct buf context, sealed;
	struct pg_params p;

	BUG_ON(keys == NULL);
	buf_init(&context, 64);
	buf_init(&sealed, REPLY_SECRET_MAX + CRYPTO_SEALED_OVERHEAD);
	integration_reply_secret_context(&context, integration_id, kind);
	keyring_seal(keys, context.data, value, strlen(value), &sealed);
	BUG_ON(buf_failed(&context) || buf_failed(&sealed));
	pg_params_init(&p);
	pg_add_int4(&p, integration_id);
	pg_add_text(&p, reply_secret_name(kind));
	pg_add_bytes(&p, PG_BYTEA, sealed.data, sealed.len);
	pg_add_text(&p, c->actor);
	add_certificate(&p, kind, value);
	buf_fini(&sealed);
	buf_fini(&context);
	return change_run(c, &insert_secret, &p, NULL);
}

/* *expires_us (may be NULL): of the old one that stays, or 0. */
static enum err
retire(struct change *c, int32_t integration_id, enum reply_secret_kind kind,
    int64_t keep_old_ms, int64_t *expires_us)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	pg_add_int4(&p, integration_id);
	pg_add_text(&p, reply_secret_name(kind));
	pg_add_int8(&p, keep_old_ms);
	e = change_run(c, &retire_secrets, &p, &r);
	if (e != ERR_OK)
		return e;
	if (expires_us != NULL)
		*expires_us = PQntuples(r) == 1 ? pg_time(r, 0, 0) : 0;
	PQclear(r);
	return ERR_OK;
}

enum err
integration_write_reply_secrets(
    struct change *c, const struct keyring *keys, const struct integration *i)
{
	const struct reply_secrets *s = &i->reply_secrets;
	enum err e = ERR_OK;

	for (int k = 0; k < REPLY_SECRET_KINDS && e == ERR_OK; k++)
		if (s->drop[k])
			e = retire(
			    c, i->id, (enum reply_secret_kind)k, 0, NULL);
	for (size_t n = 0; n < s->count && e == ERR_OK; n++)
		if (s->items[n].fresh)
			e = write_secret(c, keys, i->id, s->items[n].kind,
			    s->items[n].value);
	return e;
}

static enum err
audit(struct change *c, int32_t id, bool removed, int64_t old_expires_us)
{
	char until[CLOCK_TEXT_MAX];
	struct buf detail;
	enum err e;

	buf_init(&detail, CHANGE_AUDIT_MAX);
	buf_addf(
	    &detail, "{\"reply_secret\":\"%s\"", removed ? "removed" : "set");
	if (old_expires_us != 0) {
		clock_format(old_expires_us, until);
		buf_addf(&detail, ",\"old_valid_until\":\"%s\"", until);
	}
	buf_addc(&detail, '}');
	e = change_audit(c, id, "reply-secret", &detail);
	buf_fini(&detail);
	return e;
}

enum err
integrations_set_reply_signing(struct pg *pg, const struct keyring *keys,
    struct integration *i, const char *secret, int64_t keep_old_ms,
    const char *actor, int64_t deadline_ms, struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	int64_t old_us = 0;
	enum err e = change_begin(&c);

	if (e != ERR_OK)
		return e;
	e = integration_touch(&c, i);
	if (e == ERR_OK)
		e = retire(&c, i->id, REPLY_SIGNING,
		    secret != NULL ? keep_old_ms : 0, &old_us);
	if (e == ERR_OK && secret != NULL)
		e = write_secret(&c, keys, i->id, REPLY_SIGNING, secret);
	if (e == ERR_OK)
		e = audit(&c, i->id, secret == NULL, old_us);
	e = change_end(&c, e);
	if (e != ERR_OK)
		return e;
	reply_secrets_set(&i->reply_secrets, REPLY_SIGNING, secret);
	reply_secrets_stored(&i->reply_secrets);
	if (old_us != 0)
		reply_secrets_add(
		    &i->reply_secrets, REPLY_SIGNING, NULL, old_us);
	return ERR_OK;
}
