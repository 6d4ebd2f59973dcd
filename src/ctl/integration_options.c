#include "config.h"

#include "ctl/integration_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/mem.h"
#include "ctl/reply_options.h"
#include "domain/automation.h"
#include "ctl/intake_options.h"

/* clang-format off */
#define SETTINGS                                                             \
	{"description", "TEXT", false, "what it is for"},                    \
	{"contact", "TEXT", false, "whom to ask"},                           \
	{"team", "TEXT", false, "whose it is"},                              \
	{"external-system", "async|sync", false,                             \
	    "Event Webhook Async (the default) or Sync;\n"                   \
	    "fixed once created"},                                           \
	{"request-timeout", "DURATION", false,                               \
	    "until when a reply is tried, such as PT60S;\n"                  \
	    "'' for none: tried for reply_horizon (24 hours)"},              \
	{"reply-url", "URL", false, "where replies go; '' for no reply"},    \
	{"reply-method", "POST|PUT", false, "how (default: POST)"},          \
	{"stop-replies-after", "DURATION", false,                            \
	    "stop replies that have failed for so long, until\n"             \
	    "somebody saves or resumes; '' for never"},                      \
	{"reply-header", "'NAME: VALUE'", true,                              \
	    "a header of replies; can be given again;\n'' for none"},        \
	{"secret-reply-header", "'NAME: VALUE'", true,                       \
	    "the same, kept sealed and never shown again;\n"                 \
	    "Authorization and the like always are"},                        \
	{"token-header", "NAME", false,                                      \
	    "the header of its own that carries the token\n"                 \
	    "(default: X-Platform-Token)"},                                  \
	{"allow-query-token", "yes|no", false,                               \
	    "take the token from ?token= too (default: no)"},                \
	{"accept-malformed", "yes|no", false,                                \
	    "keep declared JSON that is none as text\n(default: no)"},       \
	{"max-body", "BYTES", false,                                         \
	    "the greatest body, such as 65536, 64k or 2M\n"                  \
	    "(default: 1M, at most 16M)"},                                   \
	{"subject", "JSONPATH", false,                                       \
	    "the line by which people recognise an event, such as\n"         \
	    "'$.event.title'; 'A // B': B where A finds nothing; or\n"       \
	    "preset:NAME: alertmanager, appdynamics, azure,\n"               \
	    "cloudevents, datadog, eventbridge, github, gitlab,\n"           \
	    "grafana, pagerduty, sentry, sns, solarwinds, splunk,\n"         \
	    "statuscake, zabbix"},                                           \
	INTAKE_SETTINGS,                                                     \
	REPLY_SETTINGS

const struct arg_def integration_create_args[] = {
	{"name", "NAME", false, "needed; unique, at most 200 characters"},
	{"token", "TOKEN|-", false,
	    "the platform token, at least 16 characters;\n"
	    "-: read a line from standard input"},
	{"generate-token", NULL, false, "make a token up, and show it once"},
	{"signing-secret", "SECRET|-", false,
	    "the secret by which the sender signs, 16 to 256\n"
	    "characters; -: read a line from standard input"},
	REPLY_CREATE_ARGS,
	{"enable", NULL, false,
	    "enabled from the start; needs a token or a signing\nsecret"},
	SETTINGS,
	{"json", NULL, false, "one JSON document for programs"},
	{NULL}
};

const struct arg_def integration_update_args[] = {
	{"name", "NAME", false, "unique, at most 200 characters"},
	SETTINGS,
	{"no-reply-headers", NULL, false, "send no headers but ewa's own"},
	REPLY_UPDATE_ARGS,
	{"json", NULL, false, "one JSON document for programs"},
	{NULL}
};

const struct arg_def integration_pause_args[] = {
	{"until", "TIME", false, "RFC 3339, such as 2026-01-31T08:00:00Z"},
	{"for", "DURATION", false, "ISO 8601, such as PT2H; at most 30 days"},
	{"dry-run", NULL, false,
	    "only say how many waiting replies would expire"},
	{"json", NULL, false, "one JSON document for programs"},
	{NULL}
};

const struct arg_def integration_token_args[] = {
	{"token", "TOKEN|-", false,
	    "the new token, at least 16 characters;\n"
	    "-: read a line from standard input"},
	{"keep-old", "DURATION", false,
	    "how long the old one stays valid too, such as\n"
	    "P1D, at most 30 days (default: not at all)"},
	{"json", NULL, false, "one JSON document for programs"},
	{NULL}
};
/* clang-format on */

/* ---- single settings --------------------------------------------------------
 */

static void
replace(char **field, const char *value)
{
	char *fresh = mem_strdup(value);

	free(*field);
	*field = fresh;
}

static enum err
set_name(struct integration *i, const char *value, struct errinfo *ei)
{
	const char *end = value + strlen(value);
	char *trimmed;
	enum err e;

	while (*value == ' ' || *value == '\t')
		value++;
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	trimmed = mem_strndup(value, (size_t)(end - value));
	e = integration_check_name(trimmed, ei);
	if (e == ERR_OK)
		replace(&i->name, trimmed);
	free(trimmed);
	return e;
}

static enum err
set_text(
    char **field, const char *setting, const char *value, struct errinfo *ei)
{
	enum err e = integration_check_text(setting, value, ei);

	if (e == ERR_OK)
		replace(field, value);
	return e;
}

static enum err
set_description(struct integration *i, const char *value, struct errinfo *ei)
{
	return set_text(&i->description, "description", value, ei);
}

static enum err
set_contact(struct integration *i, const char *value, struct errinfo *ei)
{
	return set_text(&i->contact, "contact", value, ei);
}

static enum err
set_team(struct integration *i, const char *value, struct errinfo *ei)
{
	return set_text(&i->team, "team", value, ei);
}

static enum err
set_system(struct integration *i, const char *value, struct errinfo *ei)
{
	bool sync = strcmp(value, "sync") == 0;

	if (!sync && strcmp(value, "async") != 0)
		return err_set(ei, ERR_UNPROCESSABLE,
		    "\"%.40s\" is not an external system; write async or sync",
		    value);
	if (i->id != 0 && i->sync != sync)
		return err_set(ei, ERR_UNPROCESSABLE,
		    "the external system is fixed once an integration is "
		    "created; this one's is %s",
		    integration_system_name(i));
	i->sync = sync;
	return ERR_OK;
}

static enum err
set_timeout(struct integration *i, const char *value, struct errinfo *ei)
{
	int64_t ms;
	enum err e = integration_check_timeout(value, &ms, ei);

	if (e == ERR_OK)
		i->request_timeout_ms = ms;
	return e;
}

static enum err
set_subject(struct integration *i, const char *value, struct errinfo *ei)
{
	const char *path;
	enum err e = subject_resolve(value, &path, ei);

	if (e == ERR_OK)
		replace(&i->subject, path);
	return e;
}

static enum err
set_stop_after(struct integration *i, const char *value, struct errinfo *ei)
{
	int64_t ms;
	enum err e = integration_check_stop_after(value, &ms, ei);

	if (e == ERR_OK)
		i->stop_replies_after_ms = ms;
	return e;
}

static enum err
set_method(struct integration *i, const char *value, struct errinfo *ei)
{
	enum err e = integration_check_reply_method(value, ei);

	if (e == ERR_OK)
		replace(&i->reply_method, value);
	return e;
}

static enum err
set_token_header(struct integration *i, const char *value, struct errinfo *ei)
{
	enum err e = integration_check_token_header(value, ei);

	if (e == ERR_OK)
		replace(&i->token_header, value);
	return e;
}

static enum err
set_bool(bool *field, const char *value, struct errinfo *ei)
{
	*field = strcmp(value, "yes") == 0;
	if (*field || strcmp(value, "no") == 0)
		return ERR_OK;
	return err_set(ei, ERR_UNPROCESSABLE,
	    "\"%.40s\" is neither; write yes or no", value);
}

static enum err
set_query_token(struct integration *i, const char *value, struct errinfo *ei)
{
	return set_bool(&i->allow_query_token, value, ei);
}

static enum err
set_malformed(struct integration *i, const char *value, struct errinfo *ei)
{
	return set_bool(&i->accept_malformed, value, ei);
}

static enum err
set_max_body(struct integration *i, const char *value, struct errinfo *ei)
{
	char *end;
	long long n;
	enum err e;

	if (*value < '0' || *value > '9' || strlen(value) > 10)
		goto wrong;
	n = strtoll(value, &end, 10);
	if (*end == 'k' || *end == 'K')
		n <<= 10, end++;
	else if (*end == 'M')
		n <<= 20, end++;
	if (*end != '\0')
		goto wrong;
	e = integration_check_max_body(n, ei);
	if (e == ERR_OK)
		i->max_body_bytes = (int32_t)n;
	return e;
wrong:
	return err_set(ei, ERR_UNPROCESSABLE,
	    "\"%.40s\" is not a size; write bytes, or 64k, or 2M", value);
}

static const struct setter {
	const char *option;
	enum err (*set)(
	    struct integration *i, const char *value, struct errinfo *ei);
} setters[] = {
    {"name",	       set_name                   },
    {"description",        set_description            },
    {"contact",            set_contact                },
    {"team",	       set_team                   },
    {"external-system",    set_system                 },
    {"request-timeout",    set_timeout                },
    {"reply-url",          reply_set_url              },
    {"reply-method",       set_method                 },
    {"stop-replies-after", set_stop_after             },
    {"token-header",       set_token_header           },
    {"allow-query-token",  set_query_token            },
    {"accept-malformed",   set_malformed              },
    {"max-body",           set_max_body               },
    {"subject",            set_subject                },
    {"repeat-window",      intake_set_repeat_window   },
    {"signature-header",   intake_set_signature_header},
    {"signature-rule",     intake_set_signature_rule  },
    {"rate-limit",         intake_set_rate_limit      },
    {"rate-burst",         intake_set_rate_burst      },
    {"client-certificate", reply_set_certificate      },
};

/* ---- reply headers ----------------------------------------------------------
 */

/* "Name: value"; of a secret one the name is enough to keep its value. */
static enum err
add_header(
    struct integration *i, const char *line, bool secret, struct errinfo *ei)
{
	char *name = NULL, *value = NULL;
	enum err e;

	if (secret && strchr(line, ':') == NULL)
		return integration_set_header(i, line, NULL, true, ei);
	e = integration_split_header(line, &name, &value, ei);
	if (e == ERR_OK)
		e = integration_set_header(i, name, value, secret, ei);
	mem_free_secret(value);
	free(name);
	return e;
}

static bool
is_header(const struct arg *g, bool *secret)
{
	*secret = strcmp(g->def->name, "secret-reply-header") == 0;
	return *secret || strcmp(g->def->name, "reply-header") == 0;
}

/* All that are given take the place of all there were. */
static bool
apply_headers(const struct args *a, struct integration *i)
{
	struct errinfo ei;
	bool ok = true, secret;

	if (args_has(a, "reply-header") || args_has(a, "secret-reply-header") ||
	    args_has(a, "no-reply-headers"))
		integration_clear_headers(i);
	for (size_t n = 0; n < a->count; n++) {
		const struct arg *g = &a->given[n];

		if (!is_header(g, &secret) || *g->value == '\0')
			continue;
		if (add_header(i, g->value, secret, &ei) == ERR_OK)
			continue;
		args_complain(a, "--%s: %s", g->def->name, ei.detail);
		ok = false;
	}
	return ok;
}

bool
integration_options_apply(const struct args *a, struct integration *i)
{
	struct errinfo ei;
	bool ok = true;

	for (size_t n = 0; n < sizeof(setters) / sizeof(setters[0]); n++) {
		const char *value = args_get(a, setters[n].option);

		if (value == NULL || setters[n].set(i, value, &ei) == ERR_OK)
			continue;
		args_complain(a, "--%s: %s", setters[n].option, ei.detail);
		ok = false;
	}
	reply_options_apply(a, i);
	return apply_headers(a, i) && ok;
}

/* ---- tokens and spans
 * -------------------------------------------------------- */

char *
integration_options_line(void)
{
	char line[4 * INTEGRATION_TOKEN_MAX];
	char *s = NULL;

	if (fgets(line, (int)sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		s = mem_strdup(line);
	}
	mem_wipe(line, sizeof(line));
	return s;
}

bool
integration_options_token(const struct args *a, bool make, char **token)
{
	const char *given = args_get(a, "token");
	struct errinfo ei;

	*token = NULL;
	if (given == NULL && make) {
		*token = mem_alloc(INTEGRATION_TOKEN_GENERATED + 1);
		crypto_random_base32(*token, INTEGRATION_TOKEN_GENERATED);
		return true;
	}
	if (given == NULL)
		return true;
	*token = strcmp(given, "-") == 0 ? integration_options_line()
					 : mem_strdup(given);
	if (*token == NULL) {
		args_complain(a, "--token: there is no line on standard input");
		return false;
	}
	if (integration_check_token(*token, &ei) == ERR_OK)
		return true;
	args_complain(a, "--token: %s", ei.detail);
	mem_free_secret(*token);
	*token = NULL;
	return false;
}

bool
integration_options_span(const struct args *a, const char *option, int64_t *ms)
{
	const char *value = args_get(a, option);
	struct errinfo ei;

	*ms = 0;
	if (value == NULL)
		return true;
	if (duration_parse(value, ms, &ei) != ERR_OK) {
		args_complain(a, "--%s: %s", option, ei.detail);
		return false;
	}
	if (*ms > INTEGRATION_TIMEOUT_MAX_MS) {
		args_complain(a, "--%s: at most 30 days (P30D)", option);
		return false;
	}
	return true;
}
