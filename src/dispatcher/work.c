#include "config.h"

#include "dispatcher/work.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "base/err.h"
#include "base/mem.h"
#include "dispatcher/lane.h"
#include "dispatcher/run.h"

#define SPARE_MAX 1024

static struct work *
take_spare(struct works *ws)
{
	struct work *w = ws->spare;

	if (w == NULL)
		return mem_zalloc(sizeof(*w));
	ws->spare = w->next;
	ws->spare_count--;
	memset(w, 0, sizeof(*w));
	return w;
}

static void
take_event(struct works *ws, struct work *w, const struct queue_event *e)
{
	w->known = e->found;
	if (!e->found)
		return;
	w->kind = e->kind;
	w->received_us = e->received_us;
	w->body_length = e->body_length;
	w->test = e->test;
	w->content_type = mem_strndup(e->content_type, e->content_type_len);
	if (e->traceparent_len == WORK_TRACEPARENT_LEN)
		memcpy(w->traceparent, e->traceparent, WORK_TRACEPARENT_LEN);
	if (e->body == NULL)
		return;
	w->body = mem_dup(e->body, e->body_len);
	work_charge(ws, w, e->body_len);
}

struct work *
work_new(struct works *ws, const struct queue_event *e, int64_t claimed_ms,
    int64_t lease_ms)
{
	struct work *w = take_spare(ws);

	w->state = WORK_HELD;
	w->done.fence = e->fence;
	w->done.handled_us = QUEUE_NOT_HANDLED;
	w->tries = e->tries;
	w->claims = e->claims;
	w->done.seq = e->seq;
	w->attempts_before = e->attempts_before;
	w->deadline_ms = claimed_ms + e->remaining_ms;
	w->lease_ms = claimed_ms + lease_ms;
	w->settings_version = e->settings_version;
	w->handled_us = e->handled_us;
	w->has_results = e->results;
	w->failed = e->failed;
	take_event(ws, w, e);
	DL_APPEND2(ws->all, w, all_prev, all_next);
	ws->count++;
	return w;
}

/* The head of the list that a work in this state is on, or NULL. */
static struct work **
list_of(struct works *ws, struct work *w)
{
	switch (w->state) {
	case WORK_HELD:
		return &ws->held;
	case WORK_WAITING:
		return &w->lane->waiting;
	case WORK_BODY:
		return &ws->body;
	case WORK_DONE:
		return &ws->done;
	case WORK_BACK:
		return &ws->back;
	case WORK_HANDLING:
		return &ws->handling;
	case WORK_NOTING:
		return &ws->noting;
	case WORK_NOTED:
	case WORK_SENDING:
	case WORK_RECORDING:
	case WORK_RETURNING:
		return NULL;
	}
	return NULL;
}

static void
count(struct works *ws, struct work *w, int by)
{
	switch (w->state) {
	case WORK_HELD:
	case WORK_BODY:
		w->lane->elsewhere += by;
		break;
	case WORK_WAITING:
		w->lane->waiting_count += by;
		break;
	case WORK_DONE:
		ws->done_count += by;
		break;
	case WORK_BACK:
		ws->back_count += by;
		break;
	case WORK_HANDLING:
	case WORK_NOTING:
		w->lane->handling += by;
		break;
	case WORK_NOTED:
	case WORK_SENDING:
	case WORK_RECORDING:
	case WORK_RETURNING:
		break;
	}
}

static void
leave(struct works *ws, struct work *w)
{
	struct work **list = list_of(ws, w);

	if (w->prev == NULL)
		return; /* on none */
	BUG_ON(list == NULL);
	DL_DELETE(*list, w);
	w->prev = NULL;
	w->next = NULL;
	count(ws, w, -1);
}

void
work_move(struct works *ws, struct work *w, enum work_state to)
{
	struct work **list;

	leave(ws, w);
	w->state = to;
	list = list_of(ws, w);
	if (list == NULL)
		return;
	DL_APPEND(*list, w);
	count(ws, w, 1);
}

void
work_undone(struct works *ws, struct work *w)
{
	leave(ws, w);
	w->state = WORK_DONE;
	DL_PREPEND(ws->done, w);
	count(ws, w, 1);
}

void
work_renewed(struct works *ws, struct work *w, int64_t lease_ms)
{
	w->lease_ms = lease_ms;
	DL_DELETE2(ws->all, w, all_prev, all_next);
	DL_APPEND2(ws->all, w, all_prev, all_next);
}

bool
work_goes_on(const struct work *w)
{
	return w->state == WORK_HELD || w->state == WORK_WAITING ||
	       w->state == WORK_BODY || w->state == WORK_SENDING ||
	       w->state == WORK_HANDLING || w->state == WORK_NOTING ||
	       w->state == WORK_NOTED;
}

void
work_charge(struct works *ws, struct work *w, size_t bytes)
{
	ws->bytes -= w->charged;
	ws->bytes += bytes;
	w->charged = bytes;
}

void
work_free(struct works *ws, struct work *w)
{
	BUG_ON(w->transfer != NULL);
	leave(ws, w);
	DL_DELETE2(ws->all, w, all_prev, all_next);
	ws->count--;
	work_charge(ws, w, 0);
	free(w->content_type);
	free(w->body);
	free(w->answer_headers);
	free(w->answer_body);
	run_free(w->run);
	free(w->results);
	free(w->subject);
	if (ws->spare_count == SPARE_MAX) {
		free(w);
		return;
	}
	w->next = ws->spare;
	ws->spare = w;
	ws->spare_count++;
}

void
works_fini(struct works *ws)
{
	struct work *w;

	while (ws->all != NULL)
		work_free(ws, ws->all);
	while ((w = ws->spare) != NULL) {
		ws->spare = w->next;
		free(w);
	}
}
