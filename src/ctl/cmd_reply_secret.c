/* ewactl integration reply-secret */
#include "config.h"

#include <stdio.h>

#include "base/mem.h"
#include "ctl/ctl.h"
#include "ctl/integration_options.h"
#include "ctl/integration_show.h"
#include "ctl/reply_options.h"
#include "store/integrations.h"

/* clang-format off */
const struct arg_def integration_reply_secret_args[] = {
	{"reply-secret", "SECRET|-", false,
	    "the new secret, whsec_ and 24 to 64 bytes in base64;\n"
	    "-: read a line from standard input"},
	{"keep-old", "DURATION", false,
	    "how long the old one signs too, such as P1D, at\n"
	    "most 30 days (default: not at all)"},
	{"remove", NULL, false, "sign no more"},
	{"json", NULL, false, "one JSON document for programs"},
	{NULL}
};
/* clang-format on */

static void
print(const struct ctl *c, const struct args *a, const struct integration *i,
    const char *secret)
{
	struct json_object *o;

	if (c->json) {
		o = integration_json(c, i, NULL);
		if (secret != NULL)
			json_object_object_add(
			    o, "replySecret", ctl_json_text(secret));
		ctl_print_json(o);
	} else if (secret == NULL) {
		printf(
		    "removed the reply secret of %s (%s)\n", i->key, i->name);
	} else if (args_has(a, "reply-secret")) {
		printf(
		    "changed the reply secret of %s (%s)\n", i->key, i->name);
	} else {
		printf("The new reply secret of %s, shown this once:\n%s\n",
		    i->key, secret);
	}
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
	    integrations_set_reply_signing(c->pg, c->keys, i, secret, keep_ms,
		c->actor, ctl_deadline(), &ei) != ERR_OK)
		status = ctl_fail(&ei);
	else
		print(c, a, i, secret);
	integration_unref(i);
	return status;
}

int
cmd_integration_reply_secret(struct ctl *c, const struct args *a)
{
	bool remove = args_has(a, "remove");
	int64_t keep_ms;
	char *secret;
	int status;

	if (!integration_options_span(a, "keep-old", &keep_ms))
		return CTL_USAGE;
	if (remove && (args_has(a, "reply-secret") || keep_ms != 0)) {
		args_complain(a,
		    "--remove goes with neither --reply-secret nor "
		    "--keep-old");
		return CTL_USAGE;
	}
	if (!reply_signing_secret(a, !remove, &secret))
		return CTL_REFUSED;
	status = set(c, a, secret, keep_ms);
	mem_free_secret(secret);
	return status;
}
