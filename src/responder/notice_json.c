#include "config.h"

#include "responder/notice_json.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/jsonw.h"

void
notice_certificate_json(
    struct buf *b, bool ours, const char *subject, int64_t expires_us)
{
	char when[CLOCK_TEXT_MAX], detail[512];

	clock_format(expires_us, when);
	snprintf(detail, sizeof(detail), "%s certificate%s%s%s %s on %s",
	    ours ? "our client" : "the receiver's",
	    *subject != '\0' ? " (" : "", subject, *subject != '\0' ? ")" : "",
	    expires_us > clock_wall_us() ? "expires" : "has expired", when);
	jsonw_str(
	    b, "code", ours ? "client-certificate" : "receiver-certificate");
	jsonw_str(b, "detail", detail);
	jsonw_time(b, "expiresAt", expires_us);
}
