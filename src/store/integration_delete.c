#include "config.h"

#include "store/integrations.h"

#include <string.h>

#include "store/change.h"
#include "store/pgval.h"

/* Queue rows that one statement cancels. */
#define CANCEL_BATCH 1000

static const struct pg_stmt soft_delete = {"integration_soft_delete",
    "update ewa.integration set deleted_at = now(), modified_at = now(),"
    " modified_by = $2 where id = $1 and deleted_at is null"
    " returning settings_version, modified_at"};

/* Its credentials and secrets are of no use any more. */
static const struct pg_stmt drop_tokens = {"integration_drop_tokens",
    "delete from ewa.integration_token where integration_id = $1"};
static const struct pg_stmt drop_headers = {"integration_drop_headers",
    "delete from ewa.integration_header where integration_id = $1"};
static const struct pg_stmt drop_signing = {"integration_drop_signing",
    "delete from ewa.integration_signing_secret where integration_id = $1"};
static const struct pg_stmt drop_reply_secrets = {"integration_drop_reply",
    "delete from ewa.integration_reply_secret where integration_id = $1"};

/*
 * Queue rows x, locked in order of their key as everywhere (QUEUE), get
 * outcomes and leave the queue.  Gives the last key.
 */
#define CANCEL                                                            \
	"d as ("                                                          \
	" delete from ewa.queue q using x where q.event_id = x.event_id"  \
	" returning q.event_id, q.integration_id, q.step, q.handled_at,"  \
	"  q.tries),"                                                     \
	"o as ("                                                          \
	" insert into ewa.outcome (event_id, seq, integration_id, state," \
	"  reply_state, reason, handled_at, finished_at, attempts)"       \
	" select d.event_id, coalesce((select max(p.seq) + 1"             \
	"   from ewa.outcome p where p.event_id = d.event_id), 0),"       \
	"  d.integration_id,"                                             \
	"  case d.step when 0 then 'failed' else 'handled' end,"          \
	"  case when d.step = 0 and i.reply_url = '' then 'none'"         \
	"   else 'cancelled' end,"                                        \
	"  'the integration was deleted', d.handled_at,"                  \
	"  greatest(d.handled_at, now()), d.tries"                        \
	" from d join ewa.integration i on i.id = d.integration_id)"      \
	"select event_id from d order by event_id desc limit 1"

/* The batches of one transaction follow each other by key, so that its locks
 * keep their order as a whole. */
static const struct pg_stmt cancel_of_one = {"integration_cancel",
    "with x as materialized ("
    " select event_id from ewa.queue"
    " where integration_id = $2 and event_id > $3"
    " order by event_id limit $1 for update)," CANCEL};

static const struct pg_stmt cancel_of_deleted = {"integration_cancel_late",
    "with s as materialized ("
    " select s.event_id from ewa.integration i cross join lateral ("
    "  select q.event_id from ewa.queue q where q.integration_id = i.id"
    "  order by q.due_at limit $1) s"
    " where i.deleted_at is not null limit $1),"
    "x as materialized ("
    " select event_id from ewa.queue where event_id in (select event_id from s)"
    " order by event_id for update)," CANCEL};

static enum err
mark_deleted(struct change *c, struct integration *i)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	pg_params_init(&p);
	pg_add_int4(&p, i->id);
	pg_add_text(&p, c->actor);
	e = change_run(c, &soft_delete, &p, &r);
	if (e != ERR_OK)
		return e;
	if (PQntuples(r) == 1) {
		i->settings_version = pg_int8(r, 0, 0);
		i->modified_us = pg_time(r, 0, 1);
	} else {
		e = err_set(c->ei, ERR_NOT_FOUND,
		    "the integration %s was deleted by somebody else just now",
		    i->key);
	}
	PQclear(r);
	return e;
}

static enum err
drop_parts(struct change *c, int32_t id)
{
	static const struct pg_stmt *const drops[] = {
	    &drop_tokens, &drop_headers, &drop_signing, &drop_reply_secrets};
	struct pg_params p;
	enum err e = ERR_OK;

	for (size_t n = 0; n < sizeof(drops) / sizeof(drops[0]) && e == ERR_OK;
	     n++) {
		pg_params_init(&p);
		pg_add_int4(&p, id);
		e = change_run(c, drops[n], &p, NULL);
	}
	return e;
}

static enum err
cancel_pending(struct change *c, int32_t id)
{
	struct pg_params p;
	struct uuid mark = {{0}};
	bool more = true;
	PGresult *r;
	enum err e;

	while (more) {
		pg_params_init(&p);
		pg_add_int8(&p, CANCEL_BATCH);
		pg_add_int4(&p, id);
		pg_add_uuid(&p, &mark);
		e = change_run(c, &cancel_of_one, &p, &r);
		if (e != ERR_OK)
			return e;
		more = PQntuples(r) == 1;
		if (more)
			pg_uuid(r, 0, 0, &mark);
		PQclear(r);
	}
	return ERR_OK;
}

static enum err
audit_deleted(struct change *c, const struct integration *i)
{
	struct buf detail;
	enum err e;

	buf_init(&detail, CHANGE_AUDIT_MAX);
	buf_adds(&detail, "{\"name\":");
	buf_add_json_str(&detail, i->name, strlen(i->name));
	buf_addc(&detail, '}');
	e = change_audit(c, i->id, "delete", &detail);
	buf_fini(&detail);
	return e;
}

enum err
integrations_delete(struct pg *pg, struct integration *i, const char *actor,
    int64_t deadline_ms, struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	enum err e;

	e = change_begin(&c);
	if (e != ERR_OK)
		return e;
	e = mark_deleted(&c, i);
	if (e == ERR_OK)
		e = drop_parts(&c, i->id);
	if (e == ERR_OK)
		e = cancel_pending(&c, i->id);
	if (e == ERR_OK)
		e = audit_deleted(&c, i);
	e = change_end(&c, e);
	i->deleted = e == ERR_OK;
	return e;
}

enum err
integrations_cancel_late(
    struct pg *pg, int64_t deadline_ms, bool *more, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	*more = false;
	pg_params_init(&p);
	pg_add_int8(&p, CANCEL_BATCH);
	e = pg_query(pg, &cancel_of_deleted, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	*more = PQntuples(r) == 1;
	PQclear(r);
	return ERR_OK;
}
