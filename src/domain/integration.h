/*
 * An integration and the rules of its settings.
 *
 * One struct serves the responder's cache, the dispatcher's cache and ewactl.
 * It owns its strings; integration_unref frees it.  A cached integration is
 * immutable and shared by reference count (integration_ref/unref are
 * thread-safe).
 */
#ifndef EWA_DOMAIN_INTEGRATION_H
#define EWA_DOMAIN_INTEGRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "domain/reply_secret.h"

#define INTEGRATION_KEY_LEN 16
#define INTEGRATION_NAME_MAX 200  /* characters */
#define INTEGRATION_TEXT_MAX 2000 /* characters of description and the like */
#define INTEGRATION_TOKEN_MIN 16  /* bytes, when typed */
#define INTEGRATION_TOKEN_MAX 256
#define INTEGRATION_TOKEN_GENERATED 40
#define INTEGRATION_TOKENS_MAX 2 /* live at once, for rotation */
#define INTEGRATION_HEADERS_MAX 50
#define INTEGRATION_HEADER_VALUE_MAX 4096
#define INTEGRATION_BODY_DEFAULT (1 << 20)
#define INTEGRATION_BODY_MAX (16 << 20)
#define INTEGRATION_TIMEOUT_MAX_MS ((int64_t)30 * 86400 * 1000)
#define INTEGRATION_TOKEN_HEADER "X-Platform-Token"
#define INTEGRATION_REPEAT_DEFAULT_MS ((int64_t)86400 * 1000)
#define INTEGRATION_RATE_MAX 100000 /* events a second */
#define INTEGRATION_BURST_MAX 1000000

/* paused_until_us: not paused, or paused until somebody resumes. */
#define INTEGRATION_NOT_PAUSED INT64_MIN
#define INTEGRATION_PAUSED_FOREVER INT64_MAX

struct integration_token {
	char key_id[CRYPTO_KEY_ID_MAX + 1]; /* which server key made the MAC */
	uint8_t mac[CRYPTO_MAC_LEN];        /* HMAC-SHA-256 of the token */
	int64_t expires_us;                 /* INT64_MAX: never */
};

/* A sender's signing secret. */
struct integration_signing {
	char *secret; /* NULL when not opened */
	int64_t expires_us;
};

/* What a request needs where there is a signing secret. */
enum signature_rule {
	SIGNATURE_EITHER,  /* the token or a signature */
	SIGNATURE_BESIDES, /* the token and a signature */
	SIGNATURE_INSTEAD  /* a signature; a token is no credential */
};

struct integration_header {
	char *name;
	char *value; /* NULL when secret and not opened */
	bool secret;
};

struct automation_list;

struct integration {
	int refs;
	int32_t id;
	char key[INTEGRATION_KEY_LEN + 1];
	char *name;
	bool sync; /* external system Event Webhook Sync */
	bool enabled;
	bool deleted;
	int64_t paused_until_us;
	char *description, *contact, *team;
	char *token_header;
	bool allow_query_token;
	bool accept_malformed;
	int32_t max_body_bytes;
	int64_t repeat_window_ms; /* 0: repeats are not looked for */
	char *signature_header;   /* "": the well-known ones */
	enum signature_rule signature_rule;
	int32_t rate_limit;            /* events a second; 0: no limit */
	int32_t rate_burst;            /* at once; 0: as rate_limit */
	int64_t request_timeout_ms;    /* 0: none */
	int64_t stop_replies_after_ms; /* failing for so long; 0: never */
	char *reply_url;               /* "": no reply */
	char *reply_method;            /* "POST" or "PUT" */
	struct integration_header *headers;
	size_t header_count;
	struct reply_secrets reply_secrets;
	struct integration_token tokens[INTEGRATION_TOKENS_MAX];
	size_t token_count;
	struct integration_signing signing[INTEGRATION_TOKENS_MAX];
	size_t signing_count; /* newest first */
	bool signing_fresh;   /* they are to replace the stored ones */
	char *subject;        /* paths of the line that people see; "": none */
	struct automation_list *automations; /* of the dispatcher, a copy */
	int64_t settings_version;
	int64_t created_us, modified_us;
	char *created_by, *modified_by;
};

struct integration *integration_new(void); /* defaults, one reference */
struct integration *integration_ref(struct integration *i);
void integration_unref(struct integration *i); /* NULL is fine */

void integration_add_header(
    struct integration *i, const char *name, const char *value, bool secret);
void integration_clear_headers(struct integration *i);

/* This one (NULL: none) in place of all, fresh. */
void integration_set_signing(struct integration *i, const char *secret);

bool integration_paused(const struct integration *i, int64_t now_us);

/* Enabled, not deleted and not paused: its events may be handled and sent. */
bool integration_runs(const struct integration *i, int64_t now_us);

/* Names as shown: "Event Webhook Async", "Event Webhook Sync". */
const char *integration_system_name(const struct integration *i);

/*
 * The rules of single settings (DESIGN, Settings of an integration).  Each
 * returns ERR_OK or ERR_UNPROCESSABLE with a sentence; `where` is the
 * setting's name as ewactl's options spell it ("reply-url").  Blank timeouts
 * (*ms is 0 then) and reply URLs are allowed.
 */
enum err integration_check_name(const char *name, struct errinfo *ei);
enum err integration_check_token(const char *token, struct errinfo *ei);
/* description, contact, team: `setting` says which. */
enum err integration_check_text(
    const char *setting, const char *text, struct errinfo *ei);
enum err integration_check_timeout(
    const char *text, int64_t *ms, struct errinfo *ei);
/* Failing for so long stops the replies; blank: never. */
enum err integration_check_stop_after(
    const char *text, int64_t *ms, struct errinfo *ei);
enum err integration_check_reply_url(const char *url, struct errinfo *ei);
/* Checks it and sets it; user and password in it become a secret, and those of
 * before stay only with the same server. */
enum err integration_set_reply_url(
    struct integration *i, const char *url, struct errinfo *ei);
/* Do the settings of the reply agree? */
enum err integration_check_reply(
    const struct integration *i, struct errinfo *ei);
enum err integration_check_reply_method(const char *m, struct errinfo *ei);
enum err integration_check_token_header(const char *n, struct errinfo *ei);
enum err integration_check_max_body(int64_t bytes, struct errinfo *ei);

/* Of the intake (integration_intake.c).  A blank repeat window is 0: off. */
enum err integration_check_repeat_window(
    const char *text, int64_t *ms, struct errinfo *ei);
enum err integration_check_signature_header(const char *n, struct errinfo *ei);
enum err integration_check_rate(int64_t per_s, struct errinfo *ei);
enum err integration_check_burst(int64_t events, struct errinfo *ei);
enum err integration_check_signing(const char *secret, struct errinfo *ei);

/* If it is enabled: are the credentials there that its signature rule wants?
 * ERR_UNPROCESSABLE says which is missing. */
enum err integration_check_credentials(const struct integration *i,
    bool has_token, bool has_signing_secret, struct errinfo *ei);

/* "either", "besides", "instead"; false for another word. */
const char *signature_rule_name(enum signature_rule r);
bool signature_rule_parse(const char *name, enum signature_rule *out);

/* Name: an RFC 9110 token that we don't set ourselves (Host, Content-Length,
 * Transfer-Encoding, TE, Connection, ..., webhook-*).  Value: no controls, no
 * blanks at its ends, at most 4 KiB, UTF-8. */
enum err integration_check_header(
    const char *name, const char *value, struct errinfo *ei);

/* integration_check_header, at most INTEGRATION_HEADERS_MAX, no name twice;
 * then added, as a secret if asked or if its name says so. */
enum err integration_set_header(struct integration *i, const char *name,
    const char *value, bool secret, struct errinfo *ei);

/* Authorization, Cookie, X-Api-Key and the like are secret always. */
bool integration_header_is_secret(const char *name);

/* Split "Name: value" into two new strings. */
enum err integration_split_header(
    const char *line, char **name, char **value, struct errinfo *ei);

#endif
