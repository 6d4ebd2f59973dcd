#include "config.h"

#include "dispatcher/slots.h"

#include <stdlib.h>

#include <uthash.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dispatcher/action.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/run.h"
#include "domain/handled.h"

/* Actions of one automation. */
struct slot {
	int32_t automation_id;
	UT_hash_handle hh;
	int acting;
	struct run *waiting; /* in order */
};

struct slots {
	int acting;     /* in all */
	int acting_sql; /* of those */
	struct slot *all;
	struct slot *turn; /* whose waiting ones are looked at next */
};

struct slots *
slots_new(void)
{
	return mem_zalloc(sizeof(struct slots));
}

void
slots_free(struct slots *a)
{
	struct slot *s, *tmp;

	if (a == NULL)
		return;
	HASH_ITER (hh, a->all, s, tmp) {
		HASH_DEL(a->all, s);
		free(s);
	}
	free(a);
}

static struct slot *
slot_of(struct slots *a, int32_t id)
{
	struct slot *s;

	HASH_FIND_INT(a->all, &id, s);
	if (s != NULL)
		return s;
	s = mem_zalloc(sizeof(*s));
	s->automation_id = id;
	HASH_ADD_INT(a->all, automation_id, s);
	return s;
}

/* At most half of what the other integrations leave, and one always. */
static bool
fair(int64_t most, int in_all, int own)
{
	int64_t left = most - (in_all - own);

	return in_all < most && (own == 0 || own < (left + 1) / 2);
}

static bool
has_room(const struct dispatcher *d, const struct slot *s, const struct run *r)
{
	const struct slots *a = d->slots;
	const struct lane *l = r->work->lane;

	if (s->acting >= d->conf.automation_max ||
	    !fair(d->conf.actions_max, a->acting, l->acting))
		return false;
	return r->automation->kind != AUTOMATION_SQL ||
	       fair(d->conf.action_connections, a->acting_sql, l->acting_sql);
}

static void
count_acting(struct dispatcher *d, const struct run *r, int by)
{
	struct slots *a = d->slots;

	a->acting += by;
	r->work->lane->acting += by;
	slot_of(a, r->automation->id)->acting += by;
	if (r->automation->kind != AUTOMATION_SQL)
		return;
	a->acting_sql += by;
	r->work->lane->acting_sql += by;
}

static void
start(struct dispatcher *d, struct run *r)
{
	struct work *w = r->work;
	bool sql = r->automation->kind == AUTOMATION_SQL;
	struct buf document;

	r->stage = RUN_ACTING;
	r->began_ms = clock_mono_ms();
	count_acting(d, r, 1);
	buf_init(&document, HANDLED_MAX);
	run_write_document(r, sql, w->tries + 1, &document);
	work_charge(&d->works, w, (size_t)w->body_length + document.len);
	switch (r->automation->kind) {
	case AUTOMATION_COMMAND:
		command_start(d, r, &document);
		break;
	case AUTOMATION_HTTP:
		http_start(d, r, &document);
		break;
	case AUTOMATION_SQL:
		sql_start(d, r, &document);
		break;
	}
	buf_fini(&document);
}

/* One of each automation that has room, in turn, until none has. */
void
slots_pump(struct dispatcher *d)
{
	struct slots *a = d->slots;
	struct slot *first = a->turn != NULL ? a->turn : a->all;
	bool any = first != NULL && !d->draining;

	while (any && a->acting < d->conf.actions_max) {
		struct slot *s = first;

		any = false;
		do {
			struct run *r = s->waiting;

			a->turn = s->hh.next != NULL ? s->hh.next : a->all;
			if (r != NULL && has_room(d, s, r)) {
				DL_DELETE(s->waiting, r);
				start(d, r);
				any = true;
			}
			s = a->turn;
		} while (s != first);
	}
}

void
slots_act(struct dispatcher *d, struct run *r)
{
	struct slot *s = slot_of(d->slots, r->automation->id);

	if (s->waiting == NULL && has_room(d, s, r)) {
		start(d, r);
		return;
	}
	r->stage = RUN_WAITING;
	DL_APPEND(s->waiting, r);
}

void
slots_ended(struct dispatcher *d, const struct run *r)
{
	count_acting(d, r, -1);
}

void
slots_leave(struct slots *a, struct run *r)
{
	DL_DELETE(slot_of(a, r->automation->id)->waiting, r);
}
