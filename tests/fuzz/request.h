/*
 * A request without a web server: what auth.c and its like ask of fcgi.h,
 * answered from lines "NAME=value".  Include it in one file of a program that
 * does not link fcgi.c.
 */
#ifndef EWA_TESTS_FUZZ_REQUEST_H
#define EWA_TESTS_FUZZ_REQUEST_H

#include <string.h>

#include "responder/fcgi.h"

#include "fuzz.h"

#define REQUEST_PARAMS_MAX 64

struct fcgi_request {
	const char *params[REQUEST_PARAMS_MAX + 1];
	size_t count;
	char *text;
};

const char *
fcgi_param(const struct fcgi_request *r, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < r->count; i++)
		if (strncmp(r->params[i], name, n) == 0 &&
		    r->params[i][n] == '=')
			return r->params[i] + n + 1;
	return NULL;
}

const char *const *
fcgi_params(const struct fcgi_request *r)
{
	return r->params;
}

/* From size bytes; lines without "=" are passed over. */
static void
request_init(struct fcgi_request *r, const uint8_t *data, size_t size)
{
	char *p, *end;

	memset(r, 0, sizeof(*r));
	r->text = malloc(size + 1);
	CHECK(r->text != NULL);
	memcpy(r->text, data, size);
	r->text[size] = '\0';
	for (p = r->text; *p != '\0' && r->count < REQUEST_PARAMS_MAX;
	     p = end) {
		end = p + strcspn(p, "\n");
		if (*end == '\n')
			*end++ = '\0';
		if (strchr(p, '=') != NULL)
			r->params[r->count++] = p;
	}
}

static void
request_fini(struct fcgi_request *r)
{
	free(r->text);
}

#endif
