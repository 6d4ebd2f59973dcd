#include "config.h"

#include "base/password.h"

#include <crypt.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#define METHOD "$y$"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t room;
static char nobody[PASSWORD_HASH_MAX]; /* of a password that nobody knows */

/* crypt(3) under `setting`; false if it is none. */
static bool
hash_as(const char *password, const char *setting, char out[PASSWORD_HASH_MAX])
{
	struct crypt_data *data = mem_zalloc(sizeof(*data));
	const char *s;
	bool ok;

	while (sem_wait(&room) != 0)
		;
	s = crypt_r(password, setting, data);
	sem_post(&room);
	ok = s != NULL && *s != '*' && strlen(s) < PASSWORD_HASH_MAX;
	if (ok)
		memcpy(out, s, strlen(s) + 1);
	mem_wipe(data, sizeof(*data));
	free(data);
	return ok;
}

static void
make(const char *password, char out[PASSWORD_HASH_MAX])
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];

	if (crypt_gensalt_rn(METHOD, 0, NULL, 0, setting, sizeof(setting)) ==
		NULL ||
	    !hash_as(password, setting, out))
		fatal(F_STR("msg", "crypt(3) has no yescrypt"));
}

static void
set_up(void)
{
	char secret[33];

	if (sem_init(&room, 0, PASSWORD_AT_ONCE) != 0)
		fatal(F_STR("msg", "cannot make a semaphore"));
	crypto_random_base32(secret, sizeof(secret) - 1);
	make(secret, nobody);
	mem_wipe(secret, sizeof(secret));
}

void
password_hash(const char *password, char out[PASSWORD_HASH_MAX])
{
	pthread_once(&once, set_up);
	make(password, out);
}

/* Equal by their digests: fixed length, constant time. */
static bool
same(const char *a, const char *b)
{
	uint8_t x[32], y[32];

	crypto_sha256(a, strlen(a), x);
	crypto_sha256(b, strlen(b), y);
	return crypto_equal(x, y, sizeof(x));
}

bool
password_verify(const char *password, const char *hash)
{
	char made[PASSWORD_HASH_MAX];
	bool ok;

	pthread_once(&once, set_up);
	ok = hash_as(password, hash != NULL ? hash : nobody, made) &&
	     hash != NULL && same(made, hash);
	mem_wipe(made, sizeof(made));
	return ok;
}
