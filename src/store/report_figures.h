/*
 * The buckets of a report: for report.c only.
 */
#ifndef EWA_STORE_REPORT_FIGURES_H
#define EWA_STORE_REPORT_FIGURES_H

#include "store/pgval.h"
#include "store/report.h"

/* $1, $2 scope, $3 integration or 0, $4 team or NULL */
#define REPORT_SCOPE                                                   \
	"i as materialized (select id, key, name from ewa.integration" \
	" where ($1 or team = any($2)) and ($3 = 0 or id = $3)"        \
	" and ($4::text is null or team = $4)),"

/* The parameters $1 to $4. */
void report_begin(struct pg_params *p, const struct report_query *q);

/* The connection is in a transaction with one snapshot, and plans with the
 * values of the parameters. */
enum err report_figures(struct pg *pg, const struct report_query *q,
    int64_t deadline_ms, struct report *out, struct errinfo *ei);

#endif
