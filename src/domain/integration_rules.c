/* The rules of single settings of an integration, and of its reply headers. */
#include "config.h"

#include "domain/integration.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/duration.h"
#include "base/mem.h"
#include "base/uri.h"
#include "base/utf8.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HEADER_NAME_MAX 128

#define REFUSE(ei, setting, ...) \
	refused((ei), (setting), err_set((ei), ERR_UNPROCESSABLE, __VA_ARGS__))

static enum err
refused(struct errinfo *ei, const char *setting, enum err code)
{
	if (ei != NULL)
		err_where(ei, "%s", setting);
	return code;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
blank_at_ends(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && (is_blank(s[0]) || is_blank(s[n - 1]));
}

static enum err
check_length(const char *setting, const char *what, const char *text,
    size_t max, struct errinfo *ei)
{
	size_t n = utf8_length(text);

	if (n > max)
		return REFUSE(ei, setting,
		    "the %s has %zu characters; at most %zu are allowed", what,
		    n, max);
	return ERR_OK;
}

enum err
integration_check_name(const char *name, struct errinfo *ei)
{
	static const char setting[] = "name";

	if (*name == '\0')
		return REFUSE(ei, setting, "an integration needs a name");
	if (!utf8_valid(name, strlen(name), NULL))
		return REFUSE(ei, setting, "the name is not UTF-8");
	if (utf8_has_control(name))
		return REFUSE(ei, setting,
		    "the name holds a control character (a tab or a new line, "
		    "perhaps); write it in one line");
	if (blank_at_ends(name))
		return REFUSE(ei, setting,
		    "the name begins or ends with a blank; leave it out");
	return check_length(setting, "name", name, INTEGRATION_NAME_MAX, ei);
}

enum err
integration_check_text(
    const char *setting, const char *text, struct errinfo *ei)
{
	if (!utf8_valid(text, strlen(text), NULL))
		return REFUSE(ei, setting, "the text is not UTF-8");
	return check_length(setting, "text", text, INTEGRATION_TEXT_MAX, ei);
}

enum err
integration_check_token(const char *token, struct errinfo *ei)
{
	static const char setting[] = "token";
	size_t n = strlen(token);

	for (const char *p = token; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			return REFUSE(ei, setting,
			    "a token is made of printable ASCII characters "
			    "without blanks, since it travels in a header");
	if (n < INTEGRATION_TOKEN_MIN)
		return REFUSE(ei, setting,
		    "the token has %zu characters; at least %d are needed "
		    "(or let one be generated)",
		    n, INTEGRATION_TOKEN_MIN);
	return check_length(setting, "token", token, INTEGRATION_TOKEN_MAX, ei);
}

static enum err
check_span(
    const char *setting, const char *text, int64_t *ms, struct errinfo *ei)
{
	enum err e = ERR_OK;

	*ms = 0;
	if (*text != '\0')
		e = duration_parse(text, ms, ei);
	if (e == ERR_OK && *ms > INTEGRATION_TIMEOUT_MAX_MS)
		e = err_set(ei, ERR_INVALID, "it is at most 30 days (P30D)");
	if (e == ERR_OK)
		return ERR_OK;
	if (ei != NULL)
		ei->code = ERR_UNPROCESSABLE;
	return refused(ei, setting, ERR_UNPROCESSABLE);
}

enum err
integration_check_timeout(const char *text, int64_t *ms, struct errinfo *ei)
{
	return check_span("request-timeout", text, ms, ei);
}

enum err
integration_check_stop_after(const char *text, int64_t *ms, struct errinfo *ei)
{
	return check_span("stop-replies-after", text, ms, ei);
}

enum err
integration_check_reply_url(const char *url, struct errinfo *ei)
{
	struct uri u;

	if (*url == '\0')
		return ERR_OK;
	if (uri_parse(url, &u, ei) != ERR_OK)
		return refused(ei, "reply-url", ERR_UNPROCESSABLE);
	uri_fini(&u);
	return ERR_OK;
}

enum err
integration_check_reply_method(const char *m, struct errinfo *ei)
{
	if (strcmp(m, "POST") == 0 || strcmp(m, "PUT") == 0)
		return ERR_OK;
	return REFUSE(ei, "reply-method",
	    "a reply is sent by POST or PUT, written in capitals");
}

/* ---- headers ---------------------------------------------------------------
 */

/* Lower case; what ends with a hyphen stands for all that begin so. */
static const char *const ours[] = {"host", "content-length",
    "transfer-encoding", "te", "trailer", "upgrade", "connection", "keep-alive",
    "proxy-", "expect", "webhook-id", "webhook-timestamp", "webhook-signature",
    "traceparent"};

/* Read in their own way, or never handed on by a web server. */
static const char *const no_token_header[] = {"authorization", "cookie",
    "proxy", "content-type", "content-encoding", "accept", "accept-encoding",
    "date", "forwarded", "location", "prefer", "idempotency-key"};

static bool
name_in(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(list[i]);

		if (list[i][n - 1] == '-' ? strncasecmp(name, list[i], n) == 0
					  : strcasecmp(name, list[i]) == 0)
			return true;
	}
	return false;
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/* RFC 9110, 5.6.2 */
static bool
is_token(const char *s)
{
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (!is_alnum(*s) && strchr("!#$%&'*+-.^_`|~", *s) == NULL)
			return false;
	return true;
}

static enum err
check_header_name(const char *name, const char *setting, struct errinfo *ei)
{
	if (*name == '\0')
		return REFUSE(ei, setting, "a header needs a name");
	if (!is_token(name))
		return REFUSE(ei, setting,
		    "a header's name is made of letters, digits and "
		    "!#$%%&'*+-.^_`|~ without blanks");
	if (strlen(name) > HEADER_NAME_MAX)
		return REFUSE(ei, setting,
		    "a header's name has at most %d characters",
		    HEADER_NAME_MAX);
	if (name_in(name, ours, COUNT(ours)))
		return REFUSE(ei, setting,
		    "the header %s belongs to the connection or is made by "
		    "ewa itself; take another name",
		    name);
	return ERR_OK;
}

enum err
integration_check_token_header(const char *n, struct errinfo *ei)
{
	static const char setting[] = "token-header";
	enum err e = check_header_name(n, setting, ei);

	if (e != ERR_OK)
		return e;
	for (const char *p = n; *p != '\0'; p++)
		if (!is_alnum(*p) && *p != '-')
			return REFUSE(ei, setting,
			    "a token header's name is made of letters, digits "
			    "and hyphens; web servers drop other ones");
	if (name_in(n, no_token_header, COUNT(no_token_header)))
		return REFUSE(ei, setting,
		    "the header %s has a meaning of its own and can't carry "
		    "the token; take another name, such as %s",
		    n, INTEGRATION_TOKEN_HEADER);
	return ERR_OK;
}

enum err
integration_check_header(
    const char *name, const char *value, struct errinfo *ei)
{
	static const char setting[] = "reply-header";
	enum err e = check_header_name(name, setting, ei);

	if (e != ERR_OK || value == NULL)
		return e;
	if (strlen(value) > INTEGRATION_HEADER_VALUE_MAX)
		return REFUSE(ei, setting,
		    "the value of %s has more than %d bytes", name,
		    INTEGRATION_HEADER_VALUE_MAX);
	if (!utf8_valid(value, strlen(value), NULL))
		return REFUSE(
		    ei, setting, "the value of %s is not UTF-8", name);
	if (utf8_has_control(value))
		return REFUSE(ei, setting,
		    "the value of %s holds a control character (a tab or a "
		    "new line, perhaps)",
		    name);
	if (blank_at_ends(value))
		return REFUSE(ei, setting,
		    "the value of %s begins or ends with a blank; leave it out",
		    name);
	return ERR_OK;
}

/* Is there `word` between hyphens (or other signs, or the ends)? */
static bool
has_word(const char *name, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = name; *p != '\0'; p++)
		if ((p == name || !is_alnum(p[-1])) &&
		    strncasecmp(p, word, n) == 0 && !is_alnum(p[n]))
			return true;
	return false;
}

static bool
has_part(const char *name, const char *part)
{
	size_t n = strlen(part);

	for (; *name != '\0'; name++)
		if (strncasecmp(name, part, n) == 0)
			return true;
	return false;
}

bool
integration_header_is_secret(const char *name)
{
	static const char *const parts[] = {"authorization", "cookie", "token",
	    "secret", "password", "passwd", "credential", "apikey"};
	static const char *const words[] = {
	    "auth", "key", "authentication", "jwt"};

	for (size_t i = 0; i < COUNT(parts); i++)
		if (has_part(name, parts[i]))
			return true;
	for (size_t i = 0; i < COUNT(words); i++)
		if (has_word(name, words[i]))
			return true;
	return false;
}

enum err
integration_set_header(struct integration *i, const char *name,
    const char *value, bool secret, struct errinfo *ei)
{
	static const char setting[] = "reply-header";
	enum err e = integration_check_header(name, value, ei);

	if (e != ERR_OK)
		return e;
	for (size_t n = 0; n < i->header_count; n++)
		if (strcasecmp(i->headers[n].name, name) == 0)
			return REFUSE(
			    ei, setting, "the header %s is given twice", name);
	if (i->header_count == INTEGRATION_HEADERS_MAX)
		return REFUSE(ei, setting,
		    "there are more than %d reply headers",
		    INTEGRATION_HEADERS_MAX);
	integration_add_header(
	    i, name, value, secret || integration_header_is_secret(name));
	return ERR_OK;
}

enum err
integration_split_header(
    const char *line, char **name, char **value, struct errinfo *ei)
{
	const char *colon = strchr(line, ':');
	const char *v;
	size_t n;

	*name = NULL;
	*value = NULL;
	if (colon == NULL)
		return REFUSE(ei, "reply-header",
		    "there is no colon; write the header as \"Name: value\"");
	for (v = colon + 1; is_blank(*v); v++)
		continue;
	for (n = strlen(v); n > 0 && is_blank(v[n - 1]); n--)
		continue;
	*name = mem_strndup(line, (size_t)(colon - line));
	*value = mem_strndup(v, n);
	return ERR_OK;
}
