#include "config.h"

#include "store/integration_rows.h"

#include "domain/automation.h"
#include "store/automation_rows.h"
#include "store/change.h"

enum err
integration_write_parts(
    struct change *c, const struct keyring *keys, struct integration *i)
{
	enum err e = integration_write_signing(c, keys, i);

	if (e == ERR_OK)
		e = integration_write_reply_secrets(c, keys, i);
	for (size_t n = 0;
	     e == ERR_OK && i->automations != NULL && n < i->automations->count;
	     n++)
		e = automation_write_new(c, keys, i, i->automations->items[n]);
	return e;
}

enum err
integration_replace_parts(
    struct change *c, const struct keyring *keys, struct integration *i)
{
	enum err e = integration_replace_signing(c, keys, i);

	if (e == ERR_OK)
		e = integration_write_reply_secrets(c, keys, i);
	return e;
}
