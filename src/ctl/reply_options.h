/*
 * Options of an integration's replies that hold secrets: the URL with its
 * user and password, the secret that signs, our certificate.
 */
#ifndef EWA_CTL_REPLY_OPTIONS_H
#define EWA_CTL_REPLY_OPTIONS_H

#include <stdbool.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/table.h"
#include "domain/integration.h"

/* clang-format off */
#define REPLY_SETTINGS                                                       \
	{"client-certificate", "FILE", false,                                \
	    "a certificate of ours and its key as PEM, for reply\n"          \
	    "URLs that ask for one; kept sealed; '' for none"}

#define REPLY_CREATE_ARGS                                                    \
	{"reply-secret", "SECRET|-", false,                                  \
	    "sign replies as Standard Webhooks with this secret\n"           \
	    "(whsec_...); -: read a line from standard input"},              \
	{"generate-reply-secret", NULL, false,                               \
	    "make such a secret up, and show it once"}

#define REPLY_UPDATE_ARGS                                                    \
	{"no-reply-credentials", NULL, false,                                \
	    "forget user and password of the reply URL"}
/* clang-format on */

/* Each takes the value of the option of its name. */
enum err reply_set_url(
    struct integration *i, const char *value, struct errinfo *ei);
enum err reply_set_certificate(
    struct integration *i, const char *value, struct errinfo *ei);

/* The options without a value. */
void reply_options_apply(const struct args *a, struct integration *i);

/* The secret of --reply-secret ("-" is read from standard input), checked,
 * new; or one that is made up where `make` is true and none is given, else
 * NULL.  False after a message. */
bool reply_signing_secret(const struct args *a, bool make, char **secret);

/* --reply-secret and --generate-reply-secret of a new integration. */
bool reply_options_create(const struct args *a, struct integration *i);

/* What is shown of them: never a value, but that of a new signing secret in
 * JSON. */
void reply_secrets_json(struct json_object *o, const struct integration *i);
void reply_secrets_rows(struct table *t, const struct integration *i);

#endif
