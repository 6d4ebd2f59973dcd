#include "config.h"

#include "dispatcher/verdict.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "domain/retry.h"

/* host:port without the scheme */
static const char *
host_of(const struct uri *uri)
{
	const char *p = uri->origin != NULL ? strstr(uri->origin, "://") : NULL;

	return p != NULL ? p + 3 : "the reply URL";
}

static struct verdict
answered(const struct transfer_result *r, char *detail, size_t size)
{
	struct verdict v = {
	    .outcome = retry_classify(r->status), .cause = CAUSE_NONE};

	if (v.outcome == ATTEMPT_OK) {
		v.sign = WINDOW_SUCCESS;
		return v;
	}
	v.cause = CAUSE_HTTP;
	v.sign = r->status == 429 || r->status == 503 ? WINDOW_DISTRESS
						      : WINDOW_NEUTRAL;
	snprintf(detail, size,
	    r->status >= 300 && r->status <= 399
		? "answered %d, a redirect, which is not followed"
		: "answered %d",
	    r->status);
	return v;
}

static void
say_timeout(const struct transfer_result *r, const char *where,
    int64_t timeout_ms, char *detail, size_t size)
{
	if (r->connected)
		snprintf(detail, size, "no answer from %s within %.1f s", where,
		    (double)timeout_ms / 1000);
	else
		snprintf(detail, size, "no connection to %s in time", where);
}

static void
say_no_connect(const struct transfer_result *r, const char *where, char *detail,
    size_t size)
{
	if (r->os_errno == ECONNREFUSED)
		snprintf(detail, size, "connection refused by %s", where);
	else if (r->os_errno != 0)
		snprintf(detail, size, "no connection to %s: %s", where,
		    strerror(r->os_errno));
	else
		snprintf(detail, size, "no connection to %s", where);
}

struct verdict
verdict_of(const struct transfer_result *r, const struct uri *uri,
    int64_t timeout_ms, char *detail, size_t size)
{
	const char *where = *r->address != '\0' ? r->address : host_of(uri);
	struct verdict v = {ATTEMPT_RETRY, CAUSE_CONNECT, WINDOW_DISTRESS};

	detail[0] = '\0';
	switch (r->end) {
	case TRANSFER_ANSWERED:
		return answered(r, detail, size);
	case TRANSFER_NO_NAME:
		v.cause = CAUSE_DNS;
		snprintf(detail, size, "%s", r->text);
		break;
	case TRANSFER_NO_CONNECT:
		say_no_connect(r, where, detail, size);
		break;
	case TRANSFER_NO_TLS:
		v.cause = CAUSE_TLS;
		snprintf(detail, size, "TLS with %s: %s", where, r->text);
		break;
	case TRANSFER_TIMEOUT:
		v.cause = CAUSE_TIMEOUT;
		say_timeout(r, where, timeout_ms, detail, size);
		break;
	case TRANSFER_BROKEN:
		v.cause = CAUSE_PROTOCOL;
		snprintf(detail, size, "no whole HTTP answer from %s: %s",
		    where, r->text);
		break;
	case TRANSFER_BLOCKED: /* names and settings change: tried again */
		v.cause = CAUSE_BLOCKED;
		v.sign = WINDOW_NEUTRAL;
		snprintf(detail, size, "%s", r->text);
		break;
	case TRANSFER_UNUSABLE:
		v = (struct verdict){
		    ATTEMPT_FAILED, CAUSE_INTERNAL, WINDOW_NEUTRAL};
		snprintf(detail, size, "the reply URL can't be used");
		break;
	}
	return v;
}
