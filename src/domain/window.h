/*
 * How many attempts at once a destination gets: Postfix's feedback, pure.
 *
 * The window starts small, grows by 1/N with each success and shrinks by 1/N
 * with each sign of distress (no connection, a timeout, 429, 503).  When a
 * whole window's worth of attempts in a row has failed so, it is halved; a
 * destination that goes on failing with one attempt at a time is dead for a
 * while that doubles up to WINDOW_DEAD_MAX_MS, and then gets one attempt to
 * show that it is back.  An answer that merely refuses (400, 500) says that
 * the destination is alive: it neither grows nor shrinks the window.
 *
 * The caller counts nothing: window_start and window_end do.
 */
#ifndef EWA_DOMAIN_WINDOW_H
#define EWA_DOMAIN_WINDOW_H

#include <stdint.h>

#define WINDOW_START 8
#define WINDOW_DEAD_MIN_MS 1000
#define WINDOW_DEAD_MAX_MS 10000

enum window_sign { WINDOW_SUCCESS, WINDOW_NEUTRAL, WINDOW_DISTRESS };

struct window {
	double size;      /* >= 1 */
	int active;       /* attempts under way */
	int distress;     /* in a row */
	int64_t dead_ms;  /* length of the last dead time, 0: none */
	int64_t until_ms; /* dead until then, on the caller's clock */
};

void window_init(struct window *w);

/* Attempts that may begin now. */
int window_room(const struct window *w, int64_t now_ms);

void window_start(struct window *w);
void window_end(
    struct window *w, enum window_sign sign, int max, int64_t now_ms);

/* One under way was given up without an end: says nothing about the
 * destination. */
void window_drop(struct window *w);

#endif
