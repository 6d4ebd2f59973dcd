#include "config.h"

#include "responder/api.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "responder/api_guard.h"
#include "responder/api_ops.h"
#include "responder/call.h"
#include "responder/event_form.h"

#define PREFIX "/api"
#define GET HTTP_GET
#define POST HTTP_POST
#define PUT HTTP_PUT
#define PATCH HTTP_PATCH
#define DELETE HTTP_DELETE

/* clang-format off */
static const struct api_op ops[] = {
	{GET, "/info", CALL_PUBLIC, 0, api_info_get, NULL},
	{POST, "/session", CALL_PUBLIC, CALL_BODY, api_session_post, NULL},
	{GET, "/session", CALL_SIGNED_IN, 0, api_session_get, NULL},
	{DELETE, "/session", CALL_SIGNED_IN, 0, api_session_delete, NULL},
	{POST, "/session/password", CALL_SIGNED_IN, CALL_BODY,
	    api_session_password, NULL},

	{GET, "/users", CALL_ADMIN_ALL, 0, api_users_get, "q limit cursor"},
	{POST, "/users", CALL_ADMIN_ALL, CALL_BODY, api_users_post, NULL},
	{GET, "/users/{}", CALL_ADMIN_ALL, 0, api_user_get, NULL},
	{PATCH, "/users/{}", CALL_ADMIN_ALL, CALL_BODY | CALL_IF_MATCH,
	    api_user_patch, NULL},
	{PUT, "/users/{}/password", CALL_ADMIN_ALL, CALL_BODY,
	    api_user_password, NULL},

	{GET, "/tokens", CALL_ADMIN_ALL, 0, api_tokens_get, "limit cursor"},
	{POST, "/tokens", CALL_ADMIN_ALL, CALL_BODY, api_tokens_post, NULL},
	{DELETE, "/tokens/{}", CALL_ADMIN_ALL, 0, api_token_delete, NULL},

	{GET, "/teams", CALL_VIEWER, 0, api_teams_get, NULL},
	{GET, "/integrations", CALL_VIEWER, 0, api_integrations_get,
	    "q team sort limit cursor"},
	{POST, "/integrations", CALL_ADMIN, CALL_BODY, api_integrations_post,
	    NULL},
	{GET, "/integrations/{}", CALL_VIEWER, 0, api_integration_get, NULL},
	{PATCH, "/integrations/{}", CALL_ADMIN, CALL_BODY | CALL_IF_MATCH,
	    api_integration_patch, NULL},
	{DELETE, "/integrations/{}", CALL_ADMIN, CALL_IF_MATCH,
	    api_integration_delete, "name"},
	{POST, "/integrations/{}/copy", CALL_ADMIN, CALL_BODY,
	    api_integration_copy, NULL},
	{POST, "/integrations/{}/token", CALL_ADMIN,
	    CALL_BODY | CALL_MAY_MATCH, api_integration_token, NULL},
	{POST, "/integrations/{}/enable", CALL_OPERATOR, CALL_MAY_MATCH,
	    api_integration_enable, NULL},
	{POST, "/integrations/{}/disable", CALL_OPERATOR, CALL_MAY_MATCH,
	    api_integration_disable, NULL},
	{GET, "/integrations/{}/pause", CALL_OPERATOR, 0, api_pause_get,
	    "until"},
	{POST, "/integrations/{}/pause", CALL_OPERATOR,
	    CALL_BODY | CALL_MAY_MATCH, api_pause_post, NULL},
	{POST, "/integrations/{}/resume", CALL_OPERATOR, CALL_MAY_MATCH,
	    api_integration_resume, NULL},

	{GET, "/integrations/{}/automations", CALL_VIEWER, 0,
	    api_automations_get, NULL},
	{POST, "/integrations/{}/automations", CALL_ADMIN, CALL_BODY,
	    api_automations_post, NULL},
	{PUT, "/integrations/{}/automations/order", CALL_ADMIN, CALL_BODY,
	    api_automations_order, NULL},
	{POST, "/integrations/{}/automations/try", CALL_OPERATOR, CALL_BODY,
	    api_automations_try, NULL},
	{POST, "/integrations/{}/test", CALL_OPERATOR, CALL_BODY,
	    api_integration_test, NULL},
	{GET, "/integrations/{}/automations/{}", CALL_VIEWER, 0,
	    api_automation_get, NULL},
	{PATCH, "/integrations/{}/automations/{}", CALL_ADMIN,
	    CALL_BODY | CALL_IF_MATCH, api_automation_patch, NULL},
	{DELETE, "/integrations/{}/automations/{}", CALL_ADMIN, CALL_IF_MATCH,
	    api_automation_delete, NULL},

	{GET, "/events", CALL_VIEWER, 0, api_events_get,
	    EVENT_FILTERS " id text limit cursor"},
	{GET, "/events/count", CALL_VIEWER, 0, api_events_count,
	    EVENT_FILTERS},
	{GET, "/events/{}", CALL_VIEWER, 0, api_event_get, NULL},
	{GET, "/events/{}/body", CALL_OPERATOR, 0, api_event_body, NULL},
	{GET, "/events/{}/reply", CALL_OPERATOR, 0, api_event_reply, NULL},
	{POST, "/events/resend", CALL_OPERATOR, CALL_BODY, api_events_resend,
	    NULL},
	{POST, "/events/handle-again", CALL_OPERATOR, CALL_BODY,
	    api_events_handle_again, NULL},
	{POST, "/events/{}/resend", CALL_OPERATOR, 0, api_event_resend, NULL},
	{POST, "/events/{}/handle-again", CALL_OPERATOR, 0,
	    api_event_handle_again, NULL},

	{GET, "/refusals", CALL_VIEWER, 0, api_refusals_get,
	    "integration unknownKeys from limit cursor"},
	{GET, "/audit", CALL_VIEWER, 0, api_audit_get,
	    "integration actor action from to limit cursor"},
	{GET, "/report", CALL_VIEWER, 0, api_report_get,
	    "from to step integration team"},
	{GET, "/changes", CALL_VIEWER, CALL_QUIET, api_changes_get,
	    "cursor wait integration event"},
	{POST, "/checks/request-timeout", CALL_VIEWER, CALL_BODY,
	    api_check_timeout, NULL},
	{POST, "/checks/reply-url", CALL_OPERATOR, CALL_BODY, api_check_url,
	    NULL},
	{POST, "/checks/jsonpath", CALL_OPERATOR, CALL_BODY,
	    api_check_jsonpath, NULL},
};
/* clang-format on */

#define OPS (sizeof(ops) / sizeof(ops[0]))

static const char *const method_names[] = {
    [HTTP_GET] = "GET, HEAD",
    [HTTP_POST] = "POST",
    [HTTP_PUT] = "PUT",
    [HTTP_PATCH] = "PATCH",
    [HTTP_DELETE] = "DELETE",
};

/* ---- which operation -------------------------------------------------------
 */

/* n bytes of path against a pattern; arguments are letters, digits, hyphens.
 */
static bool
matches(const char *pattern, const char *path, size_t n,
    char args[CALL_ARGS_MAX][CALL_ARG_LEN])
{
	const char *end = path + n;
	size_t count = 0, len;

	while (*pattern != '\0' && path < end) {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		for (len = 0; path + len < end && path[len] != '/'; len++)
			;
		if (len == 0 || len >= CALL_ARG_LEN)
			return false;
		memcpy(args[count], path, len);
		args[count++][len] = '\0';
		path += len;
		pattern += 2;
	}
	return *pattern == '\0' && path == end;
}

/* NULL, and in `allow` what the path takes ("" if there is no such path).
 * Fixed paths stand before those with arguments in the table. */
static const struct api_op *
find_op(struct call *c, enum http_method method, const char *path, size_t n,
    char allow[64])
{
	allow[0] = '\0';
	for (size_t k = 0; k < OPS; k++) {
		size_t len = strlen(allow);

		if (!matches(ops[k].path, path, n, c->args))
			continue;
		if (ops[k].method == method)
			return &ops[k];
		snprintf(allow + len, 64 - len, "%s%s", len != 0 ? ", " : "",
		    method_names[ops[k].method]);
	}
	return NULL;
}

static enum err
route(struct call *c, struct errinfo *ei, char allow[64])
{
	const char *uri = fcgi_param(c->request, "REQUEST_URI");
	enum http_method method =
	    http_method(fcgi_param(c->request, "REQUEST_METHOD"));
	const char *path = strstr(uri, PREFIX "/");
	const char *query = strchr(uri, '?');

	/* exchange.c has seen that it begins so, maybe behind an authority */
	path += strlen(PREFIX);
	if (query != NULL && query < path)
		query = NULL;
	if (method == HTTP_HEAD)
		method = HTTP_GET;
	c->op = find_op(c, method, path,
	    query != NULL ? (size_t)(query - path) : strlen(path), allow);
	if (c->op == NULL && *allow != '\0')
		return err_set(ei, ERR_METHOD, "this resource takes %s", allow);
	if (c->op == NULL)
		return err_set(
		    ei, ERR_NOT_FOUND, "there is nothing at this path");
	return guard_query(c, query != NULL ? query + 1 : "");
}

/* ---- serving ---------------------------------------------------------------
 */

static enum err
check_role(struct call *c)
{
	static const enum role needed[] = {
	    [CALL_VIEWER] = ROLE_VIEWER,
	    [CALL_OPERATOR] = ROLE_OPERATOR,
	    [CALL_ADMIN] = ROLE_ADMIN,
	};

	if (c->op->role <= CALL_SIGNED_IN)
		return ERR_OK;
	if (c->op->role == CALL_ADMIN_ALL) {
		if (grants_role_all(&c->who.grants) == ROLE_ADMIN)
			return ERR_OK;
		return err_set(c->ei, ERR_FORBIDDEN,
		    "this needs the role admin for all integrations");
	}
	if (grants_role_any(&c->who.grants) >= needed[c->op->role])
		return ERR_OK;
	return err_set(c->ei, ERR_FORBIDDEN, "this needs the role %s",
	    role_name(needed[c->op->role]));
}

static enum err
run(struct call *c, char allow[64])
{
	bool changes;
	enum err e;

	e = route(c, c->ei, allow);
	if (e != ERR_OK)
		return e;
	changes = c->op->method != HTTP_GET;
	if (changes)
		e = guard_site(c);
	if (e == ERR_OK && c->op->role != CALL_PUBLIC)
		e = guard_caller(c);
	if (e == ERR_OK)
		e = check_role(c);
	if (e == ERR_OK && (c->op->flags & (CALL_IF_MATCH | CALL_MAY_MATCH)))
		e = guard_if_match(c);
	if (e == ERR_OK && changes && !c->visit->parked)
		e = guard_body(c);
	if (e == ERR_OK && c->fault_count == 0)
		e = c->op->serve(c);
	return e;
}

static void
fail(struct call *c, enum err e, const char *allow)
{
	bool faults = c->fault_count != 0 && c->broken.code == ERR_OK;
	struct buf errors;

	if (c->broken.code != ERR_OK)
		*c->ei = c->broken;
	if (faults && (e == ERR_OK || e == ERR_UNPROCESSABLE)) {
		if (c->fault_count == 1)
			err_set(c->ei, ERR_UNPROCESSABLE, "%.100s: %.300s",
			    c->faults[0].pointer, c->faults[0].detail);
		else
			err_set(c->ei, ERR_UNPROCESSABLE,
			    "%zu fields are wrong; the first, %.100s: %.300s",
			    c->fault_count, c->faults[0].pointer,
			    c->faults[0].detail);
	}
	log_at((enum log_level)err_log_level(c->ei->code),
	    F_STR("msg", "api: refused"),
	    F_INT("status", err_status(c->ei->code)),
	    F_STR("operation", c->op != NULL ? c->op->path : ""),
	    F_STR("user", c->who.name != NULL ? c->who.name : ""),
	    F_STR("reason", !faults ? c->ei->detail : "fields"));
	buf_init(&errors, 256 << 10);
	if (faults)
		call_faults_json(c, &errors);
	http_api_problem(c->answer, c->ei, *allow != '\0' ? allow : NULL,
	    faults ? errors.data : NULL);
	http_field(c->answer, "Referrer-Policy", "no-referrer");
	buf_fini(&errors);
}

static void
call_fini(struct call *c)
{
	for (size_t n = 0; n < c->fault_count; n++) {
		free(c->faults[n].pointer);
		free(c->faults[n].detail);
	}
	for (size_t n = 0; n < c->param_count; n++)
		free(c->params[n].value);
	json_object_put(c->body);
	caller_fini(&c->who);
}

/* Has the web server gone, so that nobody would read the answer? */
static bool
gone(const struct visit *v)
{
	struct pollfd p = {.fd = fcgi_fd(v->request)};

	return v->parked && poll(&p, 1, 0) > 0 &&
	       (p.revents & (POLLHUP | POLLERR)) != 0;
}

void
api_serve(struct app *app, struct pool *pool, struct visit *v,
    struct http_answer *answer)
{
	struct call *c = mem_zalloc(sizeof(*c));
	struct errinfo ei;
	char allow[64];
	enum err e;

	*c = (struct call){.app = app,
	    .visit = v,
	    .request = v->request,
	    .answer = answer,
	    .deadline_ms = clock_mono_ms() + CALL_DEADLINE_MS,
	    .ei = &ei};
	if (gone(v)) {
		fcgi_drop(v->request);
		v->request = NULL;
		free(c);
		return;
	}
	allow[0] = '\0';
	e = pool_get(pool, clock_mono_ms() + app->settings.database_wait_ms,
	    &c->pg, &ei);
	if (e == ERR_OK)
		e = run(c, allow);
	if (c->pg != NULL)
		pool_put(pool, c->pg);
	if (e != ERR_OK || c->fault_count != 0) {
		c->parked = false;
		fail(c, e, allow);
	}
	if (!c->parked) {
		const char *m = fcgi_param(v->request, "REQUEST_METHOD");

		answer->no_body = http_method(m) == HTTP_HEAD;
		fcgi_answer(v->request, answer);
		v->request = NULL;
	}
	call_fini(c);
	free(c);
}
