#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "responder/app.h"
#include "responder/auth.h"
#include "responder/desk.h"

#define PARAMS_MAX 256

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

static size_t
name_len(const char *param)
{
	return strcspn(param, "=");
}

/* One name twice is an attempt to be read in two ways. */
static enum err
check_params(const struct fcgi_request *r, struct errinfo *ei)
{
	const char *const *p = fcgi_params(r);
	size_t lens[PARAMS_MAX];
	size_t n = 0;

	for (; p[n] != NULL; n++) {
		if (n == PARAMS_MAX)
			return err_set(ei, ERR_INVALID,
			    "more than %d header fields", PARAMS_MAX);
		lens[n] = name_len(p[n]);
		if (p[n][lens[n]] == '\0')
			return err_set(ei, ERR_INVALID,
			    "the name of a header field holds a NUL");
		for (size_t k = 0; k < n; k++)
			if (lens[k] == lens[n] &&
			    memcmp(p[k], p[n], lens[n]) == 0)
				return err_set(ei, ERR_INVALID,
				    "a header field was sent in two spellings: "
				    "%.*s",
				    (int)(lens[n] > 64 ? 64 : lens[n]), p[n]);
	}
	return ERR_OK;
}

void
exchange_run(
    struct app *app, struct fcgi_request *r, struct http_answer *answer)
{
	struct exchange x = {.app = app,
	    .request = r,
	    .answer = answer,
	    .method = http_method(fcgi_param(r, "REQUEST_METHOD")),
	    .give_up_ms = clock_mono_ms() + app->settings.database_wait_ms};
	struct errinfo ei;

	route_parse(fcgi_param(r, "REQUEST_URI"), &x.route);
	if (check_params(r, &ei) != ERR_OK) {
		exchange_fail(&x, &ei);
		return;
	}
	if (x.route.kind == ROUTE_API) {
		desk_take(app->desk, &x);
		return;
	}
	if (x.method == HTTP_PATCH || x.method == HTTP_DELETE)
		x.method = HTTP_OTHER; /* the API's only */
	switch (x.route.kind) {
	case ROUTE_HOOK:
		intake_serve(&x);
		break;
	case ROUTE_EVENT:
		api_event_serve(&x);
		break;
	case ROUTE_HEALTH:
	case ROUTE_READY:
		health_serve(&x);
		break;
	case ROUTE_API:
	case ROUTE_NONE:
	default:
		err_set(&ei, ERR_NOT_FOUND, "there is nothing at this path");
		exchange_fail(&x, &ei);
	}
	BUG_ON(x.request != NULL);
}
