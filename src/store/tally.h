/*
 * ewa.tally: finished events, counted by quarters of an hour once those are
 * over (ewa.tally_events); for the store's own files only.  What it does not
 * hold yet is counted from the outcomes, and both in one snapshot.
 */
#ifndef EWA_STORE_TALLY_H
#define EWA_STORE_TALLY_H

#include <stdint.h>

#define TALLY_SLOT_US ((int64_t)15 * 60 * 1000000)
#define TALLY_BINS 256 /* of ewa.latency_bin */

/*
 * Two CTEs, to stand in a "with": ranges of ids between two moments (whole
 * slots) of which ewa.tally does not hold the outcomes: rest(low, high, open),
 * of the integrations `open` or (NULL) of all.  Neighbours are one range.
 */
#define TALLY_REST(from, to)                                              \
	"slots as materialized (select g.slot, t.open"                    \
	" from generate_series(" from ", " to " - interval '15 min',"     \
	"  interval '15 min') g(slot)"                                    \
	" left join ewa.tally_slot t on t.slot = g.slot"                  \
	" where t.slot is null or t.open <> '{}'),"                       \
	"rest as materialized ("                                          \
	"select ewa.uuid7_floor(min(slot)) as low,"                       \
	" ewa.uuid7_floor(max(slot) + interval '15 min') as high,"        \
	" null::integer[] as open from (select slot, slot - row_number()" \
	"  over (order by slot) * interval '15 min' as island"            \
	"  from slots where open is null) s group by island"              \
	" union all select ewa.uuid7_floor(slot),"                        \
	" ewa.uuid7_floor(slot + interval '15 min'), open"                \
	" from slots where open is not null)"

/* Whether a range of `rest` is of this integration too. */
#define TALLY_REST_OF(id) "(rest.open is null or " id " = any(rest.open))"

#endif
