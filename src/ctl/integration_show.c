#include "config.h"

#include "ctl/integration_show.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/duration.h"
#include "ctl/reply_options.h"
#include "ctl/reply_status_show.h"
#include "ctl/table.h"
#include "ctl/times.h"

#define ENDPOINT_MAX 4096

/* public_url + "/hooks/" + key: a path when public_url is blank. */
static void
endpoint(const struct ctl *c, const struct integration *i, struct buf *out)
{
	buf_init(out, ENDPOINT_MAX);
	buf_addf(out, "%s/hooks/%s", c->settings.public_url, i->key);
}

/* ---- JSON
 * -------------------------------------------------------------------- */

static struct json_object *
headers_json(const struct integration *i)
{
	struct json_object *list = json_object_new_array();

	for (size_t n = 0; n < i->header_count; n++) {
		const struct integration_header *h = &i->headers[n];
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "name", ctl_json_text(h->name));
		json_object_object_add(
		    o, "secret", json_object_new_boolean(h->secret));
		json_object_object_add(
		    o, "value", ctl_json_text(h->secret ? NULL : h->value));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *
expiry_json(int64_t us)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(
	    o, "expiresAt", us == INT64_MAX ? NULL : ctl_json_time(us));
	return o;
}

static struct json_object *
tokens_json(const struct integration *i)
{
	struct json_object *list = json_object_new_array();

	for (size_t n = 0; n < i->token_count; n++)
		json_object_array_add(
		    list, expiry_json(i->tokens[n].expires_us));
	return list;
}

static void
add_reply(struct json_object *o, const struct integration *i)
{
	char timeout[DURATION_TEXT_MAX];

	if (i->request_timeout_ms > 0)
		duration_format(i->request_timeout_ms, timeout);
	json_object_object_add(o, "requestTimeout",
	    ctl_json_text(i->request_timeout_ms > 0 ? timeout : NULL));
	if (i->stop_replies_after_ms > 0)
		duration_format(i->stop_replies_after_ms, timeout);
	json_object_object_add(o, "stopRepliesAfter",
	    ctl_json_text(i->stop_replies_after_ms > 0 ? timeout : NULL));
	json_object_object_add(o, "subject", ctl_json_text(i->subject));
	json_object_object_add(o, "replyUrl", ctl_json_text(i->reply_url));
	json_object_object_add(
	    o, "replyMethod", ctl_json_text(i->reply_method));
	json_object_object_add(o, "replyHeaders", headers_json(i));
	reply_secrets_json(o, i);
}

static void
add_status(struct json_object *o, const struct integration *i)
{
	bool paused = integration_paused(i, clock_wall_us());
	bool forever = i->paused_until_us == INTEGRATION_PAUSED_FOREVER;

	json_object_object_add(
	    o, "externalSystem", ctl_json_text(i->sync ? "sync" : "async"));
	json_object_object_add(
	    o, "enabled", json_object_new_boolean(i->enabled));
	json_object_object_add(o, "paused", json_object_new_boolean(paused));
	json_object_object_add(o, "pausedUntil",
	    paused && !forever ? ctl_json_time(i->paused_until_us) : NULL);
}

static struct json_object *
signing_json(const struct integration *i)
{
	struct json_object *list = json_object_new_array();

	for (size_t n = 0; n < i->signing_count; n++)
		json_object_array_add(
		    list, expiry_json(i->signing[n].expires_us));
	return list;
}

static void
add_intake(struct json_object *o, const struct integration *i)
{
	char window[DURATION_TEXT_MAX] = "";

	json_object_object_add(
	    o, "tokenHeader", ctl_json_text(i->token_header));
	json_object_object_add(o, "allowQueryToken",
	    json_object_new_boolean(i->allow_query_token));
	json_object_object_add(
	    o, "acceptMalformed", json_object_new_boolean(i->accept_malformed));
	json_object_object_add(
	    o, "maxBody", json_object_new_int(i->max_body_bytes));
	if (i->repeat_window_ms > 0)
		duration_format(i->repeat_window_ms, window);
	json_object_object_add(o, "repeatWindow",
	    ctl_json_text(i->repeat_window_ms > 0 ? window : NULL));
	json_object_object_add(o, "signingSecrets", signing_json(i));
	json_object_object_add(
	    o, "signatureHeader", ctl_json_text(i->signature_header));
	json_object_object_add(o, "signatureRule",
	    ctl_json_text(signature_rule_name(i->signature_rule)));
	json_object_object_add(
	    o, "rateLimit", json_object_new_int(i->rate_limit));
	json_object_object_add(
	    o, "rateBurst", json_object_new_int(i->rate_burst));
}

struct json_object *
integration_json(
    const struct ctl *c, const struct integration *i, const char *token)
{
	struct json_object *o = json_object_new_object();
	struct buf url;

	endpoint(c, i, &url);
	json_object_object_add(o, "key", ctl_json_text(i->key));
	json_object_object_add(o, "name", ctl_json_text(i->name));
	add_status(o, i);
	json_object_object_add(o, "replyStatus", reply_status_json(c, i));
	json_object_object_add(o, "endpoint", ctl_json_text(url.data));
	if (token != NULL)
		json_object_object_add(o, "token", ctl_json_text(token));
	json_object_object_add(o, "description", ctl_json_text(i->description));
	json_object_object_add(o, "contact", ctl_json_text(i->contact));
	json_object_object_add(o, "team", ctl_json_text(i->team));
	add_intake(o, i);
	add_reply(o, i);
	json_object_object_add(o, "tokens", tokens_json(i));
	json_object_object_add(o, "createdAt", ctl_json_time(i->created_us));
	json_object_object_add(o, "createdBy", ctl_json_text(i->created_by));
	json_object_object_add(o, "modifiedAt", ctl_json_time(i->modified_us));
	json_object_object_add(o, "modifiedBy", ctl_json_text(i->modified_by));
	json_object_object_add(
	    o, "settingsVersion", json_object_new_int64(i->settings_version));
	buf_fini(&url);
	return o;
}

struct json_object *
integration_json_shown(const struct ctl *c, const struct integration *i)
{
	const struct repeats *r = &c->repeats;
	struct json_object *o = integration_json(c, i, NULL);
	struct json_object *repeats = json_object_new_object();

	json_object_object_add(
	    repeats, "lastDay", json_object_new_int64(r->day));
	json_object_object_add(repeats, "lastAt",
	    r->last_us != REPEATS_NONE ? ctl_json_time(r->last_us) : NULL);
	json_object_object_add(o, "repeats", repeats);
	return o;
}

/* ---- text
 * --------------------------------------------------------------------- */

static void
row(struct table *t, const char *what, const char *value)
{
	table_add(t, what);
	table_add(t, value);
}

/* A row where there is something to show. */
static void
row_if(struct table *t, const char *what, const char *value)
{
	if (*value != '\0')
		row(t, what, value);
}

static void
status_text(const struct integration *i, char *out, size_t size)
{
	char until[CLOCK_TEXT_MAX];
	const char *word = i->enabled ? "Enabled" : "Disabled";

	if (!integration_paused(i, clock_wall_us())) {
		snprintf(out, size, "%s", word);
	} else if (i->paused_until_us == INTEGRATION_PAUSED_FOREVER) {
		snprintf(out, size, "%s, paused until resumed", word);
	} else {
		clock_format(i->paused_until_us, until);
		snprintf(out, size, "%s, paused until %s", word, until);
	}
}

static void
token_row(struct table *t, const struct integration *i)
{
	char until[CLOCK_TEXT_MAX];

	table_add(t, "Platform Token");
	if (i->token_count == 0) {
		table_add(t, "none");
	} else if (i->token_count == 1) {
		table_add(t, "set");
	} else {
		clock_format(i->tokens[1].expires_us, until);
		table_addf(t, "set; the old one is valid until %s", until);
	}
}

static void
timeout_row(const struct ctl *c, struct table *t, const struct integration *i)
{
	char text[DURATION_TEXT_MAX];

	table_add(t, "Request Timeout");
	if (i->request_timeout_ms > 0) {
		duration_format(i->request_timeout_ms, text);
		table_add(t, text);
	} else {
		duration_format(c->settings.reply_horizon_ms, text);
		table_addf(t, "none: replies are tried for %s", text);
	}
}

static void
reply_rows(const struct ctl *c, struct table *t, const struct integration *i)
{
	char text[DURATION_TEXT_MAX];

	timeout_row(c, t, i);
	row(t, "Reply URL",
	    *i->reply_url != '\0' ? i->reply_url : "none: no reply is sent");
	row(t, "Reply HTTP Method", i->reply_method);
	row_if(t, "Subject", i->subject);
	if (i->stop_replies_after_ms > 0)
		duration_format(i->stop_replies_after_ms, text);
	row_if(
	    t, "Stop Replies After", i->stop_replies_after_ms > 0 ? text : "");
	for (size_t n = 0; n < i->header_count; n++) {
		const struct integration_header *h = &i->headers[n];

		table_add(t, n == 0 ? "Reply HTTP Headers" : "");
		table_addf(
		    t, "%s: %s", h->name, h->secret ? "(secret)" : h->value);
	}
	if (i->header_count == 0)
		row(t, "Reply HTTP Headers", "none");
	reply_secrets_rows(t, i);
}

static void
signing_row(struct table *t, const struct integration *i)
{
	char until[CLOCK_TEXT_MAX];

	table_add(t, "Signing Secret");
	if (i->signing_count == 0) {
		table_add(t, "none");
		return;
	}
	if (i->signing_count > 1)
		clock_format(i->signing[1].expires_us, until);
	table_addf(t, "set, asked for: %s%s%s",
	    i->signature_rule == SIGNATURE_EITHER    ? "token or signature"
	    : i->signature_rule == SIGNATURE_BESIDES ? "token and signature"
						     : "signature",
	    i->signing_count > 1 ? "; the old one is valid until " : "",
	    i->signing_count > 1 ? until : "");
}

static void
intake_rows(struct table *t, const struct integration *i)
{
	char window[DURATION_TEXT_MAX] = "not at all";

	signing_row(t, i);
	row_if(t, "Signature Header", i->signature_header);
	if (i->repeat_window_ms > 0)
		duration_format(i->repeat_window_ms, window);
	row(t, "Repeats Known For", window);
	if (i->rate_limit == 0)
		return;
	table_add(t, "Rate Limit");
	table_addf(t, "%d events a second, %d at once", (int)i->rate_limit,
	    (int)(i->rate_burst > 0 ? i->rate_burst : i->rate_limit));
}

static void
repeats_row(struct table *t, const struct repeats *r)
{
	char when[CLOCK_TEXT_MAX];

	if (r->last_us == REPEATS_NONE)
		return;
	clock_format(r->last_us, when);
	table_add(t, "Repeats");
	table_addf(t, "%lld in the last 24 hours, the last of all at %s",
	    (long long)r->day, when);
}

static void
who_row(struct table *t, const char *what, int64_t us, const char *who)
{
	char when[CLOCK_TEXT_MAX];

	clock_format(us, when);
	table_add(t, what);
	table_addf(t, "%s%s%s", when, *who != '\0' ? " by " : "", who);
}

void
integration_print(const struct ctl *c, const struct integration *i)
{
	char status[128];
	struct table t;
	struct buf url;

	endpoint(c, i, &url);
	status_text(i, status, sizeof(status));
	table_init(&t, 2);
	row(&t, "Integration Name", i->name);
	row(&t, "Key", i->key);
	row(&t, "Endpoint", url.data);
	row(&t, "External System", integration_system_name(i));
	row(&t, "Status", status);
	reply_status_rows(c, &t, i);
	token_row(&t, i);
	reply_rows(c, &t, i);
	row_if(&t, "Description", i->description);
	row_if(&t, "Contact", i->contact);
	row_if(&t, "Team", i->team);
	row(&t, "Token Header", i->token_header);
	row(&t, "Token in Query", i->allow_query_token ? "allowed" : "refused");
	row(&t, "Malformed JSON",
	    i->accept_malformed ? "kept as text" : "refused");
	table_add(&t, "Greatest Body");
	table_addf(&t, "%d bytes", (int)i->max_body_bytes);
	intake_rows(&t, i);
	repeats_row(&t, &c->repeats);
	who_row(&t, "Created", i->created_us, i->created_by);
	who_row(&t, "Modified", i->modified_us, i->modified_by);
	table_print(&t, "", stdout);
	table_fini(&t);
	buf_fini(&url);
}

void
integration_print_list(const struct ctl *c, const struct integration_list *l)
{
	char status[128];
	struct table t;

	if (l->count == 0) {
		puts("There are no integrations.");
		return;
	}
	table_init(&t, 6);
	row(&t, "KEY", "NAME");
	row(&t, "STATUS", "REPLIES");
	table_add(&t, "TEAM");
	table_add(&t, "REPLY URL");
	for (size_t n = 0; n < l->count; n++) {
		const struct integration *i = l->items[n];

		status_text(i, status, sizeof(status));
		row(&t, i->key, i->name);
		row(&t, status, reply_status_word(c, i));
		table_add(&t, i->team);
		table_add(&t, i->reply_url);
	}
	table_print(&t, "", stdout);
	table_fini(&t);
}
