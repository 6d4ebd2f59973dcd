/* Who changed what. */
#include "config.h"

#include <string.h>

#include "base/jsonw.h"
#include "responder/api_ops.h"
#include "store/audit.h"

static void
write_entry(struct buf *b, const struct audit_entry *a)
{
	static const char prefix[] = "integration.";
	size_t n = sizeof(prefix) - 1;

	jsonw_object(b, NULL);
	jsonw_int(b, "id", a->id);
	jsonw_time(b, "at", a->at_us);
	jsonw_str(b, "actor", a->actor);
	jsonw_str(b, "action",
	    strncmp(a->action, prefix, n) == 0 ? a->action + n : a->action);
	if (a->key != NULL) {
		jsonw_object(b, "integration");
		jsonw_str(b, "key", a->key);
		jsonw_str(b, "name", a->name);
		jsonw_end_object(b);
	} else {
		jsonw_null(b, "integration");
	}
	jsonw_raw(b, "detail", a->detail);
	jsonw_end_object(b);
}

enum err
api_audit_get(struct call *c)
{
	struct audit_query q = {
	    .grants = &c->who.grants,
	    .actor = call_param(c, "actor"),
	    .action = call_param(c, "action"),
	    .from_us = INT64_MIN,
	    .to_us = INT64_MAX,
	};
	const char *key = call_param(c, "integration");
	struct integration *i = NULL;
	struct audit_list l;
	struct buf *b;
	enum err e = ERR_OK;

	call_param_time(c, "from", &q.from_us);
	call_param_time(c, "to", &q.to_us);
	call_page(c, &q.page);
	if (c->fault_count != 0)
		return ERR_UNPROCESSABLE;
	if (key != NULL)
		e = call_integration(c, key, ROLE_VIEWER, NULL, &i);
	if (i != NULL)
		q.integration_id = i->id;
	integration_unref(i);
	if (e == ERR_OK)
		e = audit_list(c->pg, &q, c->deadline_ms, &l, c->ei);
	if (e != ERR_OK)
		return e;
	b = call_json(c, HTTP_OK);
	jsonw_object(b, NULL);
	jsonw_array(b, "items");
	for (size_t n = 0; n < l.count; n++)
		write_entry(b, &l.items[n]);
	jsonw_end_array(b);
	call_ends(b, &q.page, &l.ends, l.count != 0 ? l.items[0].id : 0,
	    l.count != 0 ? l.items[l.count - 1].id : 0);
	jsonw_end_object(b);
	audit_list_fini(&l);
	return ERR_OK;
}
