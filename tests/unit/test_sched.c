#include "config.h"

#include "base/sched.h"

#include <pthread.h>
#include <sched.h>

#include "tap.h"

static void *
turn_to_batch(void *out)
{
	sched_batch();
	*(int *)out = sched_getscheduler(0);
	return NULL;
}

static void
the_calling_thread_turns_to_batch_and_no_other(void **state)
{
	pthread_t thread;
	int policy;

	(void)state;
	assert_int_equal(
	    pthread_create(&thread, NULL, turn_to_batch, &policy), 0);
	pthread_join(thread, NULL);
	assert_int_equal(policy, SCHED_BATCH);
	assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
}

static void *
turn_from_idle(void *out)
{
	const struct sched_param none = {.sched_priority = 0};

	assert_int_equal(sched_setscheduler(0, SCHED_IDLE, &none), 0);
	sched_batch();
	*(int *)out = sched_getscheduler(0);
	return NULL;
}

static void
a_policy_that_was_set_stays(void **state)
{
	pthread_t thread;
	int policy;

	(void)state;
	assert_int_equal(
	    pthread_create(&thread, NULL, turn_from_idle, &policy), 0);
	pthread_join(thread, NULL);
	assert_int_equal(policy, SCHED_IDLE);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_calling_thread_turns_to_batch_and_no_other),
	    cmocka_unit_test(a_policy_that_was_set_stays)};

	return tap_run(tests);
}
