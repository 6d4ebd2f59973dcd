/* ewactl integration signing and reply-secret: the secret that senders sign
 * with, and the one that replies are signed with. */
#include "config.h"

#include <stdio.h>

#include "base/mem.h"
#include "ctl/ctl.h"
#include "ctl/intake_options.h"
#include "ctl/integration_options.h"
#include "ctl/integration_show.h"
#include "ctl/reply_options.h"
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

static const struct kind {
	const char *option, *words, *member; /* as typed, as said, as JSON */
	/* The one that was typed, or made if `make`; false after a message. */
	bool (*read)(const struct args *a, bool make, char **out);
	enum err (*store)(struct pg *pg, const struct keyring *keys,
	    struct integration *i, const char *secret, int64_t keep_old_ms,
	    const char *actor, int64_t deadline_ms, struct errinfo *ei);
} kinds[] = {
    {"signing-secret", "signing secret", "signingSecret", intake_signing_secret,
     integrations_set_signing      },
    {"reply-secret",   "reply secret",   "replySecret",   reply_signing_secret,
     integrations_set_reply_signing},
};

static void
print(const struct ctl *c, const struct args *a, const struct kind *k,
    const struct integration *i, const char *secret)
{
	struct json_object *o;

	if (c->json) {
		o = integration_json(c, i, NULL);
		if (secret != NULL)
			json_object_object_add(
			    o, k->member, ctl_json_text(secret));
		ctl_print_json(o);
	} else if (secret == NULL || args_has(a, k->option)) {
		printf("%s the %s of %s (%s)\n",
		    secret == NULL ? "removed" : "changed", k->words, i->key,
		    i->name);
	} else {
		printf("The new %s of %s, shown this once:\n%s\n", k->words,
		    i->key, secret);
	}
}

static int
set(struct ctl *c, const struct args *a, const struct kind *k,
    const char *secret, int64_t keep_ms)
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
	    k->store(c->pg, c->keys, i, secret, keep_ms, c->actor,
		ctl_deadline(), &ei) != ERR_OK)
		status = ctl_fail(&ei);
	else
		print(c, a, k, i, secret);
	integration_unref(i);
	return status;
}

static int
change(struct ctl *c, const struct args *a, const struct kind *k)
{
	bool remove = args_has(a, "remove");
	int64_t keep_ms;
	char *secret;
	int status;

	if (!integration_options_span(a, "keep-old", &keep_ms))
		return CTL_USAGE;
	if (remove && (args_has(a, k->option) || keep_ms != 0)) {
		args_complain(a,
		    "--remove goes with neither --%s nor --keep-old",
		    k->option);
		return CTL_USAGE;
	}
	if (!k->read(a, !remove, &secret))
		return CTL_REFUSED;
	status = set(c, a, k, secret, keep_ms);
	mem_free_secret(secret);
	return status;
}

int
cmd_integration_signing(struct ctl *c, const struct args *a)
{
	return change(c, a, &kinds[0]);
}

int
cmd_integration_reply_secret(struct ctl *c, const struct args *a)
{
	return change(c, a, &kinds[1]);
}
