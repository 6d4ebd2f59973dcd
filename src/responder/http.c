#include "config.h"

#include "responder/http.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	enum http_method method;
} methods[] = {
    {"GET",     HTTP_GET    },
    {"HEAD",    HTTP_HEAD   },
    {"POST",    HTTP_POST   },
    {"PUT",     HTTP_PUT    },
    {"OPTIONS", HTTP_OPTIONS},
    {"PATCH",   HTTP_PATCH  },
    {"DELETE",  HTTP_DELETE },
};

static const struct {
	int status;
	const char *reason;
} reasons[] = {
    {HTTP_OK,         "OK"        },
    {HTTP_CREATED,    "Created"   },
    {HTTP_ACCEPTED,   "Accepted"  },
    {HTTP_NO_CONTENT, "No Content"},
};

enum http_method
http_method(const char *name)
{
	if (name != NULL)
		for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]);
		     i++)
			if (strcmp(name, methods[i].name) == 0)
				return methods[i].method;
	return HTTP_OTHER;
}

void
http_answer_init(struct http_answer *a)
{
	buf_init(&a->head, HTTP_HEAD_MAX);
	buf_init(&a->body, HTTP_ANSWER_MAX);
	a->no_body = false;
}

void
http_answer_fini(struct http_answer *a)
{
	buf_fini(&a->head);
	buf_fini(&a->body);
}

static void
start(struct http_answer *a, int status, const char *reason)
{
	buf_reset(&a->head);
	buf_reset(&a->body);
	buf_addf(&a->head, "Status: %d %s\r\n", status, reason);
	http_field(a, "Cache-Control", "no-store");
	http_field(a, "X-Content-Type-Options", "nosniff");
}

void
http_start(struct http_answer *a, int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status) {
			start(a, status, reasons[i].reason);
			return;
		}
	BUG_ON(true);
}

void
http_field(struct http_answer *a, const char *name, const char *value)
{
	BUG_ON(strpbrk(value, "\r\n") != NULL);
	buf_addf(&a->head, "%s: %s\r\n", name, value);
}

struct buf *
http_json(struct http_answer *a)
{
	http_field(a, "Content-Type", "application/json");
	return &a->body;
}

static void
add_member(struct buf *b, const char *name, const char *value)
{
	buf_addf(b, ",\"%s\":", name);
	buf_add_json_str(b, value, strlen(value));
}

static void
problem(struct http_answer *a, const struct errinfo *ei, const char *allow,
    const char *challenge, const char *errors)
{
	int status = err_status(ei->code);
	char text[sizeof(ei->where) + sizeof(ei->detail) + 4];
	char num[16];

	start(a, status, err_title(ei->code));
	if (allow != NULL)
		http_field(a, "Allow", allow);
	if (status == 401)
		http_field(a, "WWW-Authenticate", challenge);
	if (status == 503) {
		snprintf(num, sizeof(num), "%d",
		    ei->code == ERR_RATE ? HTTP_RATE_RETRY_AFTER_S
					 : HTTP_RETRY_AFTER_S);
		http_field(a, "Retry-After", num);
	}
	http_field(a, "Content-Type", "application/problem+json");
	snprintf(text, sizeof(text), "%s%s%s", ei->where,
	    *ei->where != '\0' ? ": " : "", ei->detail);
	buf_addf(&a->body, "{\"type\":\"urn:ewa:problem:%s\",\"status\":%d",
	    err_type(ei->code), status);
	add_member(&a->body, "title", err_title(ei->code));
	add_member(&a->body, "detail", text);
	add_member(&a->body, "error", text);
	if (errors != NULL) {
		buf_adds(&a->body, ",\"errors\":");
		buf_adds(&a->body, errors);
	}
	buf_adds(&a->body, "}\n");
}

void
http_problem(struct http_answer *a, const struct errinfo *ei, const char *allow)
{
	problem(
	    a, ei, allow, "Bearer realm=\"ewa\", Basic realm=\"ewa\"", NULL);
}

void
http_api_problem(struct http_answer *a, const struct errinfo *ei,
    const char *allow, const char *errors)
{
	problem(a, ei, allow, "Bearer realm=\"ewa\"", errors);
}

void
http_render_head(const struct http_answer *a, struct buf *out)
{
	buf_add(out, a->head.data, a->head.len);
	/* 204 has no length (RFC 9110, 8.6) */
	if (strncmp(a->head.data, "Status: 204", 11) != 0)
		buf_addf(out, "Content-Length: %zu\r\n", a->body.len);
	buf_adds(out, "\r\n");
}
