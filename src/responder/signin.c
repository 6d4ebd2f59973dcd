#include "config.h"

#include "responder/signin.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"

#define PLACES 4096
#define WAYS 8 /* places that one key may take */
#define FORGET_MS ((int64_t)15 * 60 * 1000)
#define FREE_PAIR 2 /* failures without a delay */
#define FREE_ADDRESS 20

struct place {
	uint8_t key[32];
	int32_t failures;
	bool known;      /* the name has signed in from the address */
	int64_t last_ms; /* of a try */
	int64_t free_ms; /* the line is empty then */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct place places[PLACES];

static void
make_key(const char *name, const char *address, uint8_t key[32])
{
	char text[400];

	for (int n =
		 snprintf(text, sizeof(text), "%.64s\n%.300s", address, name);
	     n >= 0 && text[n] != '\n'; n--)
		if (text[n] >= 'A' && text[n] <= 'Z')
			text[n] = (char)(text[n] | 0x20);
	crypto_sha256(text, strlen(text), key);
}

/* The place of a key, NULL if there is none and none is to be made. */
static struct place *
find(const uint8_t key[32], int64_t now_ms, bool make)
{
	size_t at = ((size_t)key[0] << 8 | key[1]) % (PLACES / WAYS) * WAYS;
	struct place *oldest = &places[at];

	for (size_t n = at; n < at + WAYS; n++) {
		struct place *p = &places[n];

		if (memcmp(p->key, key, 32) == 0) {
			if (now_ms - p->last_ms > FORGET_MS)
				p->failures = 0;
			return p;
		}
		if (p->last_ms < oldest->last_ms)
			oldest = p;
	}
	if (!make)
		return NULL;
	memset(oldest, 0, sizeof(*oldest));
	memcpy(oldest->key, key, 32);
	return oldest;
}

static int64_t
delay(const struct place *p, int32_t free_failures)
{
	int32_t over = p->failures - free_failures;

	if (over <= 0)
		return 0;
	return over > 4 ? SIGNIN_DELAY_MAX_MS : (int64_t)500 << over;
}

static int64_t
when(struct place *p, int32_t free_failures, int64_t now_ms)
{
	int64_t at;

	if (p == NULL || delay(p, free_failures) == 0)
		return now_ms;
	at = p->free_ms > now_ms ? p->free_ms : now_ms;
	return at + delay(p, free_failures);
}

int64_t
signin_wait(const char *name, const char *address, int64_t now_ms)
{
	uint8_t pair_key[32], address_key[32];
	struct place *pair, *all;
	int64_t at, at_all;

	make_key(name, address, pair_key);
	make_key("", address, address_key);
	pthread_mutex_lock(&lock);
	pair = find(pair_key, now_ms, false);
	/* what else the address tries does not concern who is known there */
	all = pair != NULL && pair->known ? NULL
					  : find(address_key, now_ms, false);
	at = when(pair, FREE_PAIR, now_ms);
	at_all = when(all, FREE_ADDRESS, now_ms);
	if (at_all > at)
		at = at_all;
	if (at - now_ms <= SIGNIN_LINE_MAX_MS) {
		if (pair != NULL)
			pair->free_ms = at;
		if (all != NULL)
			all->free_ms = at;
	}
	pthread_mutex_unlock(&lock);
	return at - now_ms <= SIGNIN_LINE_MAX_MS ? at - now_ms : -1;
}

static void
note(const uint8_t key[32], bool ok, int64_t now_ms)
{
	struct place *p = find(key, now_ms, true);

	p->failures = ok ? 0 : p->failures + 1;
	p->known |= ok;
	p->last_ms = now_ms;
}

void
signin_result(const char *name, const char *address, bool ok, int64_t now_ms)
{
	uint8_t pair_key[32], address_key[32];

	make_key(name, address, pair_key);
	make_key("", address, address_key);
	pthread_mutex_lock(&lock);
	note(pair_key, ok, now_ms);
	/* one's own success does not clear what the address tries elsewhere */
	if (!ok)
		note(address_key, ok, now_ms);
	pthread_mutex_unlock(&lock);
}
