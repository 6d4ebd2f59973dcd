#include "config.h"

#include "ctl/intake_options.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "ctl/integration_options.h"
#include "domain/signature.h"

#define SECRET_BYTES 32 /* of one that is made up */

enum err
intake_set_repeat_window(
    struct integration *i, const char *value, struct errinfo *ei)
{
	int64_t ms;
	enum err e = integration_check_repeat_window(value, &ms, ei);

	if (e == ERR_OK)
		i->repeat_window_ms = ms;
	return e;
}

enum err
intake_set_signature_header(
    struct integration *i, const char *value, struct errinfo *ei)
{
	enum err e = integration_check_signature_header(value, ei);

	if (e != ERR_OK)
		return e;
	free(i->signature_header);
	i->signature_header = mem_strdup(value);
	return ERR_OK;
}

enum err
intake_set_signature_rule(
    struct integration *i, const char *value, struct errinfo *ei)
{
	if (signature_rule_parse(value, &i->signature_rule))
		return ERR_OK;
	return err_set(ei, ERR_UNPROCESSABLE,
	    "\"%.40s\" is none; write either, besides or instead", value);
}

/* "" is 0. */
static enum err
number(const char *value, int64_t *out, struct errinfo *ei)
{
	size_t n = strlen(value);

	*out = 0;
	if (n > 9 || strspn(value, "0123456789") != n)
		return err_set(ei, ERR_UNPROCESSABLE,
		    "\"%.40s\" is not a whole number", value);
	for (; *value != '\0'; value++)
		*out = *out * 10 + (*value - '0');
	return ERR_OK;
}

enum err
intake_set_rate_limit(
    struct integration *i, const char *value, struct errinfo *ei)
{
	int64_t v;
	enum err e = number(value, &v, ei);

	if (e == ERR_OK)
		e = integration_check_rate(v, ei);
	if (e == ERR_OK)
		i->rate_limit = (int32_t)v;
	return e;
}

enum err
intake_set_rate_burst(
    struct integration *i, const char *value, struct errinfo *ei)
{
	int64_t v;
	enum err e = number(value, &v, ei);

	if (e == ERR_OK)
		e = integration_check_burst(v, ei);
	if (e == ERR_OK)
		i->rate_burst = (int32_t)v;
	return e;
}

/* As Standard Webhooks has them. */
static char *
make_up(void)
{
	uint8_t bytes[SECRET_BYTES];
	struct buf b;
	char *s;

	buf_init(&b, INTEGRATION_TOKEN_MAX);
	crypto_random(bytes, sizeof(bytes));
	buf_adds(&b, SIGNATURE_PREFIX);
	crypto_base64(bytes, sizeof(bytes), &b);
	s = mem_strdup(b.data);
	mem_wipe(b.data, b.cap);
	mem_wipe(bytes, sizeof(bytes));
	buf_fini(&b);
	return s;
}

bool
intake_signing_secret(const struct args *a, bool make, char **secret)
{
	const char *given = args_get(a, "signing-secret");
	struct errinfo ei;

	*secret = NULL;
	if (given == NULL) {
		*secret = make ? make_up() : NULL;
		return true;
	}
	*secret = strcmp(given, "-") == 0 ? integration_options_line()
					  : mem_strdup(given);
	if (*secret == NULL)
		err_set(&ei, ERR_INVALID, "there is no line on standard input");
	else if (integration_check_signing(*secret, &ei) == ERR_OK)
		return true;
	args_complain(a, "--signing-secret: %s", ei.detail);
	mem_free_secret(*secret);
	*secret = NULL;
	return false;
}
