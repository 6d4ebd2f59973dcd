/* From a request to the resource that answers it. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "responder/app.h"
#include "responder/desk.h"

#define PARAMS_MAX 256

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
serve(struct app *app, struct fcgi_request *r, struct http_answer *answer)
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
