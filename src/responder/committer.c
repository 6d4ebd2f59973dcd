#include "config.h"

#include "responder/committer.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "responder/committer_impl.h"

#define STATEMENT_MS 10000 /* for one batch once the database has it */
#define RECONNECT_MS 100   /* between tries */
#define STOP_MS 700        /* what is left to the rows when stopping */
#define ROW_OVERHEAD 1024  /* counted for a row besides its bytes */

/*
 * A row costs the server less in a larger batch (83 us alone, 24 of 8).  So
 * while there is a load (the last batch had several rows) batches are sent
 * this far apart, unless GATHER_ROWS are there before; a lone sender never
 * waits.
 */
#define GATHER_US 300
#define GATHER_ROWS 12

static size_t
weight(const struct ticket *t)
{
	return t->row.body_len + t->row.headers_len + ROW_OVERHEAD;
}

enum err
committer_submit(struct committer *c, struct ticket *t, struct errinfo *ei)
{
	enum err e = ERR_OK;
	bool wake = false;

	t->next = NULL;
	pthread_mutex_lock(&c->lock);
	if (c->stop) {
		e = err_set(ei, ERR_UNAVAILABLE, "ewa is stopping");
	} else if (c->bytes + weight(t) > c->bytes_max) {
		e = err_set(ei, ERR_UNAVAILABLE,
		    "too many events are waiting to be stored");
	} else {
		*c->tail = t;
		c->tail = &t->next;
		c->bytes += weight(t);
		c->count++;
		wake = c->count == 1 || c->count == GATHER_ROWS;
	}
	pthread_mutex_unlock(&c->lock);
	if (wake)
		pthread_cond_signal(&c->filled);
	return e;
}

/* ---- batches
 * ------------------------------------------------------------------ */

/* The lock is held.  Microseconds until the next batch should go: 0 for now,
 * -1 for whenever a row comes. */
static int64_t
wait_us(const struct committer *c)
{
	int64_t left;

	if (c->stop || c->count >= GATHER_ROWS)
		return 0;
	if (c->count == 0)
		return -1;
	left = c->last_us + GATHER_US - clock_mono_us();
	return c->last_n > 1 && left > 0 ? left : 0;
}

static bool
is_due(struct committer *c)
{
	bool due;

	pthread_mutex_lock(&c->lock);
	due = wait_us(c) == 0;
	pthread_mutex_unlock(&c->lock);
	return due;
}

/* Fill b from the queue as soon as a batch is due.  False: there is none, and
 * there will be none, since we are stopping. */
static bool
take(struct committer *c, struct batch *b)
{
	size_t bytes = 0;
	int64_t us;

	b->n = 0;
	pthread_mutex_lock(&c->lock);
	while ((us = wait_us(c)) != 0) {
		int64_t at = clock_mono_us() + us;
		struct timespec ts = {
		    .tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};

		if (us < 0)
			pthread_cond_wait(&c->filled, &c->lock);
		else
			pthread_cond_timedwait(&c->filled, &c->lock, &ts);
	}
	while (c->head != NULL && b->n < INTAKE_BATCH_MAX) {
		struct ticket *t = c->head;

		bytes += weight(t);
		if (b->n > 0 && bytes > INTAKE_BATCH_BYTES)
			break;
		c->head = t->next;
		b->tickets[b->n] = t;
		b->rows[b->n++] = &t->row;
	}
	if (c->head == NULL)
		c->tail = &c->head;
	c->count -= b->n;
	pthread_mutex_unlock(&c->lock);
	c->last_n = b->n;
	c->last_us = clock_mono_us();
	return b->n != 0;
}

static void
tell(struct committer *c, struct batch *b)
{
	size_t bytes = 0;

	if (b->n == 0)
		return;
	for (size_t i = 0; i < b->n; i++)
		bytes += weight(b->tickets[i]);
	pthread_mutex_lock(&c->lock);
	c->bytes -= bytes;
	pthread_mutex_unlock(&c->lock);
	for (size_t i = 0; i < b->n; i++)
		b->tickets[i]->done(b->tickets[i]);
	b->n = 0;
}

static void
refuse(struct batch *b, const struct errinfo *why)
{
	for (size_t i = 0; i < b->n; i++) {
		b->tickets[i]->err = ERR_UNAVAILABLE;
		b->tickets[i]->why = *why;
	}
}

/* ---- the database is away
 * -------------------------------------------------------- */

static int64_t
give_up(struct committer *c, const struct ticket *t)
{
	int64_t ms = t->give_up_ms;

	pthread_mutex_lock(&c->lock);
	if (c->stop && c->stop_by_ms < ms)
		ms = c->stop_by_ms;
	pthread_mutex_unlock(&c->lock);
	return ms;
}

/* Tell those whose time is up and drop them from b. */
static void
tell_late(struct committer *c, struct batch *b, const struct errinfo *why)
{
	int64_t now = clock_mono_ms();
	struct batch late = {.n = 0};
	size_t kept = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct ticket *t = b->tickets[i];

		if (give_up(c, t) <= now) {
			late.tickets[late.n++] = t;
			continue;
		}
		b->tickets[kept] = t;
		b->rows[kept++] = &t->row;
	}
	b->n = kept;
	refuse(&late, why);
	tell(c, &late);
}

/* Those still in the queue wait as long as those in the batch. */
static void
tell_late_queue(struct committer *c, const struct errinfo *why)
{
	struct batch late = {.n = 0};
	int64_t now = clock_mono_ms();

	pthread_mutex_lock(&c->lock);
	while (
	    c->head != NULL && late.n < INTAKE_BATCH_MAX &&
	    (c->head->give_up_ms <= now || (c->stop && c->stop_by_ms <= now))) {
		late.tickets[late.n++] = c->head;
		c->head = c->head->next;
		c->count--;
	}
	if (c->head == NULL)
		c->tail = &c->head;
	pthread_mutex_unlock(&c->lock);
	refuse(&late, why);
	tell(c, &late);
}

static void
away(struct committer *c, struct batch *b, const struct errinfo *why)
{
	if (!c->said_lost) {
		log_warning(F_STR("msg", "database is away, requests wait"),
		    F_STR("reason", why->detail));
		c->said_lost = true;
	}
	tell_late(c, b, why);
	tell_late_queue(c, why);
	if (b->n != 0)
		nanosleep(
		    &(struct timespec){.tv_nsec = RECONNECT_MS * 1000000L},
		    NULL);
}

/* The latest moment any row of b can wait for. */
static int64_t
patience(struct committer *c, const struct batch *b)
{
	int64_t last = 0;

	for (size_t i = 0; i < b->n; i++) {
		int64_t ms = give_up(c, b->tickets[i]);

		if (ms > last)
			last = ms;
	}
	return last;
}

/* ---- storing
 * ---------------------------------------------------------------------- */

static enum err
store_row(struct committer *c, const struct intake_row *row, int64_t until_ms,
    struct errinfo *ei)
{
	enum err e;

	e = intake_begin(c->intake, c->pg, &row, 1, until_ms, ei);
	if (e == ERR_OK)
		e = intake_end(c->intake, c->pg, until_ms, &c->receipt, ei);
	return e;
}

/* One row on its own, after its batch was refused.  ERR_UNAVAILABLE with the
 * connection closed: try again. */
static enum err
store_one(struct committer *c, struct ticket *t)
{
	const struct intake_row *row = &t->row;
	int64_t until = clock_mono_ms() + STATEMENT_MS;
	enum err e;

	e = store_row(c, row, until, &t->why);
	if (e != ERR_OK && intake_no_partition(c->pg) &&
	    intake_make_partitions(c->pg, until, &t->why) == ERR_OK) {
		uuid7_new(&t->row.id);
		e = store_row(c, row, until, &t->why);
	}
	return e;
}

/* Row by row; what could not be tried stays in b. */
static void
store_each(struct committer *c, struct batch *b)
{
	size_t i;

	for (i = 0; i < b->n; i++) {
		struct batch one = {.tickets = {b->tickets[i]}, .n = 1};

		one.tickets[0]->err = store_one(c, one.tickets[0]);
		if (one.tickets[0]->err == ERR_UNAVAILABLE &&
		    !pg_is_open(c->pg))
			break;
		if (one.tickets[0]->err == ERR_OK)
			committer_set_stored(c, &one);
		else
			log_error(F_STR("msg", "an event could not be stored"),
			    F_STR("reason", one.tickets[0]->why.detail));
		tell(c, &one);
	}
	for (size_t k = i; k < b->n; k++) {
		b->tickets[k - i] = b->tickets[k];
		b->rows[k - i] = b->rows[k];
	}
	b->n -= i;
}

/* Send b.  True when it is on its way.  If that can't be at once, those of
 * `before`, which are stored, are told first. */
static bool
send(struct committer *c, struct batch *b, struct batch *before)
{
	struct errinfo ei;
	enum err e;

	while (b->n != 0) {
		if (!pg_is_open(c->pg))
			tell(c, before);
		e = intake_open(
		    c->pg, pg_is_open(c->pg) ? 0 : patience(c, b), &ei);
		if (e == ERR_OK) {
			if (c->said_lost)
				log_notice(F_STR("msg", "database is back"));
			c->said_lost = false;
			e = intake_begin(c->intake, c->pg, b->rows, b->n,
			    clock_mono_ms() + STATEMENT_MS, &ei);
		}
		if (e == ERR_OK)
			return true;
		tell(c, before);
		if (e == ERR_UNAVAILABLE)
			away(c, b, &ei);
		else
			store_each(c, b);
	}
	return false;
}

/* Wait for b's commit; on return its results are set, or it is empty. */
static void
receive(struct committer *c, struct batch *b)
{
	struct batch none = {.n = 0};
	struct errinfo ei;
	enum err e;

	do {
		e = intake_end(c->intake, c->pg, clock_mono_ms() + STATEMENT_MS,
		    &c->receipt, &ei);
		if (e == ERR_OK) {
			committer_set_stored(c, b);
			watch_ring(c->watch);
			return;
		}
		if (e == ERR_UNAVAILABLE)
			away(c, b, &ei); /* in doubt, or refused for now */
		else
			store_each(c, b);
	} while (send(c, b, &none));
}

static void *
run(void *arg)
{
	struct committer *c = arg;
	struct batch *now = &c->a, *before = &c->b;

	before->n = 0;
	for (;;) {
		struct batch *swap;

		if (!is_due(c))
			tell(c, before);
		if (!take(c, now)) {
			tell(c, before);
			return NULL;
		}
		if (!send(c, now, before))
			continue;
		tell(c, before); /* while the server works */
		receive(c, now);
		swap = before;
		before = now;
		now = swap;
	}
}

struct committer *
committer_start(const struct settings *s, struct watch *w)
{
	struct committer *c = mem_zalloc(sizeof(*c));
	pthread_condattr_t attr;

	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->filled, &attr);
	pthread_condattr_destroy(&attr);
	c->tail = &c->head;
	c->bytes_max = (size_t)s->memory_max;
	c->pg = pg_new(s->database, s->responder_user, "ewa-responder intake");
	c->intake = intake_new();
	c->watch = w;
	if (pthread_create(&c->thread, NULL, run, c) != 0)
		fatal(F_STR("msg", "cannot start the committer thread"));
	return c;
}

void
committer_stop(struct committer *c)
{
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	c->stop_by_ms = clock_mono_ms() + STOP_MS;
	pthread_cond_signal(&c->filled);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
}

void
committer_free(struct committer *c)
{
	if (c == NULL)
		return;
	intake_free(c->intake);
	pg_free(c->pg);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->filled);
	free(c);
}
