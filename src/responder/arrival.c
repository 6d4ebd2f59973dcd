#include "config.h"

#include "responder/arrival.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "responder/waiters.h"

struct arrival *
arrival_new(
    struct app *app, struct fcgi_request *r, const struct integration *i)
{
	struct arrival *a = mem_zalloc(sizeof(*a));

	a->app = app;
	a->request = r;
	memcpy(a->key, i->key, sizeof(a->key));
	buf_init(&a->body, INTEGRATION_BODY_MAX + 1);
	buf_init(&a->headers, 4 * ARRIVAL_HEADERS_MAX);
	return a;
}

void
arrival_free(struct arrival *a)
{
	if (a == NULL)
		return;
	buf_fini(&a->body);
	buf_fini(&a->headers);
	free(a->content_type);
	free(a->source_ip);
	free(a->request_id);
	free(a->malformed);
	wait_free(a->wait);
	free(a);
}
