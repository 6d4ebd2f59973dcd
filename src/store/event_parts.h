/* The outcomes, attempts and results of an event; for events.c only. */
#ifndef EWA_STORE_EVENT_PARTS_H
#define EWA_STORE_EVENT_PARTS_H

#include "store/events.h"
#include "store/pgval.h"

/* What belongs to e->id, into e. */
enum err event_parts_read(
    struct pg *pg, int64_t deadline_ms, struct event *e, struct errinfo *ei);
void event_parts_fini(struct event *e);

/* Bytes, new, and a NUL behind them; NULL is NULL. */
char *event_take_bytes(const PGresult *r, int row, int col, size_t *n);

#endif
