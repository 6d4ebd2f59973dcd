/* The sealed text in the file that reply_proxy_credentials names. */
#ifndef EWA_CTL_SEAL_H
#define EWA_CTL_SEAL_H

#include <stdbool.h>

#include "ctl/ctl.h"

struct seal_file {
	char key_id[CRYPTO_KEY_ID_MAX + 1]; /* of its key; "": none */
	bool resealed, failed;
};

/* Sealed under the current key, if there is one; what can't be opened or
 * written is told by `said`. */
void seal_file_anew(const struct ctl *c, struct seal_file *f,
    void (*said)(const char *what, const char *why));

#endif
