/*
 * Passwords of people: hashed by crypt(3) with yescrypt.
 *
 * Hashing is slow on purpose and takes some 16 MiB: at most
 * PASSWORD_AT_ONCE hashes are made at a time, other threads wait.
 */
#ifndef EWA_BASE_PASSWORD_H
#define EWA_BASE_PASSWORD_H

#include <stdbool.h>

#define PASSWORD_AT_ONCE 2
#define PASSWORD_HASH_MAX 384 /* bytes with the NUL */

void password_hash(const char *password, char out[PASSWORD_HASH_MAX]);

/* hash NULL: there is nothing to compare with; the same work is done, and
 * the answer is false. */
bool password_verify(const char *password, const char *hash);

#endif
