/*
 * Options of an integration's intake: repeats, signatures, its rate; and the
 * signing secret.
 */
#ifndef EWA_CTL_INTAKE_OPTIONS_H
#define EWA_CTL_INTAKE_OPTIONS_H

#include <stdbool.h>

#include "ctl/args.h"
#include "domain/integration.h"

/* clang-format off */
#define INTAKE_SETTINGS                                                      \
	{"repeat-window", "DURATION", false,                                 \
	    "how long the key of an event is remembered, by\n"               \
	    "which a repeat is known (default: P1D, at most\n"               \
	    "P30D); '' for not at all"},                                     \
	{"signature-header", "NAME", false,                                  \
	    "the header that carries the signature; '' for\n"                \
	    "webhook-signature or X-Hub-Signature-256"},                     \
	{"signature-rule", "RULE", false,                                    \
	    "what is asked for where there is a signing\n"                   \
	    "secret: either (token or signature, the default),\n"            \
	    "besides (both) or instead (the signature alone)"},              \
	{"rate-limit", "N", false,                                           \
	    "most events a second, for each responder;\n"                    \
	    "'' for no limit (the default)"},                                \
	{"rate-burst", "N", false,                                           \
	    "how many may come at once (default: as many as\nthe rate)"}
/* clang-format on */

/* Each takes the value of the option of its name. */
enum err intake_set_repeat_window(
    struct integration *i, const char *value, struct errinfo *ei);
enum err intake_set_signature_header(
    struct integration *i, const char *value, struct errinfo *ei);
enum err intake_set_signature_rule(
    struct integration *i, const char *value, struct errinfo *ei);
enum err intake_set_rate_limit(
    struct integration *i, const char *value, struct errinfo *ei);
enum err intake_set_rate_burst(
    struct integration *i, const char *value, struct errinfo *ei);

/* The secret of --signing-secret ("-" is read from standard input), checked,
 * new; or one that is made up where `make` is true and none is given, else
 * NULL.  False after a message. */
bool intake_signing_secret(const struct args *a, bool make, char **secret);

#endif
