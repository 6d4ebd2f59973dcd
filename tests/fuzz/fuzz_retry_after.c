/*
 * Whatever a receiver writes as Retry-After, the wait lies within its bounds;
 * and a date that is taken is the same one whatever our clock says, but for
 * the century of RFC 850's two digits.
 */
#include "config.h"

#include <string.h>

#include "domain/retry_after.h"

#include "fuzz.h"

#define NOW_S ((int64_t)1790000000)

static void
check_at(const char *s, int64_t now_s)
{
	int64_t ms = retry_after_ms(s, now_s), at_s = INT64_MIN;

	CHECK(ms >= 0 && ms <= (int64_t)RETRY_AFTER_MAX_S * 1000);
	if (!retry_after_date(s, now_s, &at_s))
		return;
	CHECK(at_s != INT64_MIN);
	CHECK(ms == 0 || at_s > now_s);
	/* a moment that has passed asks for no wait */
	CHECK(retry_after_ms(s, at_s) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);

	CHECK(s != NULL);
	memcpy(s, data, size);
	s[size] = '\0';
	check_at(s, NOW_S);
	check_at(s, 0);
	check_at(s, NOW_S + 3600);
	free(s);
	return 0;
}
