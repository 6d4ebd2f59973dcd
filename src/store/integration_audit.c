#include "config.h"

#include "store/integration_rows.h"

#include <string.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/mem.h"
#include "base/uri.h"
#include "store/change.h"

/* The JSON object that is written, and whether it has a member yet. */
struct diff {
	struct buf *out;
	bool any;
	bool fresh; /* a new integration: no "from" */
};

static void
json_text(struct buf *b, const char *s)
{
	buf_add_json_str(b, s, strlen(s));
}

/* One setting; both values are JSON texts. */
static void
put(struct diff *d, const char *setting, const char *from, const char *to)
{
	buf_adds(d->out, d->any ? "," : "");
	d->any = true;
	json_text(d->out, setting);
	if (d->fresh)
		buf_addf(d->out, ":{\"to\":%s}", to);
	else
		buf_addf(d->out, ":{\"from\":%s,\"to\":%s}", from, to);
}

static void
diff_text(struct diff *d, const char *setting, const char *from, const char *to)
{
	struct buf a, b;

	if (strcmp(from, to) == 0)
		return;
	buf_init(&a, CHANGE_AUDIT_MAX);
	buf_init(&b, CHANGE_AUDIT_MAX);
	json_text(&a, from);
	json_text(&b, to);
	put(d, setting, a.data, b.data);
	buf_fini(&b);
	buf_fini(&a);
}

static void
diff_bool(struct diff *d, const char *setting, bool from, bool to)
{
	if (from != to)
		put(d, setting, from ? "true" : "false", to ? "true" : "false");
}

static void
diff_number(struct diff *d, const char *setting, int32_t from, int32_t to)
{
	struct buf a, b;

	if (from == to)
		return;
	buf_init(&a, 32);
	buf_init(&b, 32);
	buf_addf(&a, "%d", (int)from);
	buf_addf(&b, "%d", (int)to);
	put(d, setting, a.data, b.data);
	buf_fini(&b);
	buf_fini(&a);
}

static void
diff_span(struct diff *d, const char *setting, int64_t from, int64_t to)
{
	char a[DURATION_TEXT_MAX] = "", b[DURATION_TEXT_MAX] = "";

	if (from > 0)
		duration_format(from, a);
	if (to > 0)
		duration_format(to, b);
	diff_text(d, setting, a, b);
}

static void
pause_text(int64_t until_us, char *out)
{
	if (until_us == INTEGRATION_NOT_PAUSED)
		out[0] = '\0';
	else if (until_us == INTEGRATION_PAUSED_FOREVER)
		memcpy(out, "resumed", sizeof("resumed"));
	else
		clock_format(until_us, out);
}

static void
diff_pause(struct diff *d, int64_t from, int64_t to)
{
	char a[CLOCK_TEXT_MAX], b[CLOCK_TEXT_MAX];

	pause_text(from, a);
	pause_text(to, b);
	diff_text(d, "paused_until", a, b);
}

/* Its path and query may hold a secret: the origin has to do. */
static void
diff_url(struct diff *d, const char *from, const char *to)
{
	struct uri a = {0}, b = {0};
	struct buf ja, jb;

	if (strcmp(from, to) == 0)
		return;
	if (*from != '\0')
		(void)uri_parse(from, &a, NULL);
	if (*to != '\0')
		(void)uri_parse(to, &b, NULL);
	buf_init(&ja, CHANGE_AUDIT_MAX);
	buf_init(&jb, CHANGE_AUDIT_MAX);
	json_text(&ja, a.origin != NULL ? a.origin : "");
	json_text(&jb, b.origin != NULL ? b.origin : "");
	put(d, "reply_url", ja.data, jb.data);
	buf_fini(&jb);
	buf_fini(&ja);
	uri_fini(&b);
	uri_fini(&a);
}

static bool
same_headers(const struct integration *a, const struct integration *b)
{
	if (a->header_count != b->header_count)
		return false;
	for (size_t n = 0; n < a->header_count; n++) {
		const struct integration_header *x = &a->headers[n];
		const struct integration_header *y = &b->headers[n];

		if (strcmp(x->name, y->name) != 0 || x->secret != y->secret)
			return false;
		if (y->secret ? y->value != NULL
			      : strcmp(x->value, y->value) != 0)
			return false; /* a secret with a value is a new one */
	}
	return true;
}

static void
header_names(struct buf *b, const struct integration *i)
{
	buf_addc(b, '[');
	for (size_t n = 0; n < i->header_count; n++) {
		buf_adds(b, n > 0 ? "," : "");
		json_text(b, i->headers[n].name);
	}
	buf_addc(b, ']');
}

static void
diff_headers(struct diff *d, const struct integration *old,
    const struct integration *now)
{
	struct buf a, b;

	if (same_headers(old, now))
		return;
	buf_init(&a, CHANGE_AUDIT_MAX);
	buf_init(&b, CHANGE_AUDIT_MAX);
	header_names(&a, old);
	header_names(&b, now);
	put(d, "reply_headers", a.data, b.data);
	buf_fini(&b);
	buf_fini(&a);
}

static void
diff_intake(struct diff *d, const struct integration *old,
    const struct integration *now)
{
	diff_span(
	    d, "repeat_window", old->repeat_window_ms, now->repeat_window_ms);
	diff_text(d, "signature_header", old->signature_header,
	    now->signature_header);
	diff_text(d, "signature_rule", signature_rule_name(old->signature_rule),
	    signature_rule_name(now->signature_rule));
	diff_number(d, "rate_limit", old->rate_limit, now->rate_limit);
	diff_number(d, "rate_burst", old->rate_burst, now->rate_burst);
	diff_number(d, "signing_secrets", (int32_t)old->signing_count,
	    (int32_t)now->signing_count);
}

/* Whether there is one, never which. */
static void
diff_secrets(struct diff *d, const struct integration *old,
    const struct integration *now)
{
	static const char *const settings[] = {
	    "reply_secret", "reply_credentials", "client_certificate"};

	for (int k = 0; k < REPLY_SECRET_KINDS; k++) {
		enum reply_secret_kind kind = (enum reply_secret_kind)k;
		bool was = reply_secrets_find(&old->reply_secrets, kind, 0);
		bool is = reply_secrets_find(&now->reply_secrets, kind, 0);

		if (now->reply_secrets.drop[k] && (was || is))
			put(d, settings[k], was ? "\"set\"" : "\"\"",
			    is ? "\"set\"" : "\"\"");
	}
}

void
integration_diff(struct buf *out, const struct integration *old,
    const struct integration *now)
{
	struct integration *none = NULL;
	struct diff d = {.out = out, .fresh = old == NULL};

	if (old == NULL)
		old = none = integration_new();
	buf_addc(out, '{');
	diff_text(&d, "name", old->name, now->name);
	diff_text(&d, "external_system", integration_system_name(old),
	    integration_system_name(now));
	diff_bool(&d, "enabled", old->enabled, now->enabled);
	diff_pause(&d, old->paused_until_us, now->paused_until_us);
	diff_text(&d, "description", old->description, now->description);
	diff_text(&d, "contact", old->contact, now->contact);
	diff_text(&d, "team", old->team, now->team);
	diff_text(&d, "token_header", old->token_header, now->token_header);
	diff_bool(&d, "allow_query_token", old->allow_query_token,
	    now->allow_query_token);
	diff_bool(&d, "accept_malformed", old->accept_malformed,
	    now->accept_malformed);
	diff_number(&d, "max_body", old->max_body_bytes, now->max_body_bytes);
	diff_intake(&d, old, now);
	diff_span(&d, "request_timeout", old->request_timeout_ms,
	    now->request_timeout_ms);
	diff_text(&d, "subject", old->subject, now->subject);
	diff_span(&d, "stop_replies_after", old->stop_replies_after_ms,
	    now->stop_replies_after_ms);
	diff_url(&d, old->reply_url, now->reply_url);
	diff_text(&d, "reply_method", old->reply_method, now->reply_method);
	diff_headers(&d, old, now);
	diff_secrets(&d, old, now);
	buf_addc(out, '}');
	integration_unref(none);
}
