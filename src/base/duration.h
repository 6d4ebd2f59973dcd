/*
 * ISO 8601 durations as PnDTnHnMnS: a day is 86,400 s, the seconds may have
 * a fraction (of "." or ",", kept to the millisecond), letters in either
 * case.  Years, months, weeks, signs, zero, "P", "PT", "P1S", repeated or
 * misordered units and overflow are refused with the reason.
 */
#ifndef EWA_BASE_DURATION_H
#define EWA_BASE_DURATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define DURATION_TEXT_MAX 64

/* ERR_OK and *ms > 0, or ERR_INVALID with a sentence that names the fault
 * and shows a right one ("write PT60S for 60 seconds"). */
enum err duration_parse(const char *s, int64_t *ms, struct errinfo *ei);

/* Canonical text ("P1DT2H", "PT60.5S" is "PT1M0.5S").  ms > 0; out has room
 * for DURATION_TEXT_MAX bytes. */
void duration_format(int64_t ms, char *out);

#endif
