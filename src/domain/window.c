#include "config.h"

#include "domain/window.h"

#include "base/err.h"

/* Failures in a row at a window of one before the destination is dead. */
#define DEAD_AFTER 3

void
window_init(struct window *w)
{
	*w = (struct window){.size = WINDOW_START};
}

int
window_room(const struct window *w, int64_t now_ms)
{
	int room = (int)w->size - w->active;

	if (now_ms < w->until_ms || room < 0)
		return 0;
	/* after a dead time one attempt shows whether it is over */
	if (w->dead_ms != 0)
		return w->active == 0 ? 1 : 0;
	return room;
}

void
window_start(struct window *w)
{
	w->active++;
}

static void
clamp(struct window *w, int max)
{
	if (w->size > max)
		w->size = max;
	if (w->size < 1)
		w->size = 1;
}

static void
distress(struct window *w, int64_t now_ms)
{
	int cohort = (int)w->size;

	if (now_ms < w->until_ms)
		return; /* began before it was dead: nothing new */
	w->distress++;
	w->size -= 1 / w->size;
	if (w->size >= 2) {
		if (w->distress >= cohort) {
			w->size /= 2;
			w->distress = 0;
		}
		return;
	}
	if (w->distress < DEAD_AFTER)
		return;
	w->size = 1;
	w->dead_ms = w->dead_ms == 0 ? WINDOW_DEAD_MIN_MS : w->dead_ms * 2;
	if (w->dead_ms > WINDOW_DEAD_MAX_MS)
		w->dead_ms = WINDOW_DEAD_MAX_MS;
	w->until_ms = now_ms + w->dead_ms;
}

void
window_end(struct window *w, enum window_sign sign, int max, int64_t now_ms)
{
	BUG_ON(w->active < 1);
	w->active--;
	switch (sign) {
	case WINDOW_SUCCESS:
		w->size += 1 / w->size;
		__attribute__((fallthrough));
	case WINDOW_NEUTRAL:
		w->distress = 0;
		w->dead_ms = 0;
		w->until_ms = 0;
		break;
	case WINDOW_DISTRESS:
		distress(w, now_ms);
		break;
	}
	clamp(w, max);
}

void
window_drop(struct window *w)
{
	BUG_ON(w->active < 1);
	w->active--;
}
