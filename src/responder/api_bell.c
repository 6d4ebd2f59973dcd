#include "config.h"

#include "responder/api_bell.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/changes.h"
#include "store/waits.h"

#define CALL_MS 1000 /* for one call of the database */

struct bell {
	pthread_t thread;
	struct desk *desk;
	struct pg *pg;
	int wake_fd;
	_Atomic int64_t wanted_ms;
	atomic_bool stop;
	int64_t told_ms; /* the dispatchers, that somebody listens */
	bool said_lost;
};

static void
wake(struct bell *b)
{
	uint64_t one = 1;

	if (write(b->wake_fd, &one, sizeof(one)) < 0)
		return; /* it is awake */
}

void
bell_want(struct bell *b)
{
	int64_t now_ms = clock_mono_ms();

	/* it falls asleep when nobody has listened for BELL_HELD_MS */
	if (now_ms - atomic_exchange(&b->wanted_ms, now_ms) >= BELL_HELD_MS / 2)
		wake(b);
}

static bool
is_wanted(struct bell *b)
{
	return clock_mono_ms() - atomic_load(&b->wanted_ms) < BELL_HELD_MS;
}

/* *heard: something may have changed. */
static enum err
listen(struct bell *b, bool *heard, struct errinfo *ei)
{
	int64_t now_ms = clock_mono_ms();
	enum err e = changes_listen(b->pg, now_ms + CALL_MS, heard, ei);

	if (e != ERR_OK)
		return e;
	if (now_ms - b->told_ms >= WAITS_SAY_EVERY_MS) {
		/* they have not rung since long: what was missed? */
		*heard |= now_ms - b->told_ms >= WAITS_HEARD_MS;
		b->told_ms = now_ms;
		e = waits_say(b->pg, now_ms + CALL_MS, ei);
	}
	if (pg_notified(b->pg) != 0)
		*heard = true;
	return e;
}

static void
say(struct bell *b, bool ok, const struct errinfo *ei)
{
	if (!ok && !b->said_lost)
		log_warning(F_STR("msg", "bell: database is away"),
		    F_STR("reason", ei->detail));
	else if (ok && b->said_lost)
		log_notice(F_STR("msg", "bell: database is back"));
	b->said_lost = !ok;
}

static void
sleep_until_needed(struct bell *b, bool wanted, bool deaf)
{
	struct pollfd p[2] = {
	    {.fd = b->wake_fd,               .events = POLLIN},
	    {.fd = deaf ? -1 : pg_fd(b->pg), .events = POLLIN}
        };
	int ms = !wanted ? -1 : deaf ? BELL_GAP_MS : WAITS_SAY_EVERY_MS;
	uint64_t count;

	if (poll(p, 2, ms) > 0 && p[0].revents != 0 &&
	    read(b->wake_fd, &count, sizeof(count)) < 0)
		return;
}

static void *
run(void *arg)
{
	struct bell *b = arg;
	struct errinfo ei;

	while (!atomic_load(&b->stop)) {
		bool wanted = is_wanted(b), heard = false, ok = true;

		if (wanted)
			ok = listen(b, &heard, &ei) == ERR_OK;
		else
			pg_close(b->pg);
		say(b, ok, &ei);
		if (heard)
			desk_ring(b->desk);
		sleep_until_needed(b, wanted, heard);
	}
	return NULL;
}

struct bell *
bell_start(const struct settings *s, struct desk *d)
{
	struct bell *b = mem_zalloc(sizeof(*b));

	b->desk = d;
	b->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	BUG_ON(b->wake_fd < 0);
	b->pg = pg_new(s->database, s->responder_user, "ewa-responder bell");
	b->told_ms = clock_mono_ms() - WAITS_HEARD_MS;
	atomic_store(&b->wanted_ms, clock_mono_ms() - BELL_HELD_MS);
	if (pthread_create(&b->thread, NULL, run, b) != 0)
		fatal(F_STR("msg", "cannot start the bell's thread"));
	return b;
}

void
bell_stop(struct bell *b)
{
	atomic_store(&b->stop, true);
	wake(b);
	pthread_join(b->thread, NULL);
}

void
bell_free(struct bell *b)
{
	pg_free(b->pg);
	close(b->wake_fd);
	free(b);
}
