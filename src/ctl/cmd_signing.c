/* ewactl integration signing */
#include "config.h"

#include <stdio.h>

#include "base/mem.h"
#include "ctl/ctl.h"
#include "ctl/intake_options.h"
#include "ctl/integration_options.h"
#include "ctl/integration_show.h"
#include "store/integrations.h"

/* clang-format off */
const struct arg_def integration_signing_args[] = {
	{"signing-secret", "SECRET|-", false,
	    "the new secret, 16 to 256 characters, as the sender\n"
	    "has it; -: read a line from standard input"},
	{"keep-old", "DURATION", false,
	    "how long the old one stays valid too, such as\n"
	    "P1D, at most 30 days (default: not at all)"},
	{"remove", NULL, false, "have none any more"},
	{"json", NULL, false, "one JSON document for programs"},
	{NULL}
};
/* clang-format on */

static void
print_json(const struct ctl *c, const struct integration *i, const char *secret)
{
	struct json_object *o = integration_json(c, i, NULL);

	if (secret != NULL)
		json_object_object_add(
		    o, "signingSecret", ctl_json_text(secret));
	ctl_print_json(o);
}

static void
print(const struct ctl *c, const struct args *a, const struct integration *i,
    const char *secret)
{
	if (c->json)
		print_json(c, i, secret);
	else if (secret == NULL)
		printf(
		    "removed the signing secret of %s (%s)\n", i->key, i->name);
	else if (args_has(a, "signing-secret"))
		printf(
		    "changed the signing secret of %s (%s)\n", i->key, i->name);
	else
		printf("The new signing secret of %s, shown this once:\n%s\n",
		    i->key, secret);
}

static int
set(struct ctl *c, const struct args *a, const char *secret, int64_t keep_ms)
{
	struct integration *i = NULL;
	struct errinfo ei;
	int status = ctl_keys(c);

	if (status == CTL_OK)
		status = ctl_open(c);
	if (status != CTL_OK)
		return status;
	if (integrations_find(
		c->pg, NULL, a->words[0], ctl_deadline(), &i, &ei) != ERR_OK ||
	    integrations_set_signing(c->pg, c->keys, i, secret, keep_ms,
		c->actor, ctl_deadline(), &ei) != ERR_OK)
		status = ctl_fail(&ei);
	else
		print(c, a, i, secret);
	integration_unref(i);
	return status;
}

int
cmd_integration_signing(struct ctl *c, const struct args *a)
{
	bool remove = args_has(a, "remove");
	int64_t keep_ms;
	char *secret;
	int status;

	if (!integration_options_span(a, "keep-old", &keep_ms))
		return CTL_USAGE;
	if (remove && (args_has(a, "signing-secret") || keep_ms != 0)) {
		args_complain(a,
		    "--remove goes with neither --signing-secret nor "
		    "--keep-old");
		return CTL_USAGE;
	}
	if (!intake_signing_secret(a, !remove, &secret))
		return CTL_REFUSED;
	status = set(c, a, secret, keep_ms);
	mem_free_secret(secret);
	return status;
}
