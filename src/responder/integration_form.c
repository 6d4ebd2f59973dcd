/* Settings of an integration from a request's body. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "domain/automation.h"
#include "responder/integration_json.h"
#include "store/automations.h"

#define TEXT_BYTES_MAX 100000 /* the rules of the settings are narrower */

static void
check(const struct form *f, const char *name, enum err e,
    const struct errinfo *ei)
{
	if (e != ERR_OK)
		form_fault(f, name, "%s", ei->detail);
}

static const char *
text(const struct form *f, const char *name)
{
	return form_text(f, name, 0, TEXT_BYTES_MAX);
}

static void
set(char **to, const char *s)
{
	free(*to);
	*to = mem_strdup(s);
}

static void
set_plain(const struct form *f, const char *name, char **to,
    enum err (*rule)(const char *, struct errinfo *))
{
	const char *s = text(f, name);
	struct errinfo ei;

	if (form_null(f, name))
		form_fault(f, name, "write a text, not null");
	if (s == NULL)
		return;
	check(f, name, rule(s, &ei), &ei);
	set(to, s);
}

static enum err
rule_description(const char *s, struct errinfo *ei)
{
	return integration_check_text("description", s, ei);
}

static enum err
rule_contact(const char *s, struct errinfo *ei)
{
	return integration_check_text("contact", s, ei);
}

static enum err
rule_team(const char *s, struct errinfo *ei)
{
	return integration_check_text("team", s, ei);
}

/* null is blank. */
static void
set_span(const struct form *f, const char *name, int64_t *to,
    enum err (*rule)(const char *, int64_t *, struct errinfo *))
{
	const char *s = form_null(f, name) ? "" : text(f, name);
	struct errinfo ei;

	if (s != NULL)
		check(f, name, rule(s, to, &ei), &ei);
}

static void
set_number(const struct form *f, const char *name, int32_t *to,
    enum err (*rule)(int64_t, struct errinfo *))
{
	struct errinfo ei;
	int64_t n;

	if (form_null(f, name))
		*to = 0;
	else if (form_int(f, name, 1, INT32_MAX, &n)) {
		*to = (int32_t)n;
		check(f, name, rule(n, &ei), &ei);
	}
}

/* ---- the name: without blanks at its ends ----------------------------------
 */

static void
set_name(const struct form *f, struct integration *i)
{
	const char *s = text(f, "name");
	struct errinfo ei;
	size_t n;
	char *name;

	if (s == NULL)
		return;
	s += strspn(s, " \t\r\n");
	for (n = strlen(s); n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL; n--)
		;
	name = mem_strndup(s, n);
	check(f, "name", integration_check_name(name, &ei), &ei);
	free(i->name);
	i->name = name;
}

/* ---- headers ---------------------------------------------------------------
 */

static void
set_header(
    const struct form *h, struct integration *i, const struct integration *old)
{
	const char *name = NULL, *value = text(h, "value");
	bool secret = false, kept = false;
	struct errinfo ei;

	if (form_need(h, "name"))
		name = text(h, "name");
	form_bool(h, "secret", &secret);
	if (name == NULL)
		return;
	for (size_t n = 0; n < old->header_count; n++)
		kept |= old->headers[n].secret &&
			strcasecmp(old->headers[n].name, name) == 0;
	if (value == NULL && !kept) {
		if (form_null(h, "value") || !form_has(h, "value"))
			form_fault(h, "value",
			    "no secret value is stored under this name: write "
			    "one");
		return;
	}
	if (integration_set_header(
		i, name, value, secret || value == NULL, &ei) != ERR_OK)
		form_fault(h,
		    strstr(ei.detail, "value") != NULL ? "value" : "name", "%s",
		    ei.detail);
}

static void
set_headers(const struct form *f, struct integration *i)
{
	struct json_object *list =
	    form_array(f, "replyHeaders", INTEGRATION_HEADERS_MAX);
	struct integration *old;
	struct form h;

	if (list == NULL)
		return;
	old = integration_new();
	for (size_t n = 0; n < i->header_count; n++)
		integration_add_header(
		    old, i->headers[n].name, NULL, i->headers[n].secret);
	integration_clear_headers(i);
	for (size_t n = 0; n < json_object_array_length(list); n++)
		if (form_object(&h, f, "replyHeaders", n,
			json_object_array_get_idx(list, n),
			"name value secret"))
			set_header(&h, i, old);
	integration_unref(old);
}

/* ---- secrets ---------------------------------------------------------------
 */

static void
set_reply_secret(const struct form *f, struct integration *i, const char *name,
    enum reply_secret_kind kind)
{
	const char *s = text(f, name);
	struct errinfo ei;

	if (form_null(f, name)) {
		reply_secrets_set(&i->reply_secrets, kind, NULL);
		return;
	}
	if (s == NULL)
		return;
	if (kind == REPLY_SIGNING)
		check(f, name, reply_signing_check(s, &ei), &ei);
	else if (strlen(s) > REPLY_SECRET_MAX)
		form_fault(f, name, "write at most %d bytes", REPLY_SECRET_MAX);
	reply_secrets_set(&i->reply_secrets, kind, s);
}

static void
set_signing(const struct form *f, struct integration *i)
{
	const char *s = text(f, "signingSecret"), *rule;
	struct errinfo ei;

	if (s != NULL || form_null(f, "signingSecret"))
		integration_set_signing(i, s);
	if (s != NULL)
		check(
		    f, "signingSecret", integration_check_signing(s, &ei), &ei);
	set_plain(f, "signatureHeader", &i->signature_header,
	    integration_check_signature_header);
	rule = text(f, "signatureRule");
	if (rule != NULL && !signature_rule_parse(rule, &i->signature_rule))
		form_fault(
		    f, "signatureRule", "write either, besides or instead");
}

/* ---- the rest --------------------------------------------------------------
 */

static void
set_reply(const struct form *f, struct integration *i)
{
	const char *s = text(f, "replyUrl");
	struct errinfo ei;

	if (s != NULL)
		check(f, "replyUrl", integration_set_reply_url(i, s, &ei), &ei);
	set_plain(
	    f, "replyMethod", &i->reply_method, integration_check_reply_method);
	set_headers(f, i);
	set_span(f, "requestTimeout", &i->request_timeout_ms,
	    integration_check_timeout);
	set_span(f, "stopRepliesAfter", &i->stop_replies_after_ms,
	    integration_check_stop_after);
	set_reply_secret(f, i, "replySecret", REPLY_SIGNING);
	set_reply_secret(f, i, "replyCertificate", REPLY_CERTIFICATE);
}

static void
set_subject(const struct form *f, struct integration *i)
{
	const char *s = form_text(f, "subject", 0, SUBJECT_MAX), *path = "";
	struct call *c = f->call;
	struct errinfo ei;
	enum err e = ERR_OK;

	if (s == NULL)
		return;
	if (*s != '\0')
		e = subject_resolve(s, &path, &ei);
	if (e == ERR_OK && *path != '\0')
		e = automations_check_subject(c->pg, path, c->deadline_ms, &ei);
	if (e != ERR_OK && e != ERR_UNPROCESSABLE)
		call_break(f->call, &ei);
	else
		check(f, "subject", e, &ei);
	set(&i->subject, path);
}

static void
set_intake(const struct form *f, struct integration *i)
{
	struct errinfo ei;
	int64_t n;

	set_plain(
	    f, "tokenHeader", &i->token_header, integration_check_token_header);
	form_bool(f, "allowQueryToken", &i->allow_query_token);
	form_bool(f, "acceptMalformed", &i->accept_malformed);
	if (form_int(f, "maxBodyBytes", 1, INTEGRATION_BODY_MAX, &n)) {
		check(
		    f, "maxBodyBytes", integration_check_max_body(n, &ei), &ei);
		i->max_body_bytes = (int32_t)n;
	}
	set_number(f, "rateLimit", &i->rate_limit, integration_check_rate);
	set_number(f, "rateBurst", &i->rate_burst, integration_check_burst);
	set_span(f, "repeatWindow", &i->repeat_window_ms,
	    integration_check_repeat_window);
}

void
integration_form(const struct form *f, struct integration *i)
{
	set_name(f, i);
	form_bool(f, "enabled", &i->enabled);
	set_plain(f, "description", &i->description, rule_description);
	set_plain(f, "contact", &i->contact, rule_contact);
	set_plain(f, "team", &i->team, rule_team);
	set_intake(f, i);
	set_signing(f, i);
	set_subject(f, i);
	set_reply(f, i);
}
