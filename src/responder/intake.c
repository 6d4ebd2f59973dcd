/*
 * POST and PUT /hooks/{key}: check, store, answer 202; and what probes get
 * there.  A request is read on a worker's thread, then parked with the
 * committer, whose thread answers it when its row is durable.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "responder/app.h"
#include "responder/auth.h"

#define HEADERS_MAX ((size_t)8192) /* kept with an event, as JSON */
#define HEADER_VALUE_MAX 2048
#define SHORT_MAX 256 /* content type, address, request id */
#define ALLOW "POST, PUT, GET, HEAD, OPTIONS"

/* An event on its way to the disk. */
struct arrival {
	struct ticket ticket; /* first: the committer hands this back */
	struct app *app;
	struct fcgi_request *request;
	enum http_method method;
	char key[INTEGRATION_KEY_LEN + 1];
	struct buf body;
	struct buf headers;
	char *content_type, *source_ip, *request_id, *malformed;
};

static void
arrival_free(struct arrival *a)
{
	if (a == NULL)
		return;
	buf_fini(&a->body);
	buf_fini(&a->headers);
	free(a->content_type);
	free(a->source_ip);
	free(a->request_id);
	free(a->malformed);
	free(a);
}

/* ---- what kind of body is it?
 * -------------------------------------------------- */

/* The media type says JSON: application/json, text/json, anything +json. */
static bool
declares_json(const char *type)
{
	size_t n;

	if (type == NULL)
		return false;
	n = strcspn(type, "; \t");
	return (n == 16 && strncasecmp(type, "application/json", n) == 0) ||
	       (n == 9 && strncasecmp(type, "text/json", n) == 0) ||
	       (n > 5 && strncasecmp(type + n - 5, "+json", 5) == 0);
}

static enum event_kind
text_or_binary(const struct buf *b)
{
	return memchr(b->data, '\0', b->len) == NULL &&
		       utf8_valid(b->data, b->len, NULL)
		   ? EVENT_TEXT
		   : EVENT_BINARY;
}

/* Sets kind, and the reason where a declared JSON is kept as it is. */
static enum err
classify(struct arrival *a, const struct integration *i, struct errinfo *ei)
{
	size_t bom = json_bom(a->body.data, a->body.len);
	struct errinfo why;
	char text[sizeof(why.where) + sizeof(why.detail) + 4];

	if (json_check(a->body.data + bom, a->body.len - bom, &why) == ERR_OK) {
		a->ticket.row.kind = EVENT_JSON;
		return ERR_OK;
	}
	if (declares_json(a->content_type)) {
		if (!i->accept_malformed) {
			*ei = why;
			return why.code;
		}
		snprintf(text, sizeof(text), "%s: %s", why.where, why.detail);
		a->malformed = mem_strdup(text);
	}
	a->ticket.row.kind = text_or_binary(&a->body);
	return ERR_OK;
}

/* ---- what is kept besides the body
 * --------------------------------------------- */

/* A parameter as text for the database: UTF-8, without controls, bounded; or
 * NULL. */
static char *
short_text(const struct fcgi_request *r, const char *param)
{
	const char *s = fcgi_param(r, param);
	size_t n;

	if (s == NULL || *s == '\0')
		return NULL;
	n = strnlen(s, SHORT_MAX);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return NULL;
	return utf8_valid(s, n, NULL) ? mem_strndup(s, n) : NULL;
}

/* "HTTP_X_REQUEST_ID" as "x-request-id", in quotes. */
static void
add_header_name(struct buf *b, const char *cgi, size_t n)
{
	char name[128];
	size_t len = 0;

	for (size_t i = 5; i < n && len < sizeof(name); i++) {
		char c = cgi[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		name[len++] = c == '_' ? '-' : c;
	}
	buf_add_json_str(b, name, len);
}

static void
keep_headers(struct arrival *a, const struct integration *i)
{
	const char *const *p = fcgi_params(a->request);
	struct buf *b = &a->headers;

	buf_addc(b, '{');
	for (; *p != NULL; p++) {
		size_t n = strcspn(*p, "=");
		size_t before = b->len;
		char name[128];
		const char *value;

		if (n < 6 || n >= sizeof(name) || strncmp(*p, "HTTP_", 5) != 0)
			continue;
		memcpy(name, *p, n);
		name[n] = '\0';
		if (!auth_keeps_header(name, i))
			continue;
		value = *p + n + 1;
		if (before > 1)
			buf_addc(b, ',');
		add_header_name(b, name, n);
		buf_addc(b, ':');
		buf_add_json_str(b, value, strnlen(value, HEADER_VALUE_MAX));
		if (b->len >= HEADERS_MAX) { /* this one has no room */
			b->len = before;
			b->data[before] = '\0';
		}
	}
	buf_addc(b, '}');
}

static enum err
check_encoding(const struct fcgi_request *r, struct errinfo *ei)
{
	const char *s = fcgi_param(r, "HTTP_CONTENT_ENCODING");

	if (s == NULL || *s == '\0' || strcasecmp(s, "identity") == 0)
		return ERR_OK;
	return err_set(ei, ERR_MEDIA,
	    "Content-Encoding %.40s is not taken; send the body as it is", s);
}

/* ---- the answer
 * ------------------------------------------------------------------ */

static void
add_location(struct buf *b, const struct arrival *a)
{
	char id[UUID_TEXT_LEN + 1];

	uuid_format(&a->ticket.row.id, id);
	buf_addf(b, "%s/hooks/%s/events/%s", a->app->settings.public_url,
	    a->key, id);
}

static void
answer_accepted(struct http_answer *answer, const struct arrival *a)
{
	char id[UUID_TEXT_LEN + 1], received[CLOCK_TEXT_MAX];
	struct buf location, *b;

	buf_init(&location, 4096);
	add_location(&location, a);
	uuid_format(&a->ticket.row.id, id);
	clock_format(a->ticket.received_us, received);
	http_start(answer, HTTP_ACCEPTED);
	http_field(answer, "Location", location.data);
	b = http_json(answer);
	buf_addf(b,
	    "{\"eventId\":\"%s\",\"status\":\"accepted\","
	    "\"receivedAt\":\"%s\",\"statusUrl\":",
	    id, received);
	buf_add_json_str(b, location.data, location.len);
	buf_adds(b, "}\n");
	buf_fini(&location);
}

/* On the committer's thread. */
static void
stored(struct ticket *t)
{
	struct arrival *a = (struct arrival *)t;
	struct http_answer *answer = &a->app->stored;

	answer->no_body = false;
	if (t->err == ERR_OK)
		answer_accepted(answer, a);
	else
		http_problem(answer, &t->why, NULL);
	fcgi_answer(a->request, answer);
	if (t->err == ERR_OK)
		log_debug(F_STR("msg", "accepted"), F_STR("key", a->key));
	else
		log_at((enum log_level)err_log_level(t->err),
		    F_STR("msg", "not stored"), F_STR("key", a->key),
		    F_STR("reason", t->why.detail));
	arrival_free(a);
}

/* ---- POST, PUT
 * -------------------------------------------------------------------- */

static void
fill_row(
    struct arrival *a, const struct settings *s, const struct integration *i)
{
	struct intake_row *row = &a->ticket.row;

	a->source_ip = short_text(a->request, "REMOTE_ADDR");
	a->request_id = short_text(a->request, "HTTP_X_REQUEST_ID");
	keep_headers(a, i);
	uuid7_new(&row->id);
	row->integration_id = i->id;
	row->wait_ms = i->request_timeout_ms != 0 ? i->request_timeout_ms
						  : s->reply_horizon_ms;
	row->content_type = a->content_type;
	row->source_ip = a->source_ip;
	row->request_id = a->request_id;
	row->malformed = a->malformed;
	row->headers = a->headers.data;
	row->headers_len = a->headers.len;
	row->body = a->body.data;
	row->body_len = a->body.len;
}

static enum err
read_event(struct arrival *a, const struct integration *i, struct errinfo *ei)
{
	enum err e = check_encoding(a->request, ei);

	if (e == ERR_OK)
		e = fcgi_body(
		    a->request, (size_t)i->max_body_bytes, &a->body, ei);
	if (e != ERR_OK)
		return e;
	if (a->body.len == 0)
		return err_set(ei, ERR_INVALID,
		    "the request has no body; an event needs one");
	a->content_type = short_text(a->request, "CONTENT_TYPE");
	return classify(a, i, ei);
}

static void
accept_event(struct exchange *x, const struct integration *i)
{
	struct arrival *a = mem_zalloc(sizeof(*a));
	struct errinfo ei;
	enum err e;

	a->app = x->app;
	a->request = x->request;
	memcpy(a->key, i->key, sizeof(a->key));
	buf_init(&a->body, INTEGRATION_BODY_MAX + 1);
	buf_init(&a->headers, 4 * HEADERS_MAX);
	e = read_event(a, i, &ei);
	if (e == ERR_OK) {
		fill_row(a, &x->app->settings, i);
		a->ticket.give_up_ms =
		    clock_mono_ms() + x->app->settings.database_wait_ms;
		a->ticket.done = stored;
		e = committer_submit(x->app->committer, &a->ticket, &ei);
	}
	if (e == ERR_OK) {
		x->request = NULL; /* the committer has it now */
		return;
	}
	arrival_free(a);
	exchange_fail(x, &ei);
}

static void
serve_post(struct exchange *x, const struct integration *i)
{
	struct errinfo ei;

	if (auth_check(x->request, x->route.query, x->app->keys, i, &ei) !=
	    ERR_OK) {
		exchange_fail(x, &ei);
	} else if (!i->enabled) {
		err_set(&ei, ERR_FORBIDDEN,
		    "this integration is disabled; events are not accepted");
		exchange_fail(x, &ei);
	} else {
		accept_event(x, i);
	}
}

/* ---- probes
 * -------------------------------------------------------------------------- */

static void
serve_probe(struct exchange *x, const struct integration *i)
{
	struct errinfo ei;
	struct buf *b;

	if (!auth_present(x->request, x->route.query, i)) {
		http_start(x->answer, HTTP_NO_CONTENT);
		exchange_send(x);
		return;
	}
	if (auth_check(x->request, x->route.query, x->app->keys, i, &ei) !=
	    ERR_OK) {
		exchange_fail(x, &ei);
		return;
	}
	http_start(x->answer, HTTP_OK);
	b = http_json(x->answer);
	buf_addf(b, "{\"integration\":{\"key\":\"%s\",\"name\":", i->key);
	buf_add_json_str(b, i->name, strlen(i->name));
	buf_addf(b, ",\"enabled\":%s}}\n", i->enabled ? "true" : "false");
	exchange_send(x);
}

/* CloudEvents 1.0, HTTP 1.1 Web Hooks, abuse protection. */
static void
serve_options(struct exchange *x)
{
	const char *origin =
	    fcgi_param(x->request, "HTTP_WEBHOOK_REQUEST_ORIGIN");

	if (origin == NULL || strpbrk(origin, "\r\n") != NULL) {
		http_start(x->answer, HTTP_NO_CONTENT);
		http_field(x->answer, "Allow", ALLOW);
	} else {
		http_start(x->answer, HTTP_OK);
		http_field(x->answer, "Allow", "POST");
		http_field(x->answer, "WebHook-Allowed-Origin", origin);
		http_field(x->answer, "WebHook-Allowed-Rate", "*");
		buf_adds(http_json(x->answer), "{}\n");
	}
	exchange_send(x);
}

void
intake_serve(struct exchange *x)
{
	struct integration *i;
	struct errinfo ei;

	if (x->method == HTTP_OTHER) {
		exchange_not_allowed(x, ALLOW);
		return;
	}
	if (x->method == HTTP_OPTIONS) {
		serve_options(x);
		return;
	}
	if (!cache_wait(x->app->cache, x->give_up_ms)) {
		err_set(&ei, ERR_UNAVAILABLE,
		    "the database is away; try again soon");
		exchange_fail(x, &ei);
		return;
	}
	i = cache_find(x->app->cache, x->route.key);
	if (x->method == HTTP_GET || x->method == HTTP_HEAD)
		serve_probe(x, i);
	else
		serve_post(x, i);
	integration_unref(i);
}
