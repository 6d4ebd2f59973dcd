/* Bytes as hexadecimal text, for vectors. */
#ifndef EWA_TESTS_UNIT_HEX_H
#define EWA_TESTS_UNIT_HEX_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define HEX_BYTES_MAX 128

static inline void
hex_encode(const void *data, size_t n, char out[HEX_BYTES_MAX * 2 + 1])
{
	const uint8_t *p = data;

	*out = '\0';
	for (size_t i = 0; i < n && i < HEX_BYTES_MAX; i++)
		snprintf(out + 2 * i, 3, "%02x", p[i]);
}

#define assert_hex(data, n, want)                  \
	do {                                       \
		char hex_[HEX_BYTES_MAX * 2 + 1];  \
                                                   \
		hex_encode((data), (n), hex_);     \
		assert_string_equal(hex_, (want)); \
	} while (0)

#endif
