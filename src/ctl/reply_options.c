#include "config.h"

#include "ctl/reply_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/pem.h"
#include "ctl/integration_options.h"

#define CHUNK 4096

enum err
reply_set_url(struct integration *i, const char *value, struct errinfo *ei)
{
	return integration_set_reply_url(i, value, ei);
}

static enum err
read_file(const char *path, struct buf *out, struct errinfo *ei)
{
	FILE *f = fopen(path, "re");
	size_t n;
	char *room;

	if (f == NULL)
		return err_set(
		    ei, ERR_INVALID, "%.200s: %s", path, strerror(errno));
	do {
		room = buf_room(out, CHUNK);
		n = room != NULL ? fread(room, 1, CHUNK, f) : 0;
		if (room != NULL)
			buf_grew(out, n);
	} while (n > 0);
	fclose(f);
	if (buf_failed(out))
		return err_set(ei, ERR_INVALID, "%.200s: more than %d bytes",
		    path, REPLY_SECRET_MAX);
	return ERR_OK;
}

enum err
reply_set_certificate(
    struct integration *i, const char *value, struct errinfo *ei)
{
	struct buf pem;
	enum err e;

	if (*value == '\0') {
		reply_secrets_set(&i->reply_secrets, REPLY_CERTIFICATE, NULL);
		return ERR_OK;
	}
	buf_init(&pem, REPLY_SECRET_MAX);
	e = read_file(value, &pem, ei);
	if (e == ERR_OK)
		e = pem_check_identity(
		    pem.data, clock_wall_us() / 1000000, NULL, ei);
	if (e == ERR_OK)
		reply_secrets_set(
		    &i->reply_secrets, REPLY_CERTIFICATE, pem.data);
	mem_wipe(pem.data, pem.cap);
	buf_fini(&pem);
	return e;
}

void
reply_options_apply(const struct args *a, struct integration *i)
{
	if (args_has(a, "no-reply-credentials"))
		reply_secrets_set(&i->reply_secrets, REPLY_CREDENTIALS, NULL);
}

bool
reply_signing_secret(const struct args *a, bool make, char **secret)
{
	const char *given = args_get(a, "reply-secret");
	char made[REPLY_SIGNING_TEXT_MAX];
	struct errinfo ei;

	*secret = NULL;
	if (given == NULL) {
		if (!make)
			return true;
		reply_signing_make(made);
		*secret = mem_strdup(made);
		mem_wipe(made, sizeof(made));
		return true;
	}
	*secret = strcmp(given, "-") == 0 ? integration_options_line()
					  : mem_strdup(given);
	if (*secret == NULL)
		err_set(&ei, ERR_INVALID, "there is no line on standard input");
	else if (reply_signing_check(*secret, &ei) == ERR_OK)
		return true;
	args_complain(a, "--reply-secret: %s", ei.detail);
	mem_free_secret(*secret);
	*secret = NULL;
	return false;
}

bool
reply_options_create(const struct args *a, struct integration *i)
{
	bool make = args_has(a, "generate-reply-secret");
	char *secret;

	if (make && args_has(a, "reply-secret")) {
		args_complain(a,
		    "--reply-secret and --generate-reply-secret are both "
		    "given; one of them is meant");
		return false;
	}
	if (!reply_signing_secret(a, make, &secret))
		return false;
	if (secret != NULL)
		reply_secrets_set(&i->reply_secrets, REPLY_SIGNING, secret);
	mem_free_secret(secret);
	return true;
}

/* ---- showing ---------------------------------------------------------------
 */

static bool
has(const struct integration *i, enum reply_secret_kind kind)
{
	return reply_secrets_find(&i->reply_secrets, kind, 0) != NULL;
}

/* Of our certificate; false: there is none, or it was not opened. */
static bool
certificate_expiry(const struct integration *i, int64_t *us)
{
	const struct reply_secret *s =
	    reply_secrets_find(&i->reply_secrets, REPLY_CERTIFICATE, 0);
	struct pem_certificate c;

	if (s == NULL || s->value == NULL ||
	    !pem_read_certificate(s->value, &c))
		return false;
	*us = c.expires_s * 1000000;
	return true;
}

static void
certificate_row(struct table *t, const struct integration *i)
{
	char when[CLOCK_TEXT_MAX];
	int64_t us, left_us;

	table_add(t, "Client Certificate");
	if (!certificate_expiry(i, &us) ||
	    (left_us = us - clock_wall_us()) > CERTIFICATE_NOTICE_US) {
		table_add(t, "set");
		return;
	}
	clock_format(us, when);
	table_addf(t, "set; it %s on %s",
	    left_us > 0 ? "expires" : "has expired", when);
}

static struct json_object *
signing_json(const struct integration *i)
{
	struct json_object *list = json_object_new_array();
	const struct reply_secret *s;

	for (size_t n = 0; (s = reply_secrets_find(
				&i->reply_secrets, REPLY_SIGNING, n)) != NULL;
	     n++) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "expiresAt",
		    s->expires_us == INT64_MAX ? NULL
					       : ctl_json_time(s->expires_us));
		json_object_array_add(list, o);
	}
	return list;
}

void
reply_secrets_json(struct json_object *o, const struct integration *i)
{
	const struct reply_secret *s =
	    reply_secrets_find(&i->reply_secrets, REPLY_SIGNING, 0);
	int64_t us;

	if (s != NULL && s->fresh)
		json_object_object_add(
		    o, "replySecret", ctl_json_text(s->value));
	json_object_object_add(o, "replySecrets", signing_json(i));
	json_object_object_add(o, "replyCredentials",
	    json_object_new_boolean(has(i, REPLY_CREDENTIALS)));
	json_object_object_add(o, "clientCertificate",
	    json_object_new_boolean(has(i, REPLY_CERTIFICATE)));
	json_object_object_add(o, "clientCertificateExpiresAt",
	    certificate_expiry(i, &us) ? ctl_json_time(us) : NULL);
}

void
reply_secrets_rows(struct table *t, const struct integration *i)
{
	const struct reply_secret *old =
	    reply_secrets_find(&i->reply_secrets, REPLY_SIGNING, 1);
	char until[CLOCK_TEXT_MAX] = "";

	if (has(i, REPLY_CREDENTIALS)) {
		table_add(t, "Reply Credentials");
		table_add(t, "set");
	}
	table_add(t, "Reply Secret");
	if (!has(i, REPLY_SIGNING)) {
		table_add(t, "none: replies are not signed");
	} else {
		if (old != NULL)
			clock_format(old->expires_us, until);
		table_addf(t, "set%s%s",
		    old != NULL ? "; the old one signs too until " : "", until);
	}
	if (has(i, REPLY_CERTIFICATE))
		certificate_row(t, i);
}
