/* Test events: stored as if a sender had sent them, marked, left out of
 * reports. */
#ifndef EWA_STORE_TEST_EVENTS_H
#define EWA_STORE_TEST_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid7.h"
#include "domain/event.h"
#include "domain/integration.h"
#include "store/pg.h"

struct test_event {
	const struct integration *integration;
	const char *content_type;
	enum event_kind kind;
	const char *body;
	size_t body_len;
	bool run_automations;
	bool send_reply;
	int64_t wait_ms; /* of its reply */
	struct uuid id;  /* is filled in */
};

/* Blocks up to the deadline.  ERR_UNAVAILABLE. */
enum err test_events_send(struct pg *pg, struct test_event *e,
    const char *actor, int64_t deadline_ms, struct errinfo *ei);

#endif
