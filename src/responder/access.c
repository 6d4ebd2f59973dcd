#include "config.h"

#include "responder/access.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "domain/signature.h"
#include "responder/auth.h"

#define CGI_STANDARD "HTTP_WEBHOOK_SIGNATURE"
#define CGI_GITHUB "HTTP_X_HUB_SIGNATURE_256"

static const char *
header(const struct fcgi_request *r, const char *cgi)
{
	const char *v = fcgi_param(r, cgi);

	return v != NULL && *v != '\0' ? v : NULL;
}

/* False: there is none in the place where the integration looks. */
static bool
find_signature(const struct fcgi_request *r, const struct integration *i,
    struct signature *out)
{
	const char *own = i->signature_header;
	char cgi[AUTH_CGI_NAME_MAX];

	*out = (struct signature){0};
	if (*own == '\0' || strcasecmp(own, SIGNATURE_STANDARD) == 0) {
		out->value = header(r, CGI_STANDARD);
		out->standard = out->value != NULL;
		out->id = header(r, "HTTP_WEBHOOK_ID");
		out->timestamp = header(r, "HTTP_WEBHOOK_TIMESTAMP");
		if (out->value == NULL && *own == '\0')
			out->value = header(r, CGI_GITHUB);
	} else {
		auth_cgi_name(own, cgi, sizeof(cgi));
		out->value = header(r, cgi);
	}
	return out->value != NULL;
}

static bool
signs(const struct integration *i)
{
	return i != NULL &&
	       (i->signing_count != 0 || i->signature_rule != SIGNATURE_EITHER);
}

enum err
access_check(const struct fcgi_request *r, const char *query,
    const struct keyring *keys, const struct integration *i, bool *needs_body,
    struct errinfo *ei)
{
	struct signature s;
	enum err e;

	*needs_body = false;
	/* also where the token does not matter: a refusal costs the same */
	e = auth_check(r, query, keys, i, ei);
	if (!signs(i) || (i->signature_rule == SIGNATURE_EITHER &&
			     auth_present(r, query, i)))
		return e;
	if (i->signature_rule != SIGNATURE_BESIDES)
		e = ERR_OK;
	if (e == ERR_OK && !find_signature(r, i, &s))
		e = auth_refuse(ei);
	*needs_body = e == ERR_OK;
	return e;
}

enum err
access_signature(const struct fcgi_request *r, const struct integration *i,
    const void *body, size_t n, struct errinfo *ei)
{
	const char *secrets[INTEGRATION_TOKENS_MAX];
	int64_t now_us = clock_wall_us();
	struct signature s;

	if (!find_signature(r, i, &s))
		return auth_refuse(ei);
	for (size_t k = 0; k < i->signing_count; k++)
		secrets[k] = i->signing[k].expires_us > now_us
				 ? i->signing[k].secret
				 : NULL;
	return signature_check(
	    &s, secrets, i->signing_count, body, n, now_us / 1000000, ei);
}

enum err
access_to_look(const struct fcgi_request *r, const char *query,
    const struct keyring *keys, const struct integration *i, struct errinfo *ei)
{
	bool needs_body;
	enum err e = access_check(r, query, keys, i, &needs_body, ei);

	if (e == ERR_OK && needs_body)
		e = access_signature(r, i, "", 0, ei);
	return e;
}

bool
access_tried(const struct fcgi_request *r, const char *query,
    const struct integration *i)
{
	struct signature s;

	return auth_present(r, query, i) ||
	       (signs(i) && find_signature(r, i, &s));
}
