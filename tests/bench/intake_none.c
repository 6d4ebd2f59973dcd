/*
 * store/intake.h without storage: what the same path costs when accepting is
 * free.  Linked in place of store/intake.c into ewa-responder-nostore, which
 * is for tests/bench only and never installed.
 */
#include "config.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/intake.h"

struct intake *
intake_new(void)
{
	return mem_alloc(1);
}

void
intake_free(struct intake *in)
{
	free(in);
}

enum err
intake_open(struct pg *pg, int64_t deadline_ms, struct errinfo *ei)
{
	(void)pg;
	(void)deadline_ms;
	(void)ei;
	return ERR_OK;
}

enum err
intake_begin(struct intake *in, struct pg *pg,
    const struct intake_row *const *rows, size_t n, int64_t deadline_ms,
    struct errinfo *ei)
{
	(void)in;
	(void)pg;
	(void)rows;
	(void)n;
	(void)deadline_ms;
	(void)ei;
	return ERR_OK;
}

enum err
intake_end(struct intake *in, struct pg *pg, int64_t deadline_ms,
    struct intake_receipt *out, struct errinfo *ei)
{
	(void)in;
	(void)pg;
	(void)deadline_ms;
	(void)ei;
	out->received_us = clock_wall_us();
	out->repeat_count = 0;
	return ERR_OK;
}

bool
intake_no_partition(const struct pg *pg)
{
	(void)pg;
	return false;
}

enum err
intake_make_partitions(struct pg *pg, int64_t deadline_ms, struct errinfo *ei)
{
	(void)pg;
	(void)deadline_ms;
	(void)ei;
	return ERR_OK;
}
