#include "config.h"

#include "responder/call.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "store/integrations.h"

/* ---- answers ---------------------------------------------------------------
 */

static void
guard_fields(struct http_answer *a)
{
	http_field(a, "Content-Security-Policy",
	    "default-src 'none'; frame-ancestors 'none'; sandbox");
	http_field(a, "Referrer-Policy", "no-referrer");
}

void
call_start(struct call *c, int status)
{
	http_start(c->answer, status);
	guard_fields(c->answer);
}

struct buf *
call_json(struct call *c, int status)
{
	call_start(c, status);
	return http_json(c->answer);
}

void
call_etag(struct call *c, int64_t version)
{
	char text[32];

	snprintf(text, sizeof(text), "\"%" PRId64 "\"", version);
	http_field(c->answer, "ETag", text);
}

void
call_location(struct call *c, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	http_field(c->answer, "Location", text);
}

void
call_park(struct call *c, int64_t due_ms)
{
	c->visit->due_ms = due_ms;
	c->parked = true;
}

/* ---- faults ----------------------------------------------------------------
 */

enum err
call_fault(struct call *c, const char *pointer, const char *fmt, ...)
{
	char detail[sizeof(c->ei->detail)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	if (c->fault_count < CALL_FAULTS_MAX) {
		c->faults[c->fault_count].pointer = mem_strdup(pointer);
		c->faults[c->fault_count++].detail = mem_strdup(detail);
	}
	return ERR_UNPROCESSABLE;
}

void
call_break(struct call *c, const struct errinfo *ei)
{
	c->broken = *ei;
	call_fault(c, "", "%s", ei->detail); /* so that nothing is stored */
}

void
call_conflict(struct call *c, const char *pointer)
{
	call_fault(c, pointer, "%s", c->ei->detail);
}

void
call_faults_json(const struct call *c, struct buf *b)
{
	jsonw_array(b, NULL);
	for (size_t n = 0; n < c->fault_count; n++) {
		jsonw_object(b, NULL);
		jsonw_str(b, "pointer", c->faults[n].pointer);
		jsonw_str(b, "detail", c->faults[n].detail);
		jsonw_end_object(b);
	}
	jsonw_end_array(b);
}

/* ---- the query -------------------------------------------------------------
 */

const char *
call_param(const struct call *c, const char *name)
{
	for (size_t n = 0; n < c->param_count; n++)
		if (strcmp(c->params[n].name, name) == 0)
			return c->params[n].value;
	return NULL;
}

static bool
parse_int(const char *s, int64_t min, int64_t max, int64_t *out)
{
	long long v;
	char *end;

	if (*s == '\0' || strlen(s) > 19 ||
	    strspn(s + (*s == '-'), "0123456789") != strlen(s + (*s == '-')))
		return false;
	errno = 0;
	v = strtoll(s, &end, 10);
	*out = v;
	return errno == 0 && *end == '\0' && v >= min && v <= max;
}

bool
call_param_int(
    struct call *c, const char *name, int64_t min, int64_t max, int64_t *out)
{
	const char *s = call_param(c, name);

	if (s == NULL)
		return false;
	if (parse_int(s, min, max, out))
		return true;
	call_fault(
	    c, name, "write a number from %" PRId64 " to %" PRId64, min, max);
	return false;
}

bool
call_param_bool(struct call *c, const char *name, bool *out)
{
	const char *s = call_param(c, name);

	if (s == NULL)
		return false;
	*out = strcmp(s, "true") == 0;
	if (*out || strcmp(s, "false") == 0)
		return true;
	call_fault(c, name, "write true or false");
	return false;
}

bool
call_param_time(struct call *c, const char *name, int64_t *unix_us)
{
	const char *s = call_param(c, name);
	struct errinfo ei;

	if (s == NULL)
		return false;
	if (rfc3339_parse(s, unix_us, &ei) == ERR_OK)
		return true;
	call_fault(c, name, "%s", ei.detail);
	return false;
}

const char *
call_param_text(struct call *c, const char *name, size_t max)
{
	const char *s = call_param(c, name);

	if (s == NULL || strlen(s) <= max)
		return s;
	call_fault(c, name, "write at most %zu bytes", max);
	return NULL;
}

void
call_page(struct call *c, struct page *out)
{
	const char *s = call_param(c, "cursor");
	int64_t limit = CALL_LIMIT_DEFAULT;

	*out = (struct page){0};
	call_param_int(c, "limit", 1, PAGE_LIMIT_MAX, &limit);
	out->limit = (int)limit;
	if (s == NULL)
		return;
	out->back = *s == 'b';
	if ((*s != 'b' && *s != 'f') ||
	    !parse_int(s + 1, 1, INT64_MAX, &out->anchor))
		call_fault(c, "cursor",
		    "this is no cursor of this list; begin without one");
}

static void
end_cursor(struct buf *b, const char *name, bool any, char way, int64_t id)
{
	char text[32];

	snprintf(text, sizeof(text), "%c%" PRId64, way, id);
	jsonw_str(b, name, any ? text : NULL);
}

void
call_ends(struct buf *b, const struct page *page, const struct page_ends *ends,
    int64_t first, int64_t last)
{
	bool empty = first == 0;

	/* an empty page still knows where it came from */
	end_cursor(b, "next", ends->more_behind && !(empty && !page->back), 'f',
	    empty ? page->anchor : last);
	end_cursor(b, "previous", ends->more_before && !(empty && page->back),
	    'b', empty ? page->anchor : first);
}

/* ---- arguments of the path -------------------------------------------------
 */

enum err
call_arg_int(struct call *c, int n, int32_t *out)
{
	int64_t v;

	if (!parse_int(c->args[n], 1, INT32_MAX, &v))
		return err_set(c->ei, ERR_NOT_FOUND, "there is no such number");
	*out = (int32_t)v;
	return ERR_OK;
}

enum err
call_arg_uuid(struct call *c, int n, struct uuid *out)
{
	if (!uuid_parse(c->args[n], out))
		return err_set(c->ei, ERR_NOT_FOUND, "this is no Event ID");
	return ERR_OK;
}

/* ---- who may ---------------------------------------------------------------
 */

enum err
call_may(struct call *c, const char *team, enum role role, const char *what)
{
	enum role has = grants_role(&c->who.grants, team);

	if (has >= role)
		return ERR_OK;
	if (has == ROLE_NONE)
		return err_set(c->ei, ERR_NOT_FOUND,
		    "there is no such %s, or "
		    "you may not see it",
		    what);
	return err_set(c->ei, ERR_FORBIDDEN,
	    "this needs the role %s; yours for this %s is %s", role_name(role),
	    what, role_name(has));
}

enum err
call_integration(struct call *c, const char *key, enum role role,
    const struct keyring *keys, struct integration **out)
{
	struct integration *i = NULL;
	enum err e;

	*out = NULL;
	if (strlen(key) != INTEGRATION_KEY_LEN)
		return err_set(c->ei, ERR_NOT_FOUND,
		    "there is no such integration, or you may not see it");
	e = integrations_find(c->pg, keys, key, c->deadline_ms, &i, c->ei);
	if (e == ERR_OK && strcmp(i->key, key) != 0)
		e = err_set(c->ei, ERR_NOT_FOUND,
		    "there is no such "
		    "integration, or you may not see it");
	if (e == ERR_OK)
		e = call_may(c, i->team, role, "integration");
	if (e == ERR_OK)
		*out = i;
	else
		integration_unref(i);
	return e;
}

enum err
call_check_version(struct call *c, int64_t version)
{
	if (c->if_match == 0 || c->if_match == version)
		return ERR_OK;
	return err_set(c->ei, ERR_STALE,
	    "it was changed meanwhile; read it again and look at the changes");
}

const char *
call_address(const struct call *c)
{
	const char *s = fcgi_param(c->request, "REMOTE_ADDR");

	return s != NULL && utf8_valid(s, strlen(s), NULL) && strlen(s) < 64
		   ? s
		   : "";
}
