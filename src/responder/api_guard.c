#include "config.h"

#include "responder/api_guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "responder/api_ops.h"
#include "store/api_tokens.h"
#include "store/sessions.h"

#define BODY_DEPTH_MAX 32
#define VALUE_MAX 4096 /* bytes of one query parameter */
#define REMOTE_USER_MAX 200

/* ---- the query -------------------------------------------------------------
 */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* New; NULL if it is none. */
static char *
decode(const char *s, size_t n)
{
	char *out = mem_alloc(n + 1);
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '%') {
			int high = i + 2 < n ? hex(s[i + 1]) : -1;
			int low = i + 2 < n ? hex(s[i + 2]) : -1;

			if (high < 0 || low < 0 || high + low == 0) {
				free(out);
				return NULL;
			}
			out[len++] = (char)(high << 4 | low);
			i += 2;
		} else {
			out[len++] = s[i] == '+' ? ' ' : s[i];
		}
	}
	out[len] = '\0';
	if (utf8_valid(out, len, NULL))
		return out;
	free(out);
	return NULL;
}

/* The operation's own spelling of this name, n bytes; NULL: unknown. */
static const char *
known(const char *names, const char *s, size_t n, size_t *len)
{
	for (; names != NULL && *names != '\0';
	     names += *len + (names[*len] == ' ')) {
		*len = strcspn(names, " ");
		if (*len == n && memcmp(names, s, n) == 0)
			return names;
	}
	return NULL;
}

/* Names live in the table, followed by a blank: kept as short copies. */
static const char *
keep_name(const char *s, size_t n)
{
	static const char *const all[] = {"action", "actor", "cursor", "event",
	    "from", "id", "integration", "limit", "name", "q", "replyState",
	    "sort", "state", "step", "subject", "team", "test", "text", "to",
	    "unknownKeys", "until", "wait"};

	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
		if (strlen(all[k]) == n && memcmp(all[k], s, n) == 0)
			return all[k];
	BUG_ON(true);
}

static enum err
add_param(struct call *c, const char *s, size_t n)
{
	size_t name_len, len;
	const char *eq = memchr(s, '=', n);
	char label[33], *value;

	name_len = eq != NULL ? (size_t)(eq - s) : n;
	len = name_len < sizeof(label) ? name_len : sizeof(label) - 1;
	memcpy(label, s, len);
	label[len] = '\0';
	if (known(c->op->params, s, name_len, &len) == NULL) {
		call_fault(c,
		    utf8_valid(label, strlen(label), NULL) ? label : "?",
		    "there is no such parameter here");
		return ERR_OK;
	}
	if (call_param(c, label) != NULL) {
		call_fault(c, label, "this is given twice");
		return ERR_OK;
	}
	value = eq != NULL && n - name_len - 1 <= VALUE_MAX
		    ? decode(eq + 1, n - name_len - 1)
		    : mem_strdup(eq != NULL ? NULL : "");
	if (value == NULL)
		return err_set(c->ei, ERR_INVALID,
		    "the value of %s in the query is too long, or not UTF-8 "
		    "in percent-encoding",
		    label);
	BUG_ON(c->param_count == CALL_PARAMS_MAX);
	c->params[c->param_count].name = keep_name(s, name_len);
	c->params[c->param_count++].value = value;
	return ERR_OK;
}

enum err
guard_query(struct call *c, const char *query)
{
	enum err e = ERR_OK;
	size_t n;

	for (; *query != '\0' && e == ERR_OK; query += n + (query[n] == '&')) {
		n = strcspn(query, "&");
		if (n != 0)
			e = add_param(c, query, n);
	}
	return e;
}

/* ---- the site --------------------------------------------------------------
 */

static bool
is_json_type(const char *s)
{
	size_t n;

	if (s == NULL)
		return false;
	n = strcspn(s, "; \t");
	return n == strlen("application/json") &&
	       strncasecmp(s, "application/json", n) == 0;
}

/* "https://host:port" against "host:port". */
static bool
same_host(const char *origin, const char *host)
{
	const char *p = strstr(origin, "://");

	return p != NULL && host != NULL && strcasecmp(p + 3, host) == 0;
}

enum err
guard_site(struct call *c)
{
	const char *site = fcgi_param(c->request, "HTTP_SEC_FETCH_SITE");
	const char *origin = fcgi_param(c->request, "HTTP_ORIGIN");

	if (!is_json_type(fcgi_param(c->request, "CONTENT_TYPE")))
		return err_set(c->ei, ERR_MEDIA,
		    "send it with Content-Type: application/json");
	if (site != NULL) {
		if (strcmp(site, "same-origin") == 0 ||
		    strcmp(site, "none") == 0)
			return ERR_OK;
	} else if (origin == NULL ||
		   same_host(origin, fcgi_param(c->request, "HTTP_HOST"))) {
		return ERR_OK;
	}
	return err_set(
	    c->ei, ERR_FORBIDDEN, "this request comes from another site");
}

/* ---- who calls -------------------------------------------------------------
 */

/* The value of a cookie; false if it is not there, or not of that length. */
static bool
cookie(const char *cookies, const char *name, char *out, size_t len)
{
	size_t name_len = strlen(name), n;

	for (; cookies != NULL && *cookies != '\0';
	     cookies += n, cookies += strspn(cookies, "; ")) {
		n = strcspn(cookies, ";");
		if (n == name_len + 1 + len && cookies[name_len] == '=' &&
		    memcmp(cookies, name, name_len) == 0) {
			memcpy(out, cookies + name_len + 1, len);
			out[len] = '\0';
			return true;
		}
	}
	return false;
}

enum err
guard_caller(struct call *c)
{
	const struct settings *s = &c->app->settings;
	const char *auth = fcgi_param(c->request, "HTTP_AUTHORIZATION");
	const char *user = fcgi_param(c->request, "REMOTE_USER");
	struct session_limits l = {s->session_idle_ms, s->session_limit_ms,
	    (c->op->flags & CALL_QUIET) != 0};
	char token[SESSION_TOKEN_LEN + 1];
	enum err e;

	if (auth != NULL && strncasecmp(auth, "Bearer ", 7) == 0)
		return api_tokens_find(c->pg, c->app->keys, auth + 7,
		    c->deadline_ms, &c->who, c->ei);
	if (cookie(fcgi_param(c->request, "HTTP_COOKIE"),
		session_cookie(c->app), token, SESSION_TOKEN_LEN)) {
		e = sessions_find(c->pg, c->app->keys, &l, token,
		    c->deadline_ms, &c->who, c->ei);
		mem_wipe(token, sizeof(token));
		if (e != ERR_UNAUTHORIZED || !s->trust_remote_user)
			return e;
	}
	if (s->trust_remote_user && user != NULL && *user != '\0' &&
	    strlen(user) <= REMOTE_USER_MAX &&
	    utf8_valid(user, strlen(user), NULL))
		return sessions_remote_user(
		    c->pg, user, c->deadline_ms, &c->who, c->ei);
	return err_set(c->ei, ERR_UNAUTHORIZED, "sign in");
}

/* ---- the version -----------------------------------------------------------
 */

enum err
guard_if_match(struct call *c)
{
	const char *s = fcgi_param(c->request, "HTTP_IF_MATCH");
	char *end;

	if (s == NULL && (c->op->flags & CALL_IF_MATCH))
		return err_set(c->ei, ERR_NO_VERSION,
		    "send the ETag of what was read as If-Match");
	if (s == NULL)
		return ERR_OK;
	if (s[0] == '"' && s[1] >= '1' && s[1] <= '9' && strlen(s) < 22) {
		c->if_match = strtoll(s + 1, &end, 10);
		if (end[0] == '"' && end[1] == '\0')
			return ERR_OK;
	}
	return err_set(c->ei, ERR_STALE,
	    "If-Match names no version of this; read it again");
}

/* ---- the body --------------------------------------------------------------
 */

/* Does a string hold the escape of NUL?  json-c would cut it there. */
static bool
has_nul(const struct buf *b)
{
	const char *p = b->data;

	while ((p = strchr(p, '\\')) != NULL) {
		if (strncmp(p, "\\u0000", 6) == 0)
			return true;
		p += p[1] != '\0' ? 2 : 1;
	}
	return false;
}

static enum err
parse(struct call *c, const struct buf *b)
{
	struct json_tokener *t;

	if (json_check(b->data, b->len, c->ei) != ERR_OK)
		return ERR_INVALID;
	if (has_nul(b))
		return err_set(c->ei, ERR_INVALID,
		    "the character NUL (\\u0000) is not taken here");
	t = json_tokener_new_ex(BODY_DEPTH_MAX);
	c->body = json_tokener_parse_ex(t, b->data, (int)b->len);
	json_tokener_free(t);
	if (!json_object_is_type(c->body, json_type_object))
		return err_set(c->ei, ERR_INVALID,
		    "the body must be a JSON object, at most %d levels deep",
		    BODY_DEPTH_MAX);
	return ERR_OK;
}

static void
refuse_fields(struct call *c)
{
	json_object_object_foreach(c->body, name, value)
	{
		char pointer[64];

		(void)value;
		snprintf(pointer, sizeof(pointer), "/%s", name);
		call_fault(c, pointer, "this operation takes no fields");
	}
}

enum err
guard_body(struct call *c)
{
	struct buf b;
	enum err e;

	buf_init(&b, CALL_BODY_MAX);
	e = fcgi_body(c->request, CALL_BODY_MAX, &b, c->ei);
	if (e == ERR_OK && b.len == 0 && !(c->op->flags & CALL_BODY))
		c->body = json_object_new_object();
	else if (e == ERR_OK)
		e = parse(c, &b);
	if (e == ERR_OK && !(c->op->flags & CALL_BODY))
		refuse_fields(c);
	mem_wipe(b.data, b.len); /* passwords */
	buf_fini(&b);
	return e;
}
