#include "config.h"

#include "responder/probe.h"

#include <inttypes.h>
#include <stdio.h>
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

/* What is asked for, within the integration's own rate; both a minute.  "*"
 * where neither is given. */
static void
allowed_rate(const char *asked, const struct integration *i, char out[24])
{
	int64_t limit = i != NULL ? (int64_t)i->rate_limit * 60 : 0;
	size_t n = asked != NULL ? strlen(asked) : 0;
	int64_t rate = 0;

	if (n > 0 && n <= 9 && strspn(asked, "0123456789") == n)
		for (size_t k = 0; k < n; k++)
			rate = rate * 10 + (asked[k] - '0');
	if (rate == 0 || (limit != 0 && limit < rate))
		rate = limit;
	if (rate == 0)
		snprintf(out, 24, "*");
	else
		snprintf(out, 24, "%" PRId64, rate);
}

/* WebHook-Request-Callback is passed over: consent is given at once, and a
 * stranger's URL is never called. */
static void
handshake(struct exchange *x, const char *origin)
{
	struct integration *i = cache_find(x->app->cache, x->route.key);
	char rate[24];

	allowed_rate(
	    fcgi_param(x->request, "HTTP_WEBHOOK_REQUEST_RATE"), i, rate);
	integration_unref(i);
	http_start(x->answer, HTTP_OK);
	http_field(x->answer, "Allow", "POST");
	http_field(x->answer, "WebHook-Allowed-Origin", origin);
	http_field(x->answer, "WebHook-Allowed-Rate", rate);
	buf_adds(http_json(x->answer), "{}\n");
}

void
probe_options(struct exchange *x)
{
	const char *origin =
	    fcgi_param(x->request, "HTTP_WEBHOOK_REQUEST_ORIGIN");

	if (origin == NULL || *origin == '\0' ||
	    strpbrk(origin, "\r\n") != NULL) {
		http_start(x->answer, HTTP_NO_CONTENT);
		http_field(x->answer, "Allow", PROBE_ALLOW);
	} else {
		handshake(x, origin);
	}
	exchange_send(x);
}
