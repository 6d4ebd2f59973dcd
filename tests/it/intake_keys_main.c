/*
 * Equal keys from many connections at once, in any order, with connections
 * that are lost while a batch is under way: for tests/it/intake-keys.t.mjs.
 *
 *	intake-keys CONNINFO USER INTEGRATION_ID
 *
 * Each thread sends batches over the same keys, every one in an order of its
 * own, and keeps for each key which event it was told of.  All must have been
 * told of the same.  Prints what happened; status 1 if anything went wrong.
 */
#include "config.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "store/intake.h"

#define THREADS 8
#define ROUNDS 40
#define ROWS 32
#define KEYS 100
#define LOSE_EACH 5 /* one batch of so many is in doubt */
#define CALL_MS 30000

struct seen {
	pthread_mutex_t lock;
	bool known[KEYS];
	struct uuid event[KEYS];
	int wrong, errors, lost;
};

struct sender {
	pthread_t thread;
	unsigned seed;
	const char *conninfo, *user;
	int32_t integration_id;
	struct seen *seen;
};

static void
make_row(struct intake_row *row, int32_t integration_id, int key)
{
	static const char body[] = "{}";
	char text[32];

	*row = (struct intake_row){.integration_id = integration_id,
	    .wait_ms = 60000,
	    .kind = EVENT_JSON,
	    .headers = "{}",
	    .headers_len = 2,
	    .body = body,
	    .body_len = 2};
	uuid7_new(&row->id);
	snprintf(text, sizeof(text), "key %d", key);
	row->key.present = true;
	row->key.window_ms = 3600000;
	crypto_sha256(text, strlen(text), row->key.hash);
	crypto_sha256(body, 2, row->key.body_hash);
}

static void
told(struct seen *s, int key, const struct uuid *event)
{
	pthread_mutex_lock(&s->lock);
	if (!s->known[key])
		s->event[key] = *event;
	else if (memcmp(&s->event[key], event, sizeof(*event)) != 0)
		s->wrong++;
	s->known[key] = true;
	pthread_mutex_unlock(&s->lock);
}

static void
failed(struct seen *s, const struct errinfo *ei)
{
	pthread_mutex_lock(&s->lock);
	if (s->errors++ == 0)
		fprintf(stderr, "%s\n", ei->detail);
	pthread_mutex_unlock(&s->lock);
}

/* The batch is stored, if need be on a second connection. */
static enum err
send_batch(struct intake *in, struct pg *pg,
    const struct intake_row *const *rows, bool lose, struct seen *seen,
    struct intake_receipt *out, struct errinfo *ei)
{
	int64_t until = clock_mono_ms() + CALL_MS;
	enum err e = intake_open(pg, until, ei);

	if (e == ERR_OK)
		e = intake_begin(in, pg, rows, ROWS, until, ei);
	if (e == ERR_OK && lose) {
		pthread_mutex_lock(&seen->lock);
		seen->lost++;
		pthread_mutex_unlock(&seen->lock);
		pg_close(pg);
		e = intake_open(pg, until, ei);
		if (e == ERR_OK)
			e = intake_begin(in, pg, rows, ROWS, until, ei);
	}
	if (e == ERR_OK)
		e = intake_end(in, pg, until, out, ei);
	return e;
}

static void
take_receipt(struct seen *s, const struct intake_row *rows, const int *keys,
    const struct intake_receipt *receipt)
{
	bool repeat[ROWS] = {false};

	for (size_t n = 0; n < receipt->repeat_count; n++) {
		const struct intake_repeat *r = &receipt->repeats[n];

		repeat[r->row] = true;
		told(s, keys[r->row], &r->event_id);
	}
	for (size_t n = 0; n < ROWS; n++)
		if (!repeat[n])
			told(s, keys[n], &rows[n].id);
}

static void *
run(void *arg)
{
	struct sender *s = arg;
	struct pg *pg = pg_new(s->conninfo, s->user, "intake-keys");
	struct intake *in = intake_new();
	struct intake_receipt receipt;
	struct errinfo ei;

	for (int round = 0; round < ROUNDS; round++) {
		const struct intake_row *rows[ROWS];
		struct intake_row row[ROWS];
		int keys[ROWS];

		for (int n = 0; n < ROWS; n++) {
			keys[n] = (int)(rand_r(&s->seed) % KEYS);
			make_row(&row[n], s->integration_id, keys[n]);
			rows[n] = &row[n];
		}
		if (send_batch(in, pg, rows, rand_r(&s->seed) % LOSE_EACH == 0,
			s->seen, &receipt, &ei) == ERR_OK)
			take_receipt(s->seen, row, keys, &receipt);
		else
			failed(s->seen, &ei);
	}
	intake_free(in);
	pg_free(pg);
	return NULL;
}

int
main(int argc, char **argv)
{
	struct seen seen = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct sender senders[THREADS];
	int keys = 0;

	log_init("intake-keys", LOG_WARNING);
	if (argc != 4)
		return 2;
	for (int n = 0; n < THREADS; n++) {
		senders[n] = (struct sender){.seed = (unsigned)n + 1,
		    .conninfo = argv[1],
		    .user = argv[2],
		    .integration_id = (int32_t)strtol(argv[3], NULL, 10),
		    .seen = &seen};
		if (pthread_create(
			&senders[n].thread, NULL, run, &senders[n]) != 0)
			return 1;
	}
	for (int n = 0; n < THREADS; n++)
		pthread_join(senders[n].thread, NULL);
	for (int k = 0; k < KEYS; k++)
		keys += seen.known[k];
	printf("{\"keys\":%d,\"wrong\":%d,\"errors\":%d,\"lost\":%d,"
	       "\"batches\":%d}\n",
	    keys, seen.wrong, seen.errors, seen.lost, THREADS * ROUNDS);
	return seen.wrong != 0 || seen.errors != 0;
}
