/*
 * One call of the API, as its handler sees it, and what handlers share:
 * query parameters, fields of the body, faults, answers.
 *
 * A handler returns ERR_OK with c->answer begun by call_start (or the call
 * parked by call_park), or an error with c->ei filled; faults that were
 * noted make a 422 of it, whatever it returns.
 */
#ifndef EWA_RESPONDER_CALL_H
#define EWA_RESPONDER_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "base/err.h"
#include "base/uuid7.h"
#include "domain/access.h"
#include "domain/integration.h"
#include "responder/app.h"
#include "responder/desk.h"
#include "store/page.h"

#define CALL_BODY_MAX ((size_t)1 << 20)
#define CALL_ARGS_MAX 2
#define CALL_ARG_LEN 64
#define CALL_PARAMS_MAX 16
#define CALL_FAULTS_MAX 100
#define CALL_DEADLINE_MS 10000
#define CALL_LIMIT_DEFAULT 50

struct call;

enum call_role {
	CALL_PUBLIC,
	CALL_SIGNED_IN,
	CALL_VIEWER,
	CALL_OPERATOR,
	CALL_ADMIN,
	CALL_ADMIN_ALL
};

/* Of the whole request. */
enum call_flags {
	CALL_BODY = 1,
	CALL_IF_MATCH = 2,
	CALL_MAY_MATCH = 4,
	CALL_QUIET = 8 /* does not keep a session from being idle */
};

struct api_op {
	enum http_method method;
	const char *path; /* behind "/api", "{}" for an argument */
	enum call_role role;
	unsigned flags;
	enum err (*serve)(struct call *c);
	const char *params; /* names of its query, parted by blanks; or NULL */
};

struct call_param {
	const char *name;
	char *value;
};

struct call_fault {
	char *pointer, *detail;
};

struct call {
	struct app *app;
	struct visit *visit;
	struct fcgi_request *request;
	const struct api_op *op;
	struct http_answer *answer;
	struct pg *pg;
	int64_t deadline_ms;
	struct caller who; /* name NULL: nobody */
	char args[CALL_ARGS_MAX][CALL_ARG_LEN];
	struct call_param params[CALL_PARAMS_MAX];
	size_t param_count;
	struct json_object *body;
	int64_t if_match; /* 0: not given */
	struct call_fault faults[CALL_FAULTS_MAX];
	size_t fault_count;
	struct errinfo broken; /* code ERR_OK: it isn't (call_break) */
	bool parked;
	struct errinfo *ei;
};

/* ---- answers ---------------------------------------------------------------
 */

/* The status line and the fields of every answer. */
void call_start(struct call *c, int status);
/* call_start, and a JSON body to be written; newline and all is the caller's.
 */
struct buf *call_json(struct call *c, int status);
void call_etag(struct call *c, int64_t version);
void call_location(struct call *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Serve it again at due_ms; visit->state says what for. */
void call_park(struct call *c, int64_t due_ms);

/* ---- faults ----------------------------------------------------------------
 */

/* Always ERR_UNPROCESSABLE; pointer is a JSON pointer or a parameter. */
enum err call_fault(struct call *c, const char *pointer, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* What was given could not be checked, as the database is away: whatever else
 * is found, this is the answer. */
void call_break(struct call *c, const struct errinfo *ei);
/* An ERR_CONFLICT (c->ei) that one field has caused. */
void call_conflict(struct call *c, const char *pointer);
/* The JSON array of the problem's member "errors". */
void call_faults_json(const struct call *c, struct buf *b);

/* ---- the query -------------------------------------------------------------
 */

/* NULL: not given. */
const char *call_param(const struct call *c, const char *name);
/* False: not given, or a fault was noted. */
bool call_param_int(
    struct call *c, const char *name, int64_t min, int64_t max, int64_t *out);
bool call_param_bool(struct call *c, const char *name, bool *out);
bool call_param_time(struct call *c, const char *name, int64_t *unix_us);
/* At most so many bytes. */
const char *call_param_text(struct call *c, const char *name, size_t max);

/* limit and cursor of a list by numbers. */
void call_page(struct call *c, struct page *out);
/* "next" and "previous" of such a list; first and last are the numbers of its
 * items. */
void call_ends(struct buf *b, const struct page *page,
    const struct page_ends *ends, int64_t first, int64_t last);

/* ---- arguments of the path -------------------------------------------------
 */

/* ERR_NOT_FOUND if it is none. */
enum err call_arg_int(struct call *c, int n, int32_t *out);
enum err call_arg_uuid(struct call *c, int n, struct uuid *out);

/* ---- who may --------------------------------------------------------------
 */

/* ERR_NOT_FOUND: there is none, or they may not see it; ERR_FORBIDDEN: their
 * role for it is lower. */
enum err call_may(
    struct call *c, const char *team, enum role role, const char *what);
/* The integration that the key names, if the caller has the role for it;
 * secrets are opened with keys (or NULL). */
enum err call_integration(struct call *c, const char *key, enum role role,
    const struct keyring *keys, struct integration **out);
/* ERR_STALE if If-Match was given and is another. */
enum err call_check_version(struct call *c, int64_t version);

const char *call_address(const struct call *c); /* of the client, or "" */

#endif
