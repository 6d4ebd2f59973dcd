#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/automation_show.h"
#include "ctl/ctl.h"
#include "store/automations.h"

#define NUMBER_MAX 1000000000

/* clang-format off */
#define SETTINGS                                                             \
	{"command", "FILE", false,                                           \
	    "run this program of action_dir, named by its file name"},       \
	{"arg", "TEXT", true, "an argument for it; can be given again"},     \
	{"http", "URL", false, "call this address"},                         \
	{"method", "POST|PUT", false, "how (default: POST)"},                \
	{"header", "'NAME: VALUE'", true,                                    \
	    "a header of the call; can be given again"},                     \
	{"secret-header", "'NAME: VALUE'", true,                             \
	    "the same, kept sealed and never shown again;\n"                 \
	    "Authorization and the like always are"},                        \
	{"sql", "FUNCTION", false,                                           \
	    "call this function (jsonb returns jsonb) of schema\newa_action"},\
	{"condition", "JSONPATH", false,                                     \
	    "run it only where this holds, such as\n"                        \
	    "'$.event.status == \"firing\"'; '' for always"},                \
	{"timeout", "DURATION", false,                                       \
	    "time limit of an attempt (default: PT30S, at most PT1H)"},      \
	{"attempts", "N", false,                                             \
	    "how often it is tried (default: 3 for http, else 1)"},          \
	{"on-failure", "stop|continue", false,                               \
	    "stop: the event has failed (the default); continue:\n"          \
	    "the next automations are run all the same"}

const struct arg_def automation_add_args[] = {
	{"name", "NAME", false, "needed; unique in its integration"},
	SETTINGS,
	{"position", "N", false, "its place in the order (default: last)"},
	{"disabled", NULL, false, "not run until it is enabled"},
	{"json", NULL, false, "one JSON document for programs"},
	{NULL}
};

const struct arg_def automation_update_args[] = {
	{"name", "NAME", false, "unique in its integration"},
	SETTINGS,
	{"no-args", NULL, false, "no arguments"},
	{"no-headers", NULL, false, "no headers but ewa's own"},
	{"enable", NULL, false, "run it"},
	{"disable", NULL, false, "pass it over"},
	{"json", NULL, false, "one JSON document for programs"},
	{NULL}
};

const struct arg_def automation_move_args[] = {
	{"position", "N", false, "needed; its new place, from 1"},
	{"json", NULL, false, "one JSON document for programs"},
	{NULL}
};
/* clang-format on */

/* ---- options
 * -----------------------------------------------------------------
 */

static void
replace(char **field, const char *value)
{
	char *fresh = mem_strdup(value);

	free(*field);
	*field = fresh;
}

static bool
number(const struct args *a, const char *option, const char *text, int32_t *out)
{
	char *end;
	long v = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || v < 1 || v > NUMBER_MAX) {
		args_complain(a, "%s%s: \"%s\" is no number from 1",
		    *option ? "--" : "", *option ? option : "NUMBER", text);
		return false;
	}
	*out = (int32_t)v;
	return true;
}

static bool
complain(const struct args *a, const struct errinfo *ei)
{
	args_complain(a, "--%s: %s", ei->where, ei->detail);
	return false;
}

/* The action that is given, if any; false: more than one. */
static bool
given_kind(const struct args *a, bool *given, enum automation_kind *kind)
{
	int count = 0;

	for (int k = AUTOMATION_COMMAND; k <= AUTOMATION_SQL; k++) {
		if (!args_has(a, automation_kind_name((enum automation_kind)k)))
			continue;
		*kind = (enum automation_kind)k;
		count++;
	}
	*given = count != 0;
	if (count > 1)
		args_complain(a, "--command, --http, --sql: one action only");
	return count <= 1;
}

static bool
add_header(const struct args *a, struct automation *out, const struct arg *g)
{
	bool secret = strcmp(g->def->name, "secret-header") == 0;
	char *name = NULL, *value = NULL;
	struct errinfo ei;

	/* a secret one by its name alone keeps its value */
	if (secret && strchr(g->value, ':') == NULL) {
		automation_add_header(out, g->value, NULL, true);
		return true;
	}
	if (integration_split_header(g->value, &name, &value, &ei) != ERR_OK)
		return complain(a, &ei);
	automation_add_header(
	    out, name, value, secret || integration_header_is_secret(name));
	free(name);
	mem_free_secret(value);
	return true;
}

/* Arguments and headers are replaced as a whole when any is given. */
static bool
apply_lists(const struct args *a, struct automation *out)
{
	bool ok = true;

	if (args_has(a, "arg") || args_has(a, "no-args"))
		automation_clear_args(out);
	if (args_has(a, "header") || args_has(a, "secret-header") ||
	    args_has(a, "no-headers"))
		automation_clear_headers(out);
	for (size_t n = 0; n < a->count; n++) {
		const struct arg *g = &a->given[n];

		if (strcmp(g->def->name, "arg") == 0)
			automation_add_arg(out, g->value);
		else if (strcmp(g->def->name, "header") == 0 ||
			 strcmp(g->def->name, "secret-header") == 0)
			ok = add_header(a, out, g) && ok;
	}
	return ok;
}

static bool
apply_numbers(const struct args *a, struct automation *out)
{
	const char *text = args_get(a, "on-failure");
	struct errinfo ei;
	bool ok = true;

	if (text != NULL && strcmp(text, "stop") != 0 &&
	    strcmp(text, "continue") != 0) {
		args_complain(a, "--on-failure: stop or continue");
		ok = false;
	} else if (text != NULL) {
		out->go_on = strcmp(text, "continue") == 0;
	}
	text = args_get(a, "timeout");
	if (text != NULL &&
	    automation_check_timeout(text, &out->timeout_ms, &ei) != ERR_OK)
		ok = complain(a, &ei);
	text = args_get(a, "attempts");
	if (text != NULL)
		ok = number(a, "attempts", text, &out->attempts) && ok;
	text = args_get(a, "position");
	if (text != NULL)
		ok = number(a, "position", text, &out->position) && ok;
	return ok;
}

static bool
apply(const struct args *a, struct automation *out)
{
	enum automation_kind kind;
	struct errinfo ei;
	bool given, ok = given_kind(a, &given, &kind);

	if (ok && given) {
		if (out->kind != kind)
			out->attempts = automation_attempts_default(kind);
		out->kind = kind;
		replace(&out->target, args_get(a, automation_kind_name(kind)));
	}
	if (args_has(a, "name"))
		replace(&out->name, args_get(a, "name"));
	if (args_has(a, "condition"))
		replace(&out->condition, args_get(a, "condition"));
	if (args_has(a, "method"))
		replace(&out->method, args_get(a, "method"));
	ok = apply_numbers(a, out) && ok;
	ok = apply_lists(a, out) && ok;
	if (ok && automation_check(out, &ei) != ERR_OK)
		ok = complain(a, &ei);
	return ok;
}

/* ---- what they share
 * ---------------------------------------------------------
 */

static void
say(const struct ctl *c, const struct automation *a)
{
	if (c->json)
		ctl_print_json(automation_json(a));
	else
		automation_print(a);
}

/* Saving warns, for people. */
static void
warn(const struct integration *i, const struct automation *a)
{
	int64_t ms = automation_outlasts(a, i->request_timeout_ms);

	if (ms != 0)
		fprintf(stderr,
		    "ewactl: warning: all attempts may take %.0f s, longer "
		    "than the request timeout of %.0f s: the reply may come "
		    "too late\n",
		    (double)ms / 1000, (double)i->request_timeout_ms / 1000);
}

static int
find_integration(struct ctl *c, const struct args *a, struct integration **i)
{
	struct errinfo ei;
	int status = ctl_open(c);

	*i = NULL;
	if (status != CTL_OK)
		return status;
	if (integrations_find(
		c->pg, NULL, a->words[0], ctl_deadline(), i, &ei) != ERR_OK)
		return ctl_fail(&ei);
	return CTL_OK;
}

static int
find(struct ctl *c, const struct args *a, struct automation **out,
    struct integration **of)
{
	struct errinfo ei;
	int32_t id;
	int status;

	*out = NULL;
	*of = NULL;
	if (!number(a, "", a->words[0], &id))
		return CTL_USAGE;
	status = ctl_open(c);
	if (status != CTL_OK)
		return status;
	if (automations_find(c->pg, id, ctl_deadline(), out, of, &ei) != ERR_OK)
		return ctl_fail(&ei);
	return CTL_OK;
}

static int
need_keys(struct ctl *c, const struct automation *a)
{
	for (size_t n = 0; n < a->header_count; n++)
		if (a->headers[n].secret && a->headers[n].value != NULL)
			return ctl_keys(c);
	return CTL_OK;
}

/* ---- the commands
 * --------------------------------------------------------------
 */

int
cmd_automation_add(struct ctl *c, const struct args *a)
{
	enum automation_kind kind = AUTOMATION_COMMAND;
	struct automation *made;
	struct integration *i = NULL;
	struct errinfo ei;
	bool given;
	int status;

	if (!given_kind(a, &given, &kind) || !given || !args_has(a, "name")) {
		args_complain(a, "--name and one of --command, --http, --sql "
				 "are needed");
		return CTL_USAGE;
	}
	made = automation_new(kind);
	made->enabled = !args_has(a, "disabled");
	status = apply(a, made) ? need_keys(c, made) : CTL_REFUSED;
	if (status == CTL_OK)
		status = find_integration(c, a, &i);
	if (status == CTL_OK && automations_create(c->pg, c->keys, i, made,
				    c->actor, ctl_deadline(), &ei) != ERR_OK)
		status = ctl_fail(&ei);
	if (status == CTL_OK) {
		warn(i, made);
		say(c, made);
	}
	automation_free(made);
	integration_unref(i);
	return status;
}

int
cmd_automation_list(struct ctl *c, const struct args *a)
{
	struct automation_list *l = NULL;
	struct json_object *list;
	struct integration *i;
	struct errinfo ei;
	int status = find_integration(c, a, &i);

	if (status == CTL_OK && automations_list(c->pg, NULL, i->id,
				    ctl_deadline(), &l, &ei) != ERR_OK)
		status = ctl_fail(&ei);
	integration_unref(i);
	if (status != CTL_OK)
		return status;
	if (c->json) {
		list = json_object_new_array();
		for (size_t n = 0; n < l->count; n++)
			json_object_array_add(
			    list, automation_json(l->items[n]));
		ctl_print_json(list);
	} else {
		automation_print_list(l);
	}
	automation_list_free(l);
	return CTL_OK;
}

int
cmd_automation_show(struct ctl *c, const struct args *a)
{
	struct automation *found;
	struct integration *i;
	int status = find(c, a, &found, &i);

	if (status == CTL_OK)
		say(c, found);
	automation_free(found);
	integration_unref(i);
	return status;
}

int
cmd_automation_update(struct ctl *c, const struct args *a)
{
	struct automation *found;
	struct integration *i;
	struct errinfo ei;
	int status = find(c, a, &found, &i);

	if (status == CTL_OK) {
		if (args_has(a, "enable") || args_has(a, "disable"))
			found->enabled = args_has(a, "enable");
		status = apply(a, found) ? need_keys(c, found) : CTL_REFUSED;
	}
	if (status == CTL_OK && automations_update(c->pg, c->keys, i, found,
				    c->actor, ctl_deadline(), &ei) != ERR_OK)
		status = ctl_fail(&ei);
	if (status == CTL_OK) {
		warn(i, found);
		say(c, found);
	}
	automation_free(found);
	integration_unref(i);
	return status;
}

int
cmd_automation_move(struct ctl *c, const struct args *a)
{
	const char *to = args_get(a, "position");
	struct automation *found;
	struct integration *i;
	struct errinfo ei;
	int32_t position;
	int status;

	if (to == NULL) {
		args_complain(a, "--position is missing: --position N");
		return CTL_USAGE;
	}
	if (!number(a, "position", to, &position))
		return CTL_USAGE;
	status = find(c, a, &found, &i);
	if (status == CTL_OK && automations_move(c->pg, i, found, position,
				    c->actor, ctl_deadline(), &ei) != ERR_OK)
		status = ctl_fail(&ei);
	if (status == CTL_OK)
		say(c, found);
	automation_free(found);
	integration_unref(i);
	return status;
}

int
cmd_automation_remove(struct ctl *c, const struct args *a)
{
	struct automation *found;
	struct integration *i;
	struct errinfo ei;
	int status = find(c, a, &found, &i);

	if (status == CTL_OK && automations_remove(c->pg, i, found, c->actor,
				    ctl_deadline(), &ei) != ERR_OK)
		status = ctl_fail(&ei);
	if (status == CTL_OK && c->json)
		ctl_print_json(automation_json(found));
	else if (status == CTL_OK)
		printf("removed %d (%s)\n", (int)found->id, found->name);
	automation_free(found);
	integration_unref(i);
	return status;
}
