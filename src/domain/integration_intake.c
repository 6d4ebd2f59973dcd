/* Rules of the settings of an integration's intake. */
#include "config.h"

#include "domain/integration.h"

#include <string.h>
#include <strings.h>

#include "base/duration.h"
#include "domain/signature.h"

static const char *const rules[] = {"either", "besides", "instead"};

const char *
signature_rule_name(enum signature_rule r)
{
	return rules[r];
}

bool
signature_rule_parse(const char *name, enum signature_rule *out)
{
	for (size_t k = 0; k < sizeof(rules) / sizeof(rules[0]); k++)
		if (strcmp(name, rules[k]) == 0) {
			*out = (enum signature_rule)k;
			return true;
		}
	return false;
}

static enum err
at(struct errinfo *ei, const char *setting, enum err e)
{
	if (e != ERR_OK && ei != NULL) {
		ei->code = ERR_UNPROCESSABLE;
		err_where(ei, "%s", setting);
	}
	return e != ERR_OK ? ERR_UNPROCESSABLE : ERR_OK;
}

enum err
integration_check_max_body(int64_t bytes, struct errinfo *ei)
{
	if (bytes >= 1 && bytes <= INTEGRATION_BODY_MAX)
		return ERR_OK;
	return at(ei, "max-body",
	    err_set(ei, ERR_UNPROCESSABLE,
		"the greatest body is 1 to %d bytes (16 MiB)",
		INTEGRATION_BODY_MAX));
}

enum err
integration_check_repeat_window(
    const char *text, int64_t *ms, struct errinfo *ei)
{
	static const char setting[] = "repeat-window";
	int64_t v;
	enum err e;

	*ms = 0;
	if (*text == '\0')
		return ERR_OK;
	e = duration_parse(text, &v, ei);
	if (e == ERR_OK && v > INTEGRATION_TIMEOUT_MAX_MS)
		e = err_set(ei, ERR_UNPROCESSABLE,
		    "repeats are remembered for at most 30 days (P30D)");
	if (e != ERR_OK)
		return at(ei, setting, e);
	*ms = v;
	return ERR_OK;
}

/* By the token header's rules, but for the two that are known. */
enum err
integration_check_signature_header(const char *n, struct errinfo *ei)
{
	if (*n == '\0' || strcasecmp(n, SIGNATURE_STANDARD) == 0)
		return ERR_OK;
	return at(
	    ei, "signature-header", integration_check_token_header(n, ei));
}

enum err
integration_check_rate(int64_t per_s, struct errinfo *ei)
{
	if (per_s >= 0 && per_s <= INTEGRATION_RATE_MAX)
		return ERR_OK;
	return at(ei, "rate-limit",
	    err_set(ei, ERR_UNPROCESSABLE,
		"a rate is 1 to %d events a second, or 0 for no limit",
		INTEGRATION_RATE_MAX));
}

enum err
integration_check_burst(int64_t events, struct errinfo *ei)
{
	if (events >= 0 && events <= INTEGRATION_BURST_MAX)
		return ERR_OK;
	return at(ei, "rate-burst",
	    err_set(ei, ERR_UNPROCESSABLE,
		"a burst is 1 to %d events, or 0 for as many as the rate",
		INTEGRATION_BURST_MAX));
}

enum err
integration_check_signing(const char *secret, struct errinfo *ei)
{
	return at(ei, "signing-secret", signature_check_secret(secret, ei));
}

enum err
integration_check_credentials(
    const struct integration *i, bool token, bool secret, struct errinfo *ei)
{
	const char *missing = NULL;

	if (!i->enabled)
		return ERR_OK;
	if (!token && !secret)
		missing = "a platform token or a signing secret";
	else if (i->signature_rule != SIGNATURE_EITHER && !secret)
		missing = "a signing secret, since its signature rule asks "
			  "for signatures";
	else if (i->signature_rule == SIGNATURE_BESIDES && !token)
		missing = "a platform token besides its signing secret, by "
			  "its signature rule";
	if (missing == NULL)
		return ERR_OK;
	return at(ei, "enable",
	    err_set(ei, ERR_UNPROCESSABLE,
		"an enabled integration needs %s; give it one first", missing));
}
