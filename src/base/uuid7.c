#include "config.h"

#include "base/uuid7.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/err.h"

#define POOL_BYTES 4096
#define LOW_BITS 62
#define LOW_MASK ((UINT64_C(1) << LOW_BITS) - 1)
#define HIGH_MASK 0xfffu

/* The last id as its three numbers: 48 bits of time, 12 and 62 random. */
struct last {
	int64_t ms;
	unsigned high;
	uint64_t low;
};

/*
 * One lock guards it all: it is held for some tens of nanoseconds, and
 * ids that rise in the whole process need one place that knows the last.
 * Random bytes are drawn a pool at a time, since a draw costs far more than
 * an id.
 */
static struct {
	pthread_mutex_t lock;
	pthread_once_t once;
	struct last now; /* of uuid7_new */
	struct last at;  /* of uuid7_new_at */
	uint8_t pool[POOL_BYTES];
	size_t left; /* bytes not yet used */
} gen = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .once = PTHREAD_ONCE_INIT,
    .at = {.ms = -1},
};

static void
lock_gen(void)
{
	BUG_ON(pthread_mutex_lock(&gen.lock) != 0);
}

static void
unlock_gen(void)
{
	BUG_ON(pthread_mutex_unlock(&gen.lock) != 0);
}

/* A child must not draw what its parent draws. */
static void
after_fork(void)
{
	gen.left = 0;
	gen.now = gen.at = (struct last){.ms = -1};
	unlock_gen();
}

static void
watch_forks(void)
{
	BUG_ON(pthread_atfork(lock_gen, unlock_gen, after_fork) != 0);
}

static uint64_t
draw(size_t bytes)
{
	uint64_t v = 0;

	if (gen.left < bytes) {
		crypto_random(gen.pool, sizeof(gen.pool));
		gen.left = sizeof(gen.pool);
	}
	gen.left -= bytes;
	memcpy(&v, gen.pool + gen.left, bytes);
	memset(gen.pool + gen.left, 0, bytes);
	return v;
}

static void
fresh(struct last *l, int64_t ms)
{
	l->ms = ms;
	l->high = (unsigned)draw(2) & HIGH_MASK;
	l->low = draw(8) & LOW_MASK;
}

/* Count on by a random step; false if the 74 bits are at their end. */
static bool
count_on(struct last *l)
{
	l->low += 1 + draw(4);
	if (l->low > LOW_MASK) {
		l->low &= LOW_MASK;
		l->high++;
	}
	return l->high <= HIGH_MASK;
}

static void
put_bytes(uint8_t *out, uint64_t v, size_t n)
{
	for (size_t i = n; i-- > 0; v >>= 8)
		out[i] = (uint8_t)v;
}

static void
encode(const struct last *l, struct uuid *out)
{
	put_bytes(out->b, (uint64_t)l->ms, 6);
	put_bytes(out->b + 6, 0x7000u | l->high, 2);
	put_bytes(out->b + 8, UINT64_C(1) << 63 | l->low, 8);
}

void
uuid7_new(struct uuid *out)
{
	int64_t ms;

	pthread_once(&gen.once, watch_forks);
	lock_gen();
	ms = clock_wall_us() / 1000; /* in the lock, or they could swap */
	if (ms > gen.now.ms)
		fresh(&gen.now, ms);
	else if (!count_on(&gen.now))
		fresh(&gen.now, gen.now.ms + 1);
	encode(&gen.now, out);
	unlock_gen();
}

void
uuid7_new_at(struct uuid *out, int64_t unix_ms)
{
	BUG_ON(unix_ms < 0 || unix_ms >= INT64_C(1) << 48);
	pthread_once(&gen.once, watch_forks);
	lock_gen();
	if (unix_ms != gen.at.ms || !count_on(&gen.at))
		fresh(&gen.at, unix_ms);
	encode(&gen.at, out);
	unlock_gen();
}

int64_t
uuid7_unix_ms(const struct uuid *u)
{
	int64_t ms = 0;

	for (int i = 0; i < 6; i++)
		ms = ms << 8 | u->b[i];
	return ms;
}

/* Hyphens stand before these bytes. */
static bool
hyphen_before(int i)
{
	return i == 4 || i == 6 || i == 8 || i == 10;
}

void
uuid_format(const struct uuid *u, char *out)
{
	static const char hex[] = "0123456789abcdef";

	for (int i = 0; i < 16; i++) {
		if (hyphen_before(i))
			*out++ = '-';
		*out++ = hex[u->b[i] >> 4];
		*out++ = hex[u->b[i] & 15];
	}
	*out = '\0';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
uuid_parse(const char *s, struct uuid *out)
{
	struct uuid u;

	for (int i = 0; i < 16; i++) {
		int high, low;

		if (hyphen_before(i) && *s++ != '-')
			return false;
		if ((high = hex_value(s[0])) < 0 || (low = hex_value(s[1])) < 0)
			return false;
		u.b[i] = (uint8_t)(high << 4 | low);
		s += 2;
	}
	if (*s != '\0')
		return false;
	*out = u;
	return true;
}
