/* MACs of a credential under every key of the file; for the store's own
 * files. */
#ifndef EWA_STORE_MACS_H
#define EWA_STORE_MACS_H

#include <string.h>

#include "base/keyring.h"
#include "store/pgval.h"

/* Two parameters: the keys' ids (text[]) and the MACs (bytea[]). */
static inline void
macs_add(struct pg_params *p, const struct keyring *keys, const char *token)
{
	uint8_t sum[CRYPTO_MAC_LEN];
	size_t n = keyring_count(keys);

	pg_array_begin(p, PG_TEXT, n);
	for (size_t i = 0; i < n; i++)
		pg_elem_text(p, keyring_id(keys, i));
	pg_array_end(p);
	pg_array_begin(p, PG_BYTEA, n);
	for (size_t i = 0; i < n; i++) {
		keyring_mac(keys, i, token, strlen(token), sum);
		pg_elem_bytes(p, sum, sizeof(sum));
	}
	pg_array_end(p);
}

#endif
