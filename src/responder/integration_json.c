#include "config.h"

#include "responder/integration_json.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "responder/notice_json.h"

static void
status_json(struct buf *b, const struct integration_row *row)
{
	jsonw_object(b, "status");
	jsonw_str(b, "state", row->state != NULL ? row->state : "unknown");
	jsonw_time(b, "since", row->since_us);
	jsonw_str(b, "detail", row->cause);
	if (row->stopped_us == INTEGRATION_NO_TIME) {
		jsonw_null(b, "repliesStopped");
	} else {
		jsonw_object(b, "repliesStopped");
		jsonw_time(b, "at", row->stopped_us);
		jsonw_str(b, "reason",
		    row->stopped_reason != NULL ? row->stopped_reason : "");
		jsonw_end_object(b);
	}
	jsonw_end_object(b);
}

static void
notices_json(struct buf *b, const struct integration_row *row)
{
	jsonw_array(b, "notices");
	for (size_t n = 0; n < row->expiring_count; n++) {
		const struct integration_certificate *x = &row->expiring[n];

		jsonw_object(b, NULL);
		notice_certificate_json(b, x->ours, x->subject, x->expires_us);
		jsonw_end_object(b);
	}
	jsonw_end_array(b);
}

static int64_t
capped(int64_t n)
{
	return n < INTEGRATION_COUNT_MAX ? n : INTEGRATION_COUNT_MAX;
}

void
integration_summary_json(
    struct buf *b, const struct call *c, const struct integration_row *row)
{
	bool paused = row->paused_until_us > clock_wall_us();

	jsonw_object(b, NULL);
	jsonw_str(b, "key", row->key);
	jsonw_str(b, "name", row->name);
	jsonw_str(b, "externalSystem", row->sync ? "sync" : "async");
	jsonw_bool(b, "enabled", row->enabled);
	jsonw_bool(b, "paused", paused);
	jsonw_time(b, "pausedUntil",
	    paused ? row->paused_until_us : INTEGRATION_NO_TIME);
	jsonw_str(b, "team", row->team);
	jsonw_str(b, "description", row->description);
	status_json(b, row);
	notices_json(b, row);
	jsonw_str(b, "role", role_name(grants_role(&c->who.grants, row->team)));
	jsonw_int(b, "eventsToday", capped(row->events_today));
	jsonw_bool(
	    b, "eventsTodayCapped", row->events_today > INTEGRATION_COUNT_MAX);
	jsonw_time(b, "lastEventAt", row->last_event_us);
	jsonw_int(b, "waiting", capped(row->waiting));
	jsonw_time(b, "createdAt", row->created_us);
	jsonw_str(b, "createdBy", row->created_by);
	jsonw_time(b, "modifiedAt", row->modified_us);
	jsonw_str(b, "modifiedBy", row->modified_by);
	jsonw_int(b, "version", row->version);
}

static void
headers_json(struct buf *b, const struct integration *i)
{
	jsonw_array(b, "replyHeaders");
	for (size_t n = 0; n < i->header_count; n++) {
		const struct integration_header *h = &i->headers[n];

		jsonw_object(b, NULL);
		jsonw_str(b, "name", h->name);
		jsonw_str(b, "value", h->secret ? NULL : h->value);
		jsonw_bool(b, "secret", h->secret);
		jsonw_end_object(b);
	}
	jsonw_end_array(b);
}

static void
tokens_json(struct buf *b, const struct token_infos *tokens)
{
	jsonw_array(b, "tokens");
	for (size_t n = 0; n < tokens->count; n++) {
		jsonw_object(b, NULL);
		jsonw_time(b, "createdAt", tokens->items[n].created_us);
		jsonw_str(b, "createdBy", tokens->items[n].created_by);
		jsonw_time(b, "expiresAt", tokens->items[n].expires_us);
		jsonw_end_object(b);
	}
	jsonw_end_array(b);
}

static void
number_or_null(struct buf *b, const char *name, int32_t n)
{
	if (n != 0)
		jsonw_int(b, name, n);
	else
		jsonw_null(b, name);
}

static bool
has_secret(const struct integration *i, enum reply_secret_kind kind)
{
	return reply_secrets_find(&i->reply_secrets, kind, 0) != NULL;
}

static void
intake_json(struct buf *b, const struct integration *i)
{
	jsonw_str(b, "tokenHeader", i->token_header);
	jsonw_bool(b, "allowQueryToken", i->allow_query_token);
	jsonw_bool(b, "acceptMalformed", i->accept_malformed);
	jsonw_int(b, "maxBodyBytes", i->max_body_bytes);
	jsonw_str(b, "subject", i->subject != NULL ? i->subject : "");
	jsonw_str(b, "signatureHeader", i->signature_header);
	jsonw_str(b, "signatureRule", signature_rule_name(i->signature_rule));
	jsonw_bool(b, "signingSecretSet", i->signing_count != 0);
	number_or_null(b, "rateLimit", i->rate_limit);
	number_or_null(b, "rateBurst", i->rate_burst);
	jsonw_duration(b, "repeatWindow", i->repeat_window_ms);
}

void
integration_json(struct buf *b, const struct call *c,
    const struct integration *i, const struct integration_row *row,
    const struct token_infos *tokens)
{
	char endpoint[2048 + 64], words[DURATION_WORDS_MAX];

	integration_summary_json(b, c, row);
	snprintf(endpoint, sizeof(endpoint), "%s/hooks/%s",
	    c->app->settings.public_url, i->key);
	jsonw_str(b, "endpoint", endpoint);
	jsonw_str(b, "contact", i->contact);
	jsonw_duration(b, "requestTimeout", i->request_timeout_ms);
	timeout_words(c, i->request_timeout_ms, words);
	jsonw_str(b, "requestTimeoutWords", words);
	jsonw_str(b, "replyUrl", i->reply_url);
	jsonw_str(b, "replyMethod", i->reply_method);
	headers_json(b, i);
	tokens_json(b, tokens);
	intake_json(b, i);
	jsonw_bool(b, "replySecretSet", has_secret(i, REPLY_SIGNING));
	jsonw_bool(b, "replyCredentialsSet", has_secret(i, REPLY_CREDENTIALS));
	jsonw_bool(b, "replyCertificateSet", has_secret(i, REPLY_CERTIFICATE));
	jsonw_duration(b, "stopRepliesAfter", i->stop_replies_after_ms);
}

/* ---- durations in words ----------------------------------------------------
 */

static void
add_unit(char out[DURATION_WORDS_MAX], int64_t n, const char *unit)
{
	size_t len = strlen(out);

	if (n != 0)
		snprintf(out + len, DURATION_WORDS_MAX - len, "%s%lld %s%s",
		    len != 0 ? " " : "", (long long)n, unit, n != 1 ? "s" : "");
}

void
duration_words(int64_t ms, char out[DURATION_WORDS_MAX])
{
	out[0] = '\0';
	add_unit(out, ms / 86400000, "day");
	add_unit(out, ms / 3600000 % 24, "hour");
	add_unit(out, ms / 60000 % 60, "minute");
	add_unit(out, ms / 1000 % 60, "second");
	add_unit(out, ms % 1000, "millisecond");
}

void
timeout_words(const struct call *c, int64_t ms, char out[DURATION_WORDS_MAX])
{
	char span[DURATION_WORDS_MAX];

	if (ms != 0) {
		duration_words(ms, out);
		return;
	}
	duration_words(c->app->settings.reply_horizon_ms, span);
	snprintf(
	    out, DURATION_WORDS_MAX, "none: replies are tried for %.80s", span);
}
