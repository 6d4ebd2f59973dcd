/*
 * c-ares on the loop: names to addresses.
 *
 * Its sockets are watched by uv_poll; its time-outs are looked at in
 * names_tick.  A channel is made anew when the settings or /etc/resolv.conf
 * change; what the old one was asked it still answers.
 */
#ifndef EWA_DISPATCHER_NAMES_H
#define EWA_DISPATCHER_NAMES_H

#include <uv.h>

#include "dispatcher/route.h"

struct names_answer {
	const char *failure; /* why there are no addresses; NULL: there are */
	int ttl_s;           /* the least of them */
	struct route_addresses addresses;
};

struct names;

struct names *names_new(uv_loop_t *loop);

/* "ADDRESS[:PORT],..." or "" for the system's.  Before the first question. */
void names_configure(struct names *n, const char *servers);

/* done is called once, perhaps before this returns. */
void names_ask(struct names *n, const char *host,
    void (*done)(void *arg, const struct names_answer *a), void *arg);

/* Often, while there are open questions. */
void names_tick(struct names *n);

/* Every open question is answered by a failure.  Freed when the loop lets go
 * of it. */
void names_close(struct names *n);

#endif
