/*
 * HTTP's vocabulary, and answers as the web server wants them from FastCGI.
 *
 * An answer is built whole before it is sent: Status first, then the other
 * fields, Content-Length, body.  Errors are problem documents (RFC 9457) that
 * have besides a top-level string "error", for senders that log that.
 */
#ifndef EWA_RESPONDER_HTTP_H
#define EWA_RESPONDER_HTTP_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_OPTIONS,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OTHER
};

enum http_status {
	HTTP_OK = 200,
	HTTP_CREATED = 201,
	HTTP_ACCEPTED = 202,
	HTTP_NO_CONTENT = 204
};

#define HTTP_ANSWER_MAX ((size_t)8 << 20)
#define HTTP_HEAD_MAX 8192
#define HTTP_LENGTH_MAX 64 /* Content-Length and the end of a head */
#define HTTP_RETRY_AFTER_S 5
#define HTTP_RATE_RETRY_AFTER_S 1 /* a rate is one a second at least */

enum http_method http_method(const char *name);

/* An answer being written; http_answer_init ... http_answer_body, then hand
 * it to fcgi_answer. */
struct http_answer {
	struct buf head;
	struct buf body;
	bool no_body; /* an answer to HEAD: its length, without the bytes */
};

void http_answer_init(struct http_answer *a);
void http_answer_fini(struct http_answer *a);

/* Begin anew with a status; adds Cache-Control: no-store. */
void http_start(struct http_answer *a, int status);
/* Value must hold no line breaks: they are our own words or checked ones. */
void http_field(struct http_answer *a, const char *name, const char *value);

/* Content-Type and an empty body to be filled by the caller. */
struct buf *http_json(struct http_answer *a);

/* A whole problem document, with Retry-After for 503 and WWW-Authenticate for
 * 401.  allow is the Allow field for a 405, or NULL. */
void http_problem(
    struct http_answer *a, const struct errinfo *ei, const char *allow);

/* The same for the API: a 401 offers no Basic, since browsers would ask for a
 * password in a window of their own; errors is a JSON array or NULL. */
void http_api_problem(struct http_answer *a, const struct errinfo *ei,
    const char *allow, const char *errors);

/* Append the answer's head in CGI form (RFC 3875, section 6) to out; the body
 * follows it unless no_body is set. */
void http_render_head(const struct http_answer *a, struct buf *out);

#endif
