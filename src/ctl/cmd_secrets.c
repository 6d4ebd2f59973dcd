#include "config.h"

#include <stdio.h>

#include "ctl/ctl.h"

int
cmd_secrets_init(struct ctl *c, const struct args *a)
{
	struct errinfo ei;

	(void)a;
	if (keyring_create(c->settings.key_file, &ei) != ERR_OK)
		return ctl_fail(&ei);
	printf("made %s; ewa's programs must be able to read it (by its "
	       "group), others must not\n",
	    c->settings.key_file);
	return CTL_OK;
}
