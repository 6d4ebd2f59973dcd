#include "config.h"

#include "domain/automation.h"

#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "domain/retry.h"

static const char *const kind_names[] = {"command", "http", "sql"};

struct automation *
automation_new(enum automation_kind kind)
{
	struct automation *a = mem_zalloc(sizeof(*a));

	a->name = mem_strdup("");
	a->enabled = true;
	a->condition = mem_strdup("");
	a->kind = kind;
	a->target = mem_strdup("");
	a->method = mem_strdup("POST");
	a->timeout_ms = AUTOMATION_TIMEOUT_DEFAULT_MS;
	a->attempts = automation_attempts_default(kind);
	return a;
}

void
automation_clear_args(struct automation *a)
{
	for (size_t n = 0; n < a->arg_count; n++)
		free(a->args[n]);
	free(a->args);
	a->args = NULL;
	a->arg_count = 0;
}

void
automation_clear_headers(struct automation *a)
{
	for (size_t n = 0; n < a->header_count; n++) {
		free(a->headers[n].name);
		mem_free_secret(a->headers[n].value);
	}
	free(a->headers);
	a->headers = NULL;
	a->header_count = 0;
}

void
automation_free(struct automation *a)
{
	if (a == NULL)
		return;
	automation_clear_args(a);
	automation_clear_headers(a);
	uri_fini(&a->uri);
	free(a->name);
	free(a->condition);
	free(a->target);
	free(a->method);
	free(a);
}

void
automation_add_arg(struct automation *a, const char *arg)
{
	a->args = mem_grow(a->args, a->arg_count + 1, sizeof(*a->args));
	a->args[a->arg_count++] = mem_strdup(arg);
}

void
automation_add_header(
    struct automation *a, const char *name, const char *value, bool secret)
{
	a->headers =
	    mem_grow(a->headers, a->header_count + 1, sizeof(*a->headers));
	a->headers[a->header_count++] = (struct integration_header){
	    .name = mem_strdup(name),
	    .value = mem_strdup(value),
	    .secret = secret,
	};
}

struct automation_list *
automation_list_new(void)
{
	return mem_zalloc(sizeof(struct automation_list));
}

void
automation_list_add(struct automation_list *l, struct automation *a)
{
	l->items =
	    mem_grow(l->items, l->count + 1, sizeof(struct automation *));
	l->items[l->count++] = a;
}

void
automation_list_free(struct automation_list *l)
{
	if (l == NULL)
		return;
	for (size_t n = 0; n < l->count; n++)
		automation_free(l->items[n]);
	free(l->items);
	free(l);
}

const char *
automation_kind_name(enum automation_kind k)
{
	return kind_names[k];
}

bool
automation_kind_parse(const char *name, enum automation_kind *out)
{
	for (size_t n = 0; n < sizeof(kind_names) / sizeof(*kind_names); n++) {
		if (strcmp(kind_names[n], name) != 0)
			continue;
		*out = (enum automation_kind)n;
		return true;
	}
	return false;
}

int32_t
automation_attempts_default(enum automation_kind k)
{
	/* repeated restarts and tickets hurt */
	return k == AUTOMATION_HTTP ? 3 : 1;
}

/* ---- rules -----------------------------------------------------------------
 */

static enum err
refuse(struct errinfo *ei, const char *where, const char *why)
{
	err_set(ei, ERR_UNPROCESSABLE, "%s", why);
	if (ei != NULL)
		err_where(ei, "%s", where);
	return ERR_UNPROCESSABLE;
}

static bool
is_text(const char *s)
{
	return utf8_valid(s, strlen(s), NULL);
}

static enum err
check_name(const char *name, struct errinfo *ei)
{
	size_t n = strlen(name);

	if (n == 0)
		return refuse(ei, "name", "an automation needs a name");
	if (!is_text(name) || utf8_has_control(name))
		return refuse(ei, "name",
		    "the name must be UTF-8 without control characters");
	if (name[0] == ' ' || name[n - 1] == ' ')
		return refuse(
		    ei, "name", "the name must not begin or end with a blank");
	if (utf8_length(name) > AUTOMATION_NAME_MAX)
		return refuse(
		    ei, "name", "the name is longer than 200 characters");
	return ERR_OK;
}

enum err
automation_check_program(const char *name, struct errinfo *ei)
{
	size_t n = strlen(name);

	if (n == 0 || n > AUTOMATION_PROGRAM_MAX || !is_text(name) ||
	    utf8_has_control(name))
		return refuse(ei, "command",
		    "the program is named by 1 to 128 bytes of UTF-8 without "
		    "control characters");
	if (strchr(name, '/') != NULL || name[0] == '.')
		return refuse(ei, "command",
		    "the program is named by its file name in action_dir "
		    "alone: no slash, no dot at its beginning");
	return ERR_OK;
}

enum err
automation_check_function(const char *name, struct errinfo *ei)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (n == 0 || name[n] != '\0' || n > AUTOMATION_FUNCTION_MAX ||
	    strchr("0123456789", name[0]) != NULL)
		return refuse(ei, "sql",
		    "a function is named by 1 to 63 of a to z, 0 to 9 and _, "
		    "not beginning with a digit, without its schema");
	if (strcmp(name, "call") == 0)
		return refuse(ei, "sql", "the function call is ewa's own");
	return ERR_OK;
}

static enum err
check_url(const char *url, struct errinfo *ei)
{
	enum err e;

	if (*url == '\0')
		return refuse(ei, "http", "an http automation needs a URL");
	e = integration_check_reply_url(url, ei);
	if (e != ERR_OK && ei != NULL)
		err_where(ei, "http");
	return e;
}

static enum err
check_target(const struct automation *a, struct errinfo *ei)
{
	switch (a->kind) {
	case AUTOMATION_COMMAND:
		return automation_check_program(a->target, ei);
	case AUTOMATION_HTTP:
		return check_url(a->target, ei);
	case AUTOMATION_SQL:
		break;
	}
	return automation_check_function(a->target, ei);
}

static enum err
check_args(const struct automation *a, struct errinfo *ei)
{
	if (a->arg_count != 0 && a->kind != AUTOMATION_COMMAND)
		return refuse(ei, "arg", "only a command has arguments");
	if (a->arg_count > AUTOMATION_ARGS_MAX)
		return refuse(ei, "arg", "there are more than 32 arguments");
	for (size_t n = 0; n < a->arg_count; n++)
		if (strlen(a->args[n]) > AUTOMATION_ARG_MAX ||
		    !is_text(a->args[n]))
			return refuse(ei, "arg",
			    "an argument is UTF-8 of at most 1,000 bytes");
	return ERR_OK;
}

static enum err
check_headers(const struct automation *a, struct errinfo *ei)
{
	if (a->header_count != 0 && a->kind != AUTOMATION_HTTP)
		return refuse(
		    ei, "header", "only an http automation has headers");
	if (a->header_count > INTEGRATION_HEADERS_MAX)
		return refuse(ei, "header", "there are more than 50 headers");
	for (size_t n = 0; n < a->header_count; n++) {
		const struct integration_header *h = &a->headers[n];
		enum err e = integration_check_header(
		    h->name, h->value != NULL ? h->value : "", ei);

		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

enum err
automation_check_timeout(const char *text, int32_t *ms, struct errinfo *ei)
{
	int64_t v;

	if (duration_parse(text, &v, ei) != ERR_OK) {
		if (ei != NULL)
			err_where(ei, "timeout");
		return ERR_UNPROCESSABLE;
	}
	if (v > AUTOMATION_TIMEOUT_MAX_MS)
		return refuse(
		    ei, "timeout", "the time limit is at most PT1H, an hour");
	*ms = (int32_t)v;
	return ERR_OK;
}

enum err
automation_check_attempts(int64_t n, struct errinfo *ei)
{
	if (n < 1 || n > AUTOMATION_ATTEMPTS_MAX)
		return refuse(ei, "attempts", "attempts are 1 to 20");
	return ERR_OK;
}

enum err
automation_check(const struct automation *a, struct errinfo *ei)
{
	enum err e = check_name(a->name, ei);

	if (e == ERR_OK)
		e = check_target(a, ei);
	if (e == ERR_OK)
		e = check_args(a, ei);
	if (e == ERR_OK)
		e = check_headers(a, ei);
	if (e == ERR_OK)
		e = integration_check_reply_method(a->method, ei);
	if (e == ERR_OK)
		e = automation_check_attempts(a->attempts, ei);
	if (e != ERR_OK)
		return e;
	if (!is_text(a->condition) ||
	    utf8_length(a->condition) > AUTOMATION_CONDITION_MAX)
		return refuse(ei, "condition",
		    "the condition is UTF-8 of at most 4,000 characters");
	if (a->timeout_ms < 1 || a->timeout_ms > AUTOMATION_TIMEOUT_MAX_MS)
		return refuse(
		    ei, "timeout", "the time limit is 1 ms to an hour");
	return ERR_OK;
}

int64_t
automation_outlasts(const struct automation *a, int64_t timeout_ms)
{
	int64_t all_ms = (int64_t)a->timeout_ms * a->attempts;

	for (int made = 1; made < a->attempts; made++)
		all_ms += retry_delay_ms(made, 0, 0);
	return timeout_ms != 0 && all_ms > timeout_ms ? all_ms : 0;
}

/* ---- subjects --------------------------------------------------------------
 */

/* Of the senders that are known.  The first path that finds something counts.
 */
/* clang-format off */
const struct subject_preset subject_presets[] = {
	{"alertmanager", "$.event.commonAnnotations.summary"
	    " // $.event.commonLabels.alertname // $.event.groupKey"},
	{"appdynamics", "$.event.name // $.event.displayName"},
	{"azure", "$.event.data.essentials.alertRule // $.event.subject"},
	{"cloudevents", "$.event.subject // $.headers.\"ce-subject\""
	    " // $.event.type // $.headers.\"ce-type\""},
	{"datadog", "$.event.title // $.event.event_title"},
	{"eventbridge", "$.event.detail.title // $.event.\"detail-type\""},
	{"github", "$.event.pull_request.title // $.event.issue.title"
	    " // $.event.head_commit.message // $.event.action"},
	{"gitlab", "$.event.object_attributes.title"
	    " // $.event.object_attributes.name // $.event.object_kind"},
	{"grafana", "$.event.title // $.event.ruleName"},
	{"pagerduty", "$.event.event.data.title // $.event.event.event_type"},
	{"sentry", "$.event.data.event.title // $.event.data.issue.title"
	    " // $.event.message"},
	{"sns", "$.event.Subject // $.event.Message"},
	{"solarwinds", "$.event.AlertName // $.event.alert_name"},
	{"splunk", "$.event.search_name"},
	{"statuscake", "$.event ? (@.type() == \"string\")"},
	{"zabbix", "$.event.name // $.event ? (@.type() == \"string\")"},
	{NULL, NULL}
};
/* clang-format on */

enum err
subject_resolve(const char *typed, const char **path, struct errinfo *ei)
{
	const char *name = typed + strlen("preset:");

	*path = typed;
	if (!is_text(typed) || utf8_length(typed) > SUBJECT_MAX)
		return refuse(ei, "subject",
		    "the subject is UTF-8 of at most 1,000 characters");
	if (strncmp(typed, "preset:", strlen("preset:")) != 0)
		return ERR_OK;
	for (const struct subject_preset *p = subject_presets; p->name != NULL;
	     p++) {
		if (strcmp(p->name, name) != 0)
			continue;
		*path = p->path;
		return ERR_OK;
	}
	return refuse(ei, "subject",
	    "there is no such preset; \"ewactl integration update --help\" "
	    "lists them");
}
