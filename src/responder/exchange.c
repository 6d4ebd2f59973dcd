#include "config.h"

#include <string.h>

#include "base/log.h"
#include "responder/app.h"
#include "responder/auth.h"

void
exchange_send(struct exchange *x)
{
	x->answer->no_body = x->method == HTTP_HEAD;
	fcgi_answer(x->request, x->answer);
	x->request = NULL;
}

/* A refused request to an endpoint is counted, under its integration or
 * (a key or a path that nobody has) under none. */
static void
count_refusal(const struct exchange *x, const struct errinfo *ei)
{
	const char *uri = fcgi_param(x->request, "REQUEST_URI");
	struct integration *i = NULL;
	struct errinfo why = *ei;

	if (x->route.kind == ROUTE_HOOK)
		i = cache_find(x->app->cache, x->route.key);
	else if (x->route.kind != ROUTE_NONE || uri == NULL ||
		 strncmp(uri, "/hooks/", 7) != 0)
		return;
	if (ei->code == ERR_UNAUTHORIZED && i != NULL &&
	    auth_query_token_unwanted(x->route.query, i))
		err_set(&why, ERR_UNAUTHORIZED,
		    "the token came in the query of the URL, where this "
		    "integration does not take it");
	refusals_note(
	    x->app->refusals, x->request, i != NULL ? i->id : 0, &why);
	integration_unref(i);
}

void
exchange_fail(struct exchange *x, const struct errinfo *ei)
{
	count_refusal(x, ei);
	log_at((enum log_level)err_log_level(ei->code), F_STR("msg", "refused"),
	    F_INT("status", err_status(ei->code)), F_STR("key", x->route.key),
	    F_STR("reason", ei->detail));
	http_problem(x->answer, ei, NULL);
	exchange_send(x);
}

void
exchange_not_allowed(struct exchange *x, const char *allow)
{
	struct errinfo ei;

	err_set(&ei, ERR_METHOD, "this resource takes %s", allow);
	count_refusal(x, &ei);
	http_problem(x->answer, &ei, allow);
	exchange_send(x);
}
