#include "config.h"

#include "responder/prefer.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "responder/http.h"

#define DIGITS_MAX 9

/* One preference; name and value without blanks and quotes. */
struct preference {
	const char *name, *value;
	size_t name_len, value_len;
};

static const char *
skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

/* Behind a preference, at its comma or the end: parameters are passed over. */
static const char *
skip_rest(const char *p)
{
	while (*p != '\0' && *p != ',') {
		if (*p++ != '"')
			continue;
		while (*p != '\0' && *p != '"')
			p += *p == '\\' && p[1] != '\0' ? 2 : 1;
		p += *p == '"';
	}
	return p;
}

/* Behind name and value. */
static const char *
take(const char *p, struct preference *out)
{
	static const char ends[] = " \t,;=\"";

	out->name = p;
	out->name_len = strcspn(p, ends);
	out->value = "";
	out->value_len = 0;
	p = skip_blanks(p + out->name_len);
	if (*p != '=')
		return p;
	p = skip_blanks(p + 1);
	if (*p == '"') {
		out->value = p + 1;
		out->value_len = strcspn(p + 1, "\"\\");
		return p; /* the rest begins with the string, to be skipped */
	}
	out->value = p;
	out->value_len = strcspn(p, ends);
	return p + out->value_len;
}

static bool
is(const struct preference *p, const char *name)
{
	return p->name_len == strlen(name) &&
	       strncasecmp(p->name, name, p->name_len) == 0;
}

static int
seconds(const struct preference *p)
{
	int n = 0;

	if (p->value_len == 0 || p->value_len > DIGITS_MAX)
		return PREFER_NO_WAIT;
	for (size_t i = 0; i < p->value_len; i++) {
		if (p->value[i] < '0' || p->value[i] > '9')
			return PREFER_NO_WAIT;
		n = 10 * n + (p->value[i] - '0');
	}
	return n < PREFER_WAIT_MAX_S ? n : PREFER_WAIT_MAX_S;
}

void
prefer_parse(const char *value, struct prefer *out)
{
	struct preference p;
	bool waited = false;

	*out = (struct prefer){.wait_s = PREFER_NO_WAIT};
	while (value != NULL && *value != '\0') {
		value = skip_rest(take(skip_blanks(value), &p));
		if (is(&p, "respond-async") && p.value_len == 0)
			out->respond_async = true;
		if (is(&p, "wait") && !waited) {
			waited = true;
			out->wait_s = seconds(&p);
		}
		value += *value == ',';
	}
}

void
prefer_applied(const struct prefer *p, bool is_async, struct http_answer *a)
{
	bool async = is_async && p->respond_async;
	char text[48] = "";

	if (p->wait_s != PREFER_NO_WAIT)
		snprintf(text, sizeof(text), "%swait=%d",
		    async ? "respond-async, " : "", p->wait_s);
	else if (async)
		snprintf(text, sizeof(text), "respond-async");
	if (*text != '\0')
		http_field(a, "Preference-Applied", text);
}
