/*
 * A change of settings: one transaction with its row in ewa.audit; for the
 * store's own files only.
 *
 * change_begin, statements by change_run as long as all goes well,
 * change_end.  change_end commits if it is given ERR_OK and else rolls back;
 * it returns what became of the whole.  A commit whose answer was lost is
 * ERR_UNAVAILABLE: it may have been stored or not.
 */
#ifndef EWA_STORE_CHANGE_H
#define EWA_STORE_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/pgval.h"

#define CHANGE_AUDIT_MAX ((size_t)64 << 10)

struct change {
	struct pg *pg;
	const char *actor;
	int64_t deadline_ms;
	struct errinfo *ei;
	bool taken; /* a unique constraint was broken */
};

enum err change_begin(struct change *c);

/* Takes the parameters (they are fini'ed; NULL: none).  out may be NULL. */
enum err change_run(struct change *c, const struct pg_stmt *stmt,
    struct pg_params *params, PGresult **out);
enum err change_end(struct change *c, enum err e);

/* Who did what to which integration; detail is a JSON object. */
enum err change_audit(struct change *c, int32_t integration_id,
    const char *verb, const struct buf *detail);

/* The same of what is no integration; action is whole: "user.create". */
enum err change_audit_other(
    struct change *c, const char *action, const struct buf *detail);

#endif
