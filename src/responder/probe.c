#include "config.h"

#include "responder/probe.h"

#include <string.h>

#include "responder/access.h"

void
probe_get(struct exchange *x, const struct integration *i)
{
	struct errinfo ei;
	struct buf *b;

	if (!access_tried(x->request, x->route.query, i)) {
		http_start(x->answer, HTTP_NO_CONTENT);
		exchange_send(x);
		return;
	}
	if (access_to_look(x->request, x->route.query, x->app->keys, i, &ei) !=
	    ERR_OK) {
		exchange_fail(x, &ei);
		return;
	}
	http_start(x->answer, HTTP_OK);
	b = http_json(x->answer);
	buf_addf(b, "{\"integration\":{\"key\":\"%s\",\"name\":", i->key);
	buf_add_json_str(b, i->name, strlen(i->name));
	buf_addf(b, ",\"enabled\":%s}}\n", i->enabled ? "true" : "false");
	exchange_send(x);
}

/* CloudEvents 1.0, HTTP 1.1 Web Hooks, abuse protection. */
void
probe_options(struct exchange *x)
{
	const char *origin =
	    fcgi_param(x->request, "HTTP_WEBHOOK_REQUEST_ORIGIN");

	if (origin == NULL || strpbrk(origin, "\r\n") != NULL) {
		http_start(x->answer, HTTP_NO_CONTENT);
		http_field(x->answer, "Allow", PROBE_ALLOW);
	} else {
		http_start(x->answer, HTTP_OK);
		http_field(x->answer, "Allow", "POST");
		http_field(x->answer, "WebHook-Allowed-Origin", origin);
		http_field(x->answer, "WebHook-Allowed-Rate", "*");
		buf_adds(http_json(x->answer), "{}\n");
	}
	exchange_send(x);
}
