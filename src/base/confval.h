/* One value of the configuration: its text into the target and back. */
#ifndef EWA_BASE_CONFVAL_H
#define EWA_BASE_CONFVAL_H

#include <stdio.h>

#include "base/conf.h"
#include "base/err.h"

/* ERR_INVALID with a detail that names the key. */
enum err confval_set(const struct conf_key *k, const char *text, void *target,
    struct errinfo *ei);

/* "name = value\n"; a secret as a comment, "# name = (set)\n". */
void confval_show(const struct conf_key *k, const void *target, FILE *out);

/* Free what the target holds, if it is a string. */
void confval_free(const struct conf_key *k, void *target);

#endif
