#include "config.h"

#include "domain/retry.h"

#include <stddef.h>

#include "base/err.h"

#define JITTER_PERCENT 20
#define RETRY_AFTER_MAX_MS ((int64_t)RETRY_AFTER_MAX_S * 1000)

static const int32_t schedule_s[] = {
    1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600};

#define STEPS ((int)(sizeof(schedule_s) / sizeof(schedule_s[0])))

enum attempt_outcome
retry_classify(int status)
{
	if (status >= 200 && status <= 299)
		return ATTEMPT_OK;
	if (status == 408 || status == 425 || status == 429)
		return ATTEMPT_RETRY;
	if (status >= 300 && status <= 499)
		return ATTEMPT_FAILED;
	return ATTEMPT_RETRY;
}

int64_t
retry_delay_ms(int made, uint32_t random, int64_t after_ms)
{
	int64_t base, delay;

	BUG_ON(made < 1);
	base = (int64_t)1000 * schedule_s[made <= STEPS ? made - 1 : STEPS - 1];
	/* one-sided: never earlier than the schedule says */
	delay =
	    base + base * JITTER_PERCENT / 100 * (int64_t)random / UINT32_MAX;
	if (after_ms > RETRY_AFTER_MAX_MS)
		after_ms = RETRY_AFTER_MAX_MS;
	return after_ms > delay ? after_ms : delay;
}

int64_t
retry_plan_ms(int made, uint32_t random, int64_t after_ms, int64_t remaining_ms)
{
	int64_t delay = retry_delay_ms(made, random, after_ms);

	return delay < remaining_ms ? delay : RETRY_NEVER;
}
