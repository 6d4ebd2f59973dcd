#include "config.h"

#include "store/change.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define ROLLBACK_MS 2000

static const struct pg_stmt commit = {"integration_commit", "commit"};

static const struct pg_stmt insert_audit = {"integration_audit",
    "insert into ewa.audit (actor, action, integration_id, detail)"
    " values ($1, 'integration.' || $2, $3, $4)"};

static const struct pg_stmt insert_other = {"other_audit",
    "insert into ewa.audit (actor, action, detail) values ($1, $2, $3)"};

/* ---- one transaction -------------------------------------------------------
 */

enum err
change_begin(struct change *c)
{
	return pg_script(c->pg, "begin", c->deadline_ms, c->ei);
}

enum err
change_run(struct change *c, const struct pg_stmt *stmt,
    struct pg_params *params, PGresult **out)
{
	enum err e = pg_query(c->pg, stmt, params, c->deadline_ms, out, c->ei);

	if (params != NULL)
		pg_params_fini(params);
	c->taken = e == ERR_CONFLICT;
	return e;
}

/* The connection was lost in the middle of a commit. */
static enum err
in_doubt(struct change *c, enum err e)
{
	char why[200];

	if (e != ERR_UNAVAILABLE || c->ei == NULL)
		return e;
	snprintf(why, sizeof(why), "%.199s", c->ei->detail);
	return err_set(c->ei, e,
	    "%s; it is not known whether the change was stored, look before "
	    "you try again",
	    why);
}

enum err
change_end(struct change *c, enum err e)
{
	PGresult *r;

	if (e != ERR_OK) {
		/* a failed statement leads to rollback; the connection may be
		 * gone, which rolls back by itself */
		if (pg_is_open(c->pg) &&
		    pg_script(c->pg, "rollback", clock_mono_ms() + ROLLBACK_MS,
			NULL) != ERR_OK)
			pg_close(c->pg);
		return e;
	}
	e = change_run(c, &commit, NULL, &r);
	if (e != ERR_OK)
		return in_doubt(c, e);
	if (strcmp(PQcmdStatus(r), "COMMIT") != 0)
		e = err_set(c->ei, ERR_INTERNAL,
		    "database: the change was rolled back");
	PQclear(r);
	return e;
}

enum err
change_audit(struct change *c, int32_t integration_id, const char *verb,
    const struct buf *detail)
{
	struct pg_params p;

	BUG_ON(buf_failed(detail));
	pg_params_init(&p);
	pg_add_text(&p, c->actor);
	pg_add_text(&p, verb);
	pg_add_int4(&p, integration_id);
	pg_add_bytes(&p, PG_JSON, detail->data, detail->len);
	return change_run(c, &insert_audit, &p, NULL);
}

enum err
change_audit_other(
    struct change *c, const char *action, const struct buf *detail)
{
	struct pg_params p;

	BUG_ON(buf_failed(detail));
	pg_params_init(&p);
	pg_add_text(&p, c->actor);
	pg_add_text(&p, action);
	pg_add_bytes(&p, PG_JSON, detail->data, detail->len);
	return change_run(c, &insert_other, &p, NULL);
}
