#include "config.h"

#include "ctl/ctl.h"

#include <stdio.h>

#include "base/clock.h"
#include "store/migrate.h"

/* Waiting for another's run included; a new index on a large table takes its
 * time. */
#define MIGRATE_LIMIT_MS ((int64_t)6 * 3600 * 1000)

static void
said(const char *line)
{
	puts(line);
	fflush(stdout); /* a long migration shows how far it is */
}

int
cmd_migrate(struct ctl *c, const struct args *a)
{
	struct errinfo ei = {0};
	int status;

	(void)a;
	status = ctl_open(c);
	if (status != CTL_OK)
		return status;
	if (migrate_apply(
		c->pg, clock_mono_ms() + MIGRATE_LIMIT_MS, said, &ei) != ERR_OK)
		return ctl_fail(&ei);
	return CTL_OK;
}
