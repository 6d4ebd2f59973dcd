/*
 * Which integrations somebody may see: all, or those of some teams; two
 * parameters of a statement (boolean, text[]).
 */
#ifndef EWA_STORE_SCOPE_H
#define EWA_STORE_SCOPE_H

#include <stdbool.h>

#include "domain/access.h"
#include "store/pgval.h"

/* What the grants allow to see or (role) more. */
static inline void
scope_add(struct pg_params *p, const struct grants *g, enum role role)
{
	size_t count = 0;

	for (size_t n = 0; n < g->count; n++)
		count += g->items[n].team != NULL && g->items[n].role >= role;
	pg_add_bool(p, grants_role_all(g) >= role);
	pg_array_begin(p, PG_TEXT, count);
	for (size_t n = 0; n < g->count; n++)
		if (g->items[n].team != NULL && g->items[n].role >= role)
			pg_elem_text(p, g->items[n].team);
	pg_array_end(p);
}

#endif
