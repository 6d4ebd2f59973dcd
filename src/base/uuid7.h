/*
 * UUIDv7 (RFC 9562): 48 bits of Unix time in ms, then 74 random bits of
 * libcrypto's generator.  Ids of one process rise strictly: within one
 * millisecond, and when the clock steps back, the random part counts on.
 */
#ifndef EWA_BASE_UUID7_H
#define EWA_BASE_UUID7_H

#include <stdbool.h>
#include <stdint.h>

#define UUID_TEXT_LEN 36

struct uuid {
	uint8_t b[16];
};

void uuid7_new(struct uuid *out); /* thread-safe */

/* One that begins with this time (ms since 1970), for a database whose clock
 * differs from the host's.  Rises only among equal calls. */
void uuid7_new_at(struct uuid *out, int64_t unix_ms);

int64_t uuid7_unix_ms(const struct uuid *u);

/* Lower case with hyphens; out has room for UUID_TEXT_LEN + 1. */
void uuid_format(const struct uuid *u, char *out);

/* Takes exactly 36 characters of either case with hyphens in their places
 * and any version; false for anything else. */
bool uuid_parse(const char *s, struct uuid *out);

#endif
