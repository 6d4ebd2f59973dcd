#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ctl/ctl.h"
#include "ctl/intake_options.h"
#include "ctl/integration_options.h"
#include "ctl/integration_show.h"
#include "ctl/reply_options.h"
#include "ctl/reply_status_show.h"
#include "ctl/times.h"
#include "store/automations.h"
#include "store/integrations.h"

/* Cancelling a long queue takes its time. */
#define DELETE_MS (10 * 60 * 1000)

static int
find(struct ctl *c, const struct args *a, struct integration **i)
{
	struct errinfo ei;
	int status = ctl_open(c);

	*i = NULL;
	if (status != CTL_OK)
		return status;
	/* without keys: secret values stay sealed, and are kept as they are */
	if (integrations_find(
		c->pg, NULL, a->words[0], ctl_deadline(), i, &ei) != ERR_OK)
		return ctl_fail(&ei);
	return reply_status_load(c);
}

static void
say(const struct ctl *c, const struct integration *i, const char *what)
{
	if (c->json)
		ctl_print_json(integration_json(c, i, NULL));
	else
		printf("%s %s (%s)\n", what, i->key, i->name);
}

static bool
has_new_secret(const struct integration *i)
{
	for (size_t n = 0; n < i->header_count; n++)
		if (i->headers[n].secret && i->headers[n].value != NULL)
			return true;
	return reply_secrets_fresh(&i->reply_secrets) ||
	       (i->signing_count != 0 && i->signing[0].secret != NULL);
}

/* ---- create
 * -------------------------------------------------------------------- */

/* The options among themselves; each fault is told. */
static bool
check_create(const struct args *a)
{
	bool ok = true;

	if (!args_has(a, "name")) {
		args_complain(a, "--name is missing: --name NAME");
		ok = false;
	}
	if (args_has(a, "token") && args_has(a, "generate-token")) {
		args_complain(a,
		    "--token and --generate-token are both given; one of "
		    "them is meant");
		ok = false;
	}
	return ok;
}

static void
print_created(const struct ctl *c, const struct args *a,
    const struct integration *i, const char *token)
{
	if (c->json) {
		ctl_print_json(integration_json(c, i, token));
		return;
	}
	integration_print(c, i);
	if (token != NULL)
		printf("\nThe token, shown this once:\n%s\n", token);
	if (args_has(a, "generate-reply-secret"))
		printf("\nThe reply secret, shown this once:\n%s\n",
		    reply_secrets_find(&i->reply_secrets, REPLY_SIGNING, 0)
			->value);
}

static int
create(struct ctl *c, const struct args *a, struct integration *i,
    const char *token)
{
	struct errinfo ei;
	int status;

	if (integration_check_credentials(
		i, token != NULL, i->signing_count != 0, &ei) != ERR_OK) {
		args_complain(a,
		    "--enable: %s (--token or --generate-token, "
		    "--signing-secret)",
		    ei.detail);
		return CTL_REFUSED;
	}
	if (token != NULL || has_new_secret(i)) {
		status = ctl_keys(c);
		if (status != CTL_OK)
			return status;
	}
	status = ctl_open(c);
	if (status != CTL_OK)
		return status;
	if (automations_check_subject(c->pg, i->subject, ctl_deadline(), &ei) !=
	    ERR_OK)
		return ctl_fail(&ei);
	if (integrations_create(c->pg, c->keys, i, token, c->actor,
		ctl_deadline(), &ei) != ERR_OK)
		return ctl_fail(&ei);
	/* a token that was typed is known */
	print_created(
	    c, a, i, c->json || args_has(a, "generate-token") ? token : NULL);
	return CTL_OK;
}

static bool
take_signing_secret(const struct args *a, struct integration *i)
{
	char *secret;

	if (!intake_signing_secret(a, false, &secret))
		return false;
	i->signing[0].secret = secret;
	i->signing[0].expires_us = INT64_MAX;
	i->signing_count = secret != NULL;
	return true;
}

int
cmd_integration_create(struct ctl *c, const struct args *a)
{
	struct integration *i;
	char *token = NULL;
	bool understood, ok;
	int status;

	i = integration_new();
	i->enabled = args_has(a, "enable");
	understood = check_create(a);
	ok = integration_options_apply(a, i);
	ok = integration_options_token(
		 a, args_has(a, "generate-token"), &token) &&
	     ok;
	ok = take_signing_secret(a, i) && ok;
	ok = reply_options_create(a, i) && ok;
	if (!understood)
		status = CTL_USAGE;
	else if (!ok)
		status = CTL_REFUSED;
	else
		status = create(c, a, i, token);
	mem_free_secret(token);
	integration_unref(i);
	return status;
}

/* ---- look
 * ------------------------------------------------------------------------ */

int
cmd_integration_list(struct ctl *c, const struct args *a)
{
	struct integration_list l;
	struct json_object *list;
	struct errinfo ei;
	int status = ctl_open(c);

	(void)a;
	if (status != CTL_OK)
		return status;
	if (integrations_list(c->pg, ctl_deadline(), &l, &ei) != ERR_OK)
		return ctl_fail(&ei);
	status = reply_status_load(c);
	if (status != CTL_OK) {
		integration_list_fini(&l);
		return status;
	}
	if (c->json) {
		list = json_object_new_array();
		for (size_t n = 0; n < l.count; n++)
			json_object_array_add(
			    list, integration_json(c, l.items[n], NULL));
		ctl_print_json(list);
	} else {
		integration_print_list(c, &l);
	}
	integration_list_fini(&l);
	return CTL_OK;
}

/* Our certificate is opened for the time in it, where the key file may be
 * read. */
static int
open_certificate(struct ctl *c, const struct args *a, struct integration **i)
{
	struct errinfo ei;

	if (reply_secrets_find(&(*i)->reply_secrets, REPLY_CERTIFICATE, 0) ==
		NULL ||
	    keyring_load(c->settings.key_file, &c->keys, &ei) != ERR_OK)
		return CTL_OK;
	integration_unref(*i);
	if (integrations_find(
		c->pg, c->keys, a->words[0], ctl_deadline(), i, &ei) != ERR_OK)
		return ctl_fail(&ei);
	return CTL_OK;
}

static int
read_repeats(struct ctl *c, const struct integration *i)
{
	struct errinfo ei;

	if (repeats_read(c->pg, i->id, ctl_deadline(), &c->repeats, &ei) !=
	    ERR_OK)
		return ctl_fail(&ei);
	return CTL_OK;
}

int
cmd_integration_show(struct ctl *c, const struct args *a)
{
	struct integration *i;
	int status = find(c, a, &i);

	if (status == CTL_OK)
		status = open_certificate(c, a, &i);
	if (status == CTL_OK)
		status = read_repeats(c, i);
	if (status != CTL_OK)
		return status;
	if (c->json)
		ctl_print_json(integration_json_shown(c, i));
	else
		integration_print(c, i);
	integration_unref(i);
	return CTL_OK;
}

/* ---- change
 * ----------------------------------------------------------------------- */

static int
store(struct ctl *c, struct integration *i, const char *verb)
{
	struct errinfo ei;
	int status = has_new_secret(i) ? ctl_keys(c) : CTL_OK;

	if (status != CTL_OK)
		return status;
	if (automations_check_subject(c->pg, i->subject, ctl_deadline(), &ei) !=
	    ERR_OK)
		return ctl_fail(&ei);
	if (integrations_update(c->pg, c->keys, i, verb, c->actor,
		ctl_deadline(), &ei) != ERR_OK)
		return ctl_fail(&ei);
	return CTL_OK;
}

int
cmd_integration_update(struct ctl *c, const struct args *a)
{
	struct integration *i;
	size_t settings =
	    a->count - args_has(a, "json") - args_has(a, "config");
	int status;

	if (settings == 0) {
		args_complain(a,
		    "no setting is given; \"ewactl integration update --help\" "
		    "lists them");
		return CTL_USAGE;
	}
	status = find(c, a, &i);
	if (status == CTL_OK && !integration_options_apply(a, i))
		status = CTL_REFUSED;
	if (status == CTL_OK)
		status = store(c, i, "update");
	if (status == CTL_OK)
		say(c, i, "updated");
	integration_unref(i);
	return status;
}

static int
set_enabled(struct ctl *c, const struct args *a, bool enabled)
{
	struct integration *i;
	int status = find(c, a, &i);

	if (status == CTL_OK && i->enabled != enabled) {
		i->enabled = enabled;
		status = store(c, i, enabled ? "enable" : "disable");
	}
	if (status == CTL_OK)
		say(c, i, enabled ? "enabled" : "disabled");
	integration_unref(i);
	return status;
}

int
cmd_integration_enable(struct ctl *c, const struct args *a)
{
	return set_enabled(c, a, true);
}

int
cmd_integration_disable(struct ctl *c, const struct args *a)
{
	return set_enabled(c, a, false);
}

/* Until when to pause, by the options; CTL_OK or an exit status. */
static int
pause_until(const struct args *a, int64_t *until_us)
{
	const char *until = args_get(a, "until");
	struct errinfo ei;
	int64_t ms;

	*until_us = INTEGRATION_PAUSED_FOREVER;
	if (until != NULL && args_has(a, "for")) {
		args_complain(a,
		    "--until and --for are both given; one of them is meant");
		return CTL_USAGE;
	}
	if (!integration_options_span(a, "for", &ms))
		return CTL_USAGE;
	if (ms > 0)
		*until_us = clock_wall_us() + ms * 1000;
	if (until == NULL)
		return CTL_OK;
	if (times_parse(until, until_us, &ei) != ERR_OK) {
		args_complain(a, "--until: %s", ei.detail);
		return CTL_USAGE;
	}
	if (*until_us <= clock_wall_us()) {
		args_complain(a, "--until: %s has passed already", until);
		return CTL_REFUSED;
	}
	return CTL_OK;
}

/* How many waiting replies a pause costs. */
static int
say_expiring(struct ctl *c, const struct integration *i, int64_t until_us)
{
	struct errinfo ei;
	int64_t n;

	if (reply_status_would_expire(
		c->pg, i->id, until_us, ctl_deadline(), &n, &ei) != ERR_OK)
		return ctl_fail(&ei);
	if (until_us == INTEGRATION_PAUSED_FOREVER)
		fprintf(stderr,
		    "ewactl: %" PRId64 " waiting replies expire if it is not "
		    "resumed before\n",
		    n);
	else
		fprintf(stderr,
		    "ewactl: %" PRId64 " waiting replies expire meanwhile\n",
		    n);
	return CTL_OK;
}

int
cmd_integration_pause(struct ctl *c, const struct args *a)
{
	struct integration *i = NULL;
	int64_t until_us;
	int status = pause_until(a, &until_us);

	if (status == CTL_OK)
		status = find(c, a, &i);
	if (status == CTL_OK)
		status = say_expiring(c, i, until_us);
	if (status == CTL_OK && args_has(a, "dry-run")) {
		integration_unref(i);
		return CTL_OK;
	}
	if (status == CTL_OK) {
		i->paused_until_us = until_us;
		status = store(c, i, "pause");
	}
	if (status == CTL_OK)
		say(c, i, "paused");
	integration_unref(i);
	return status;
}

int
cmd_integration_resume(struct ctl *c, const struct args *a)
{
	struct integration *i;
	int status = find(c, a, &i);

	if (status == CTL_OK && (i->paused_until_us != INTEGRATION_NOT_PAUSED ||
				    reply_status_stopped(c, i))) {
		i->paused_until_us = INTEGRATION_NOT_PAUSED;
		status = store(c, i, "resume");
		if (status == CTL_OK)
			status = reply_status_load(c);
	}
	if (status == CTL_OK)
		say(c, i, "resumed");
	integration_unref(i);
	return status;
}

/* What a responder's cache let in while an integration was being deleted, now
 * or before. */
static int
cancel_late(struct ctl *c)
{
	struct errinfo ei;
	bool more = true;

	while (more)
		if (integrations_cancel_late(
			c->pg, ctl_deadline(), &more, &ei) != ERR_OK)
			return ctl_fail(&ei);
	return CTL_OK;
}

int
cmd_integration_delete(struct ctl *c, const struct args *a)
{
	struct integration *i;
	struct errinfo ei;
	int status = find(c, a, &i);

	if (status == CTL_OK && integrations_delete(c->pg, i, c->actor,
				    clock_mono_ms() + DELETE_MS, &ei) != ERR_OK)
		status = ctl_fail(&ei);
	if (status == CTL_OK)
		status = cancel_late(c);
	if (status == CTL_OK)
		say(c, i, "deleted");
	integration_unref(i);
	return status;
}

int
cmd_integration_token(struct ctl *c, const struct args *a)
{
	struct integration *i = NULL;
	struct errinfo ei;
	int64_t keep_ms;
	char *token = NULL;
	int status;

	if (!integration_options_span(a, "keep-old", &keep_ms))
		return CTL_USAGE;
	if (!integration_options_token(a, true, &token))
		return CTL_REFUSED;
	status = ctl_keys(c);
	if (status == CTL_OK)
		status = find(c, a, &i);
	if (status == CTL_OK &&
	    integrations_set_token(c->pg, c->keys, i, token, keep_ms, c->actor,
		ctl_deadline(), &ei) != ERR_OK)
		status = ctl_fail(&ei);
	if (status == CTL_OK && c->json)
		ctl_print_json(integration_json(c, i, token));
	else if (status == CTL_OK && args_has(a, "token"))
		say(c, i, "changed the token of");
	else if (status == CTL_OK)
		printf("The new token of %s, shown this once:\n%s\n", i->key,
		    token);
	mem_free_secret(token);
	integration_unref(i);
	return status;
}
