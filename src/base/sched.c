#include "config.h"

#include "base/sched.h"

#include <sched.h>

void
sched_batch(void)
{
	const struct sched_param none = {.sched_priority = 0};

	if (sched_getscheduler(0) != SCHED_OTHER)
		return;
	/* a preference: without it all works, slower */
	(void)sched_setscheduler(0, SCHED_BATCH, &none);
}
