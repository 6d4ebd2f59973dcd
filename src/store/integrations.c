#include "config.h"

#include "store/integrations.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/integration_rows.h"
#include "store/pgval.h"

/*
 * One statement reads the integration and its parts (enum part), so
 * that they are of one snapshot: a new secret header never meets the reply
 * URL of before.  The integration's columns repeat on each row.
 */
#define READ(which, order)                                                     \
	"select i.id, i.key, i.name, i.external_system, i.enabled,"            \
	" i.deleted_at is not null, i.paused_until, i.description, i.contact," \
	" i.team, i.token_header, i.allow_query_token, i.accept_malformed,"    \
	" i.max_body_bytes, coalesce(i.request_timeout_ms, 0), i.reply_url,"   \
	" i.reply_method, i.settings_version, i.created_at, i.modified_at,"    \
	" i.created_by, i.modified_by,"                                        \
	" i.repeat_window_ms, i.signature_header, i.signature_rule,"           \
	" i.rate_limit, i.rate_burst, coalesce(i.stop_replies_after_ms, 0),"   \
	" i.subject, p.part, p.name, p.value, p.bytes, p.expires_at"           \
	" from ewa.integration i"                                              \
	" left join lateral ("                                                 \
	"  select 1 as part, h.position::int as n, h.name, h.value,"           \
	"   h.sealed as bytes, null::timestamptz as expires_at"                \
	"  from ewa.integration_header h where h.integration_id = i.id"        \
	"  union all"                                                          \
	"  select 2, -t.id, t.key_id, null, t.mac,"                            \
	"   coalesce(t.expires_at, 'infinity')"                                \
	"  from ewa.integration_token t where t.integration_id = i.id"         \
	"  and (t.expires_at is null or t.expires_at > now())"                 \
	"  union all"                                                          \
	"  select 3, -s.id, null, null, s.sealed,"                             \
	"   coalesce(s.expires_at, 'infinity')"                                \
	"  from ewa.integration_signing_secret s"                              \
	"  where s.integration_id = i.id"                                      \
	"  and (s.expires_at is null or s.expires_at > now())"                 \
	"  union all"                                                          \
	"  select 4, -s.id, s.kind, null, s.sealed,"                           \
	"   coalesce(s.expires_at, 'infinity')"                                \
	"  from ewa.integration_reply_secret s"                                \
	"  where s.integration_id = i.id"                                      \
	"  and (s.expires_at is null or s.expires_at > now())"                 \
	" ) p on true where " which " order by " order ", p.part, p.n"

enum column {
	C_ID,
	C_KEY,
	C_NAME,
	C_SYSTEM,
	C_ENABLED,
	C_DELETED,
	C_PAUSED,
	C_DESCRIPTION,
	C_CONTACT,
	C_TEAM,
	C_TOKEN_HEADER,
	C_QUERY_TOKEN,
	C_MALFORMED,
	C_MAX_BODY,
	C_TIMEOUT,
	C_URL,
	C_METHOD,
	C_VERSION,
	C_CREATED,
	C_MODIFIED,
	C_CREATED_BY,
	C_MODIFIED_BY,
	C_REPEAT,
	C_SIGNATURE_HEADER,
	C_SIGNATURE_RULE,
	C_RATE,
	C_BURST,
	C_STOP_AFTER,
	C_SUBJECT,
	C_PART,
	C_PART_NAME,
	C_PART_VALUE,
	C_PART_BYTES,
	C_PART_EXPIRES
};

enum part {
	PART_HEADER = 1,
	PART_TOKEN = 2,
	PART_SIGNING = 3,
	PART_REPLY_SECRET = 4
};

/* Which secrets are opened, with which keys; NULL: none. */
struct openers {
	const struct keyring *reply, *signing;
};

static const struct pg_stmt read_changed = {"integrations_changed",
    READ("i.settings_version > $1", "i.settings_version, i.id")};

static const struct pg_stmt read_all = {
    "integrations_list", READ("i.deleted_at is null", "lower(i.name), i.id")};

/* By key, else by name. */
static const struct pg_stmt read_one = {"integrations_find",
    READ("i.id = coalesce("
	 " (select id from ewa.integration"
	 "  where key = lower($1) and deleted_at is null),"
	 " (select id from ewa.integration"
	 "  where lower(name) = lower($1) and deleted_at is null))",
	"i.id")};

void
integration_list_fini(struct integration_list *l)
{
	for (size_t n = 0; n < l->count; n++)
		integration_unref(l->items[n]);
	free(l->items);
	l->items = NULL;
	l->count = 0;
}

void
integration_header_context(
    struct buf *out, int32_t integration_id, const char *name)
{
	buf_addf(out, "reply-header:%d:", (int)integration_id);
	for (; *name != '\0'; name++)
		buf_addc(out, *name >= 'A' && *name <= 'Z'
				  ? (char)(*name - 'A' + 'a')
				  : *name);
}

void
integration_signing_context(struct buf *out, int32_t integration_id)
{
	buf_addf(out, "signing-secret:%d", (int)integration_id);
}

/* ---- rows ------------------------------------------------------------------
 */

static void
take_text(const PGresult *r, int row, enum column col, char **out)
{
	free(*out);
	*out = pg_text(r, row, (int)col);
}

static void
take_intake(struct integration *i, const PGresult *r, int row)
{
	char *rule = pg_text(r, row, C_SIGNATURE_RULE);

	i->repeat_window_ms = pg_int8(r, row, C_REPEAT);
	take_text(r, row, C_SIGNATURE_HEADER, &i->signature_header);
	BUG_ON(!signature_rule_parse(rule, &i->signature_rule));
	i->rate_limit = pg_int4(r, row, C_RATE);
	i->rate_burst = pg_int4(r, row, C_BURST);
	free(rule);
}

static struct integration *
take_integration(const PGresult *r, int row)
{
	struct integration *i = integration_new();
	const char *s;
	size_t n;

	i->id = pg_int4(r, row, C_ID);
	s = pg_bytes(r, row, C_KEY, &n);
	BUG_ON(n != INTEGRATION_KEY_LEN);
	memcpy(i->key, s, n);
	take_text(r, row, C_NAME, &i->name);
	s = pg_bytes(r, row, C_SYSTEM, &n);
	i->sync = n == 4 && memcmp(s, "sync", n) == 0;
	i->enabled = pg_bool(r, row, C_ENABLED);
	i->deleted = pg_bool(r, row, C_DELETED);
	if (!pg_null(r, row, C_PAUSED))
		i->paused_until_us = pg_time(r, row, C_PAUSED);
	take_text(r, row, C_DESCRIPTION, &i->description);
	take_text(r, row, C_CONTACT, &i->contact);
	take_text(r, row, C_TEAM, &i->team);
	take_text(r, row, C_TOKEN_HEADER, &i->token_header);
	i->allow_query_token = pg_bool(r, row, C_QUERY_TOKEN);
	i->accept_malformed = pg_bool(r, row, C_MALFORMED);
	i->max_body_bytes = pg_int4(r, row, C_MAX_BODY);
	i->request_timeout_ms = pg_int8(r, row, C_TIMEOUT);
	i->stop_replies_after_ms = pg_int8(r, row, C_STOP_AFTER);
	take_text(r, row, C_SUBJECT, &i->subject);
	take_text(r, row, C_URL, &i->reply_url);
	take_text(r, row, C_METHOD, &i->reply_method);
	i->settings_version = pg_int8(r, row, C_VERSION);
	i->created_us = pg_time(r, row, C_CREATED);
	i->modified_us = pg_time(r, row, C_MODIFIED);
	take_text(r, row, C_CREATED_BY, &i->created_by);
	take_text(r, row, C_MODIFIED_BY, &i->modified_by);
	take_intake(i, r, row);
	return i;
}

/* What is sealed in the row, new; NULL if it can't be had.  what is "" or a
 * name for the log. */
static char *
open_sealed(const struct integration *i, const PGresult *r, int row,
    const char *context, const char *what, const struct keyring *keys)
{
	const char *sealed;
	struct buf value;
	struct errinfo ei;
	char *s = NULL;
	size_t n;

	sealed = pg_bytes(r, row, C_PART_BYTES, &n);
	buf_init(&value, INTEGRATION_HEADER_VALUE_MAX);
	if (keyring_open(keys, context, sealed, n, &value, &ei) != ERR_OK)
		log_error(F_STR("msg", "a secret can't be opened"),
		    F_STR("integration", i->key), F_STR("name", i->name),
		    F_STR("secret", what), F_STR("why", ei.detail));
	else
		s = mem_strndup(value.data, value.len);
	mem_wipe(value.data, value.len);
	buf_fini(&value);
	return s;
}

static char *
open_header(const struct integration *i, const char *name, const PGresult *r,
    int row, const struct keyring *keys)
{
	struct buf context;
	char *s;

	if (keys == NULL)
		return NULL;
	buf_init(&context, 64 + 2 * INTEGRATION_HEADER_VALUE_MAX);
	integration_header_context(&context, i->id, name);
	s = open_sealed(i, r, row, context.data, name, keys);
	buf_fini(&context);
	return s;
}

static void
take_signing(struct integration *i, const PGresult *r, int row,
    const struct keyring *keys)
{
	struct integration_signing *s;
	struct buf context;

	if (i->signing_count == INTEGRATION_TOKENS_MAX)
		return; /* the newest count */
	s = &i->signing[i->signing_count++];
	s->expires_us = pg_time(r, row, C_PART_EXPIRES);
	if (keys == NULL)
		return;
	buf_init(&context, 64);
	integration_signing_context(&context, i->id);
	s->secret =
	    open_sealed(i, r, row, context.data, "signing secret", keys);
	buf_fini(&context);
}

static void
take_header(struct integration *i, const PGresult *r, int row,
    const struct keyring *keys)
{
	char *name = pg_text(r, row, C_PART_NAME);
	bool secret = pg_null(r, row, C_PART_VALUE);
	char *value = secret ? open_header(i, name, r, row, keys)
			     : pg_text(r, row, C_PART_VALUE);

	integration_add_header(i, name, value, secret);
	mem_free_secret(value);
	free(name);
}

static void
take_token(struct integration *i, const PGresult *r, int row)
{
	struct integration_token *t;
	const char *s;
	size_t n;

	if (i->token_count == INTEGRATION_TOKENS_MAX)
		return; /* the newest count */
	t = &i->tokens[i->token_count];
	s = pg_bytes(r, row, C_PART_NAME, &n);
	if (n > CRYPTO_KEY_ID_MAX)
		return; /* no key of ours has such a name */
	memcpy(t->key_id, s, n);
	t->key_id[n] = '\0';
	s = pg_bytes(r, row, C_PART_BYTES, &n);
	BUG_ON(n != CRYPTO_MAC_LEN);
	memcpy(t->mac, s, n);
	t->expires_us = pg_time(r, row, C_PART_EXPIRES);
	i->token_count++;
}

static void
take_reply_secret(struct integration *i, const PGresult *r, int row,
    const struct keyring *keys)
{
	char *kind = pg_text(r, row, C_PART_NAME);
	const char *sealed;
	size_t n;

	sealed = pg_bytes(r, row, C_PART_BYTES, &n);
	integration_take_reply_secret(
	    i, kind, sealed, n, pg_time(r, row, C_PART_EXPIRES), keys);
	free(kind);
}

static void
take_part(struct integration *i, const PGresult *r, int row,
    const struct openers *keys)
{
	switch (pg_int4(r, row, C_PART)) {
	case PART_HEADER:
		take_header(i, r, row, keys->reply);
		break;
	case PART_TOKEN:
		take_token(i, r, row);
		break;
	case PART_SIGNING:
		take_signing(i, r, row, keys->signing);
		break;
	case PART_REPLY_SECRET:
		take_reply_secret(i, r, row, keys->reply);
		break;
	default:
		BUG_ON(true);
	}
}

static void
take_rows(
    const PGresult *r, const struct openers *keys, struct integration_list *out)
{
	int rows = PQntuples(r);
	struct integration *i = NULL;

	out->items = mem_array((size_t)rows, sizeof(struct integration *));
	for (int row = 0; row < rows; row++) {
		if (i == NULL || i->id != pg_int4(r, row, C_ID)) {
			i = take_integration(r, row);
			out->items[out->count++] = i;
		}
		if (!pg_null(r, row, C_PART))
			take_part(i, r, row, keys);
	}
}

/* ---- reading ---------------------------------------------------------------
 */

static enum err
read_rows(struct pg *pg, const struct pg_stmt *stmt,
    const struct pg_params *params, const struct openers *keys,
    int64_t deadline_ms, struct integration_list *out, struct errinfo *ei)
{
	PGresult *r;
	enum err e;

	out->items = NULL;
	out->count = 0;
	e = pg_query(pg, stmt, params, deadline_ms, &r, ei);
	if (e != ERR_OK)
		return e;
	take_rows(r, keys, out);
	PQclear(r);
	return ERR_OK;
}

static enum err
changed(struct pg *pg, const struct openers *keys, int64_t after,
    int64_t deadline_ms, struct integration_list *out, struct errinfo *ei)
{
	struct pg_params p;
	enum err e;

	pg_params_init(&p);
	pg_add_int8(&p, after);
	e = read_rows(pg, &read_changed, &p, keys, deadline_ms, out, ei);
	pg_params_fini(&p);
	return e;
}

enum err
integrations_changed(struct pg *pg, const struct keyring *keys, int64_t after,
    int64_t deadline_ms, struct integration_list *out, struct errinfo *ei)
{
	struct openers o = {.reply = keys};

	return changed(pg, &o, after, deadline_ms, out, ei);
}

enum err
integrations_changed_intake(struct pg *pg, const struct keyring *keys,
    int64_t after, int64_t deadline_ms, struct integration_list *out,
    struct errinfo *ei)
{
	struct openers o = {.signing = keys};

	return changed(pg, &o, after, deadline_ms, out, ei);
}

enum err
integrations_list(struct pg *pg, int64_t deadline_ms,
    struct integration_list *out, struct errinfo *ei)
{
	struct openers none = {NULL, NULL};

	return read_rows(pg, &read_all, NULL, &none, deadline_ms, out, ei);
}

enum err
integrations_find(struct pg *pg, const struct keyring *keys,
    const char *key_or_name, int64_t deadline_ms, struct integration **out,
    struct errinfo *ei)
{
	struct openers o = {.reply = keys};
	struct integration_list l;
	struct pg_params p;
	enum err e;

	*out = NULL;
	pg_params_init(&p);
	pg_add_text(&p, key_or_name);
	e = read_rows(pg, &read_one, &p, &o, deadline_ms, &l, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	if (l.count == 0)
		e = err_set(ei, ERR_NOT_FOUND,
		    "there is no integration with the key or name \"%.200s\"",
		    key_or_name);
	else
		*out = integration_ref(l.items[0]);
	integration_list_fini(&l);
	return e;
}
