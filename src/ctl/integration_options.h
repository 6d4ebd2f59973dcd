/*
 * Options of "integration create" and "integration update" into an
 * integration, by the rules of domain/integration.h.
 */
#ifndef EWA_CTL_INTEGRATION_OPTIONS_H
#define EWA_CTL_INTEGRATION_OPTIONS_H

#include <stdbool.h>

#include "ctl/ctl.h"
#include "domain/integration.h"

/* Only what is given is changed.  False if anything was refused: each fault
 * has been told then. */
bool integration_options_apply(const struct args *a, struct integration *i);

/* The token of --token (new; "-" is read from standard input), checked, or
 * one that is made up where `make` is true and none is given, else NULL.
 * False after a message. */
bool integration_options_token(const struct args *a, bool make, char **token);

/* The first line of standard input, without its end, new; NULL: none. */
char *integration_options_line(void);

/* ISO 8601, at most 30 days. */
bool integration_options_span(
    const struct args *a, const char *option, int64_t *ms);

#endif
