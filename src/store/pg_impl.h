/* The inside of struct pg, for pg.c and pg_query.c. */
#ifndef EWA_STORE_PG_IMPL_H
#define EWA_STORE_PG_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/pgval.h"

#define PG_STMTS_MAX 256

struct pg {
	char *conninfo;
	char *user;
	char *program;
	PGconn *conn;
	bool ready;
	uint64_t generation;
	int notified; /* came while something else was read */
	const struct pg_stmt *prepared[PG_STMTS_MAX];
	size_t prepared_count;
	char sqlstate[6];
};

/* The connection can't be used any more: close it and say why. */
enum err pg_lost(struct pg *pg, struct errinfo *ei);
enum err pg_too_late(struct pg *pg, struct errinfo *ei);

/* Wait for the socket; false when the deadline has passed. */
bool pg_wait_socket(struct pg *pg, short events, int64_t deadline_ms);

#endif
