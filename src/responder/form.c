#include "config.h"

#include "responder/form.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/rfc3339.h"
#include "base/utf8.h"

/* Is name one of those, parted by blanks? */
static bool
listed(const char *names, const char *name)
{
	size_t len = strlen(name), n;

	for (; *names != '\0'; names += n + (names[n] == ' ')) {
		n = strcspn(names, " ");
		if (n == len && memcmp(names, name, n) == 0)
			return true;
	}
	return false;
}

/* "~" and "/" as RFC 6901 wants them. */
static void
pointer(const struct form *f, const char *name, char out[FORM_AT_MAX * 2])
{
	size_t len;

	snprintf(out, FORM_AT_MAX * 2, "%s/", f->at);
	for (len = strlen(out); *name != '\0' && len < FORM_AT_MAX * 2 - 3;
	     name++) {
		if (*name == '~' || *name == '/') {
			out[len++] = '~';
			out[len++] = *name == '~' ? '0' : '1';
		} else {
			out[len++] = *name;
		}
	}
	out[len] = '\0';
}

void
form_fault(const struct form *f, const char *name, const char *fmt, ...)
{
	char at[FORM_AT_MAX * 2], detail[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	pointer(f, name, at);
	call_fault(f->call, at, "%s", detail);
}

static void
only(struct form *f, const char *names)
{
	json_object_object_foreach(f->object, name, value)
	{
		(void)value;
		if (!listed(names, name))
			form_fault(f, name, "there is no such field");
	}
}

void
form_body(struct form *f, struct call *c, const char *names)
{
	*f = (struct form){.call = c, .object = c->body};
	only(f, names);
}

bool
form_object(struct form *f, const struct form *of, const char *name, size_t n,
    struct json_object *o, const char *names)
{
	char index[24], at[FORM_AT_MAX * 2];

	*f = (struct form){.call = of->call, .object = o};
	pointer(of, name, at);
	snprintf(index, sizeof(index), n != SIZE_MAX ? "/%zu" : "", n);
	snprintf(f->at, sizeof(f->at), "%.100s%s", at, index);
	if (!json_object_is_type(o, json_type_object)) {
		call_fault(f->call, f->at, "this must be an object");
		return false;
	}
	only(f, names);
	return true;
}

bool
form_has(const struct form *f, const char *name)
{
	return json_object_object_get_ex(f->object, name, NULL);
}

bool
form_null(const struct form *f, const char *name)
{
	struct json_object *o;

	return json_object_object_get_ex(f->object, name, &o) && o == NULL;
}

bool
form_need(const struct form *f, const char *name)
{
	struct json_object *o;

	if (json_object_object_get_ex(f->object, name, &o) && o != NULL)
		return true;
	form_fault(f, name, "this must be given");
	return false;
}

/* The value if it has that type; NULL else. */
static struct json_object *
get(const struct form *f, const char *name, enum json_type type,
    const char *what)
{
	struct json_object *o;

	if (!json_object_object_get_ex(f->object, name, &o) || o == NULL)
		return NULL;
	if (json_object_is_type(o, type))
		return o;
	form_fault(f, name, "this must be %s", what);
	return NULL;
}

const char *
form_text(const struct form *f, const char *name, size_t min, size_t max)
{
	struct json_object *o = get(f, name, json_type_string, "a string");
	const char *s;
	size_t n;

	if (o == NULL)
		return NULL;
	s = json_object_get_string(o); /* holds no NUL: api.c saw to it */
	n = utf8_length(s);
	if (n >= min && n <= max)
		return s;
	if (n < min && min == 1)
		form_fault(f, name, "this must not be blank");
	else if (n < min)
		form_fault(f, name, "write at least %zu characters", min);
	else
		form_fault(f, name,
		    "write at most %zu characters, these are %zu", max, n);
	return NULL;
}

bool
form_bool(const struct form *f, const char *name, bool *out)
{
	struct json_object *o =
	    get(f, name, json_type_boolean, "true or false");

	if (o == NULL)
		return false;
	*out = json_object_get_boolean(o);
	return true;
}

bool
form_int(const struct form *f, const char *name, int64_t min, int64_t max,
    int64_t *out)
{
	struct json_object *o = get(f, name, json_type_int, "a whole number");

	if (o == NULL)
		return false;
	*out = json_object_get_int64(o);
	if (*out >= min && *out <= max)
		return true;
	form_fault(
	    f, name, "write a number from %" PRId64 " to %" PRId64, min, max);
	return false;
}

bool
form_time(const struct form *f, const char *name, int64_t *unix_us)
{
	const char *s = form_text(f, name, 1, 64);
	struct errinfo ei;

	if (s == NULL)
		return false;
	if (rfc3339_parse(s, unix_us, &ei) == ERR_OK)
		return true;
	form_fault(f, name, "%s", ei.detail);
	return false;
}

struct json_object *
form_array(const struct form *f, const char *name, size_t max)
{
	struct json_object *o = get(f, name, json_type_array, "a list");

	if (o == NULL || json_object_array_length(o) <= max)
		return o;
	form_fault(f, name, "there are at most %zu", max);
	return NULL;
}

static void
add_grant(const struct form *f, struct grants *out)
{
	const char *role = NULL, *team = NULL;
	enum role r;

	if (form_need(f, "role"))
		role = form_text(f, "role", 1, 20);
	if (!form_has(f, "team"))
		form_fault(f, "team", "name a team, or null for all");
	else if (!form_null(f, "team"))
		team = form_text(f, "team", 1, INTEGRATION_TEXT_MAX);
	if (role != NULL && !role_parse(role, &r))
		form_fault(f, "role", "write viewer, operator or admin");
	else if (role != NULL && (team != NULL || form_null(f, "team")))
		(void)grants_add(out, r, team); /* form_array counts */
}

bool
form_grants(const struct form *f, const char *name, struct grants *out)
{
	struct json_object *list = form_array(f, name, ACCESS_GRANTS_MAX);
	struct form g;

	if (list == NULL)
		return false;
	for (size_t n = 0; n < json_object_array_length(list); n++)
		if (form_object(&g, f, name, n,
			json_object_array_get_idx(list, n), "role team"))
			add_grant(&g, out);
	return true;
}
