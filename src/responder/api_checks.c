/* Verdicts while somebody types. */
#include "config.h"

#include <string.h>

#include "base/duration.h"
#include "base/jsonw.h"
#include "base/uri.h"
#include "domain/address.h"
#include "domain/integration.h"
#include "responder/api_ops.h"
#include "responder/form.h"
#include "responder/integration_json.h"
#include "store/automations.h"

#define VALUE_MAX 8000

static const char *
read_value(struct call *c)
{
	struct form f;

	form_body(&f, c, "value");
	return form_need(&f, "value") ? form_text(&f, "value", 0, VALUE_MAX)
				      : NULL;
}

/* Begins the answer; detail NULL: it is right. */
static struct buf *
verdict(struct call *c, const char *detail)
{
	struct buf *b = call_json(c, HTTP_OK);

	jsonw_object(b, NULL);
	jsonw_bool(b, "valid", detail == NULL);
	jsonw_str(b, "detail", detail);
	return b;
}

enum err
api_check_timeout(struct call *c)
{
	const char *s = read_value(c);
	char words[DURATION_WORDS_MAX];
	struct errinfo ei;
	struct buf *b;
	int64_t ms = 0;
	bool ok;

	if (s == NULL)
		return ERR_UNPROCESSABLE;
	ok = integration_check_timeout(s, &ms, &ei) == ERR_OK;
	b = verdict(c, ok ? NULL : ei.detail);
	if (ok)
		timeout_words(c, ms, words);
	jsonw_str(b, "words", ok ? words : NULL);
	if (ok && ms != 0)
		jsonw_int(b, "milliseconds", ms);
	else
		jsonw_null(b, "milliseconds");
	jsonw_duration(b, "canonical", ok ? ms : 0);
	jsonw_end_object(b);
	return ERR_OK;
}

/* What can be said without a look-up. */
static const char *
reach_of(struct call *c, const char *host, char why[ADDRESS_WHY_MAX])
{
	struct address_rules rules;
	const char *address =
	    strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
	struct errinfo ei;

	if (!address_is_literal(address))
		return "at-sending";
	if (address_rules_parse(c->app->settings.reply_networks, &rules, &ei) !=
	    ERR_OK)
		return "at-sending";
	return address_allowed(&rules, address, why) ? "allowed" : "refused";
}

enum err
api_check_url(struct call *c)
{
	const char *s = read_value(c), *reach = "none";
	struct integration *i = integration_new();
	char why[ADDRESS_WHY_MAX] = "";
	struct uri u = {0};
	struct errinfo ei;
	struct buf *b;
	bool ok, refused;

	if (s == NULL) {
		integration_unref(i);
		return ERR_UNPROCESSABLE;
	}
	ok = integration_set_reply_url(i, s, &ei) == ERR_OK;
	if (ok && *i->reply_url != '\0' &&
	    uri_parse(i->reply_url, &u, NULL) == ERR_OK)
		reach = reach_of(c, u.host, why);
	refused = strcmp(reach, "refused") == 0;
	b = verdict(c, !ok ? ei.detail : refused ? why : NULL);
	jsonw_str(b, "reach", reach);
	jsonw_str(b, "setting", refused ? "reply_networks" : NULL);
	jsonw_end_object(b);
	uri_fini(&u);
	integration_unref(i);
	return ERR_OK;
}

enum err
api_check_jsonpath(struct call *c)
{
	const char *s = read_value(c);
	struct errinfo ei;
	enum err e;

	if (s == NULL)
		return ERR_UNPROCESSABLE;
	e = *s == '\0' ? ERR_OK
		       : automations_check_path(
			     c->pg, "condition", s, c->deadline_ms, &ei);
	if (e != ERR_OK && e != ERR_UNPROCESSABLE) {
		*c->ei = ei;
		return e;
	}
	jsonw_end_object(verdict(c, e == ERR_OK ? NULL : ei.detail));
	return ERR_OK;
}
