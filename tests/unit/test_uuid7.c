#include "config.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/uuid7.h"

#include "tap.h"

#define THREADS 4
#define PER_THREAD 20000

static int
order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct uuid));
}

static void
version_variant_and_time_are_in_place(void **state)
{
	int64_t before = clock_wall_us() / 1000, after, ms;
	struct uuid u;

	(void)state;
	uuid7_new(&u);
	after = clock_wall_us() / 1000;
	ms = uuid7_unix_ms(&u);
	assert_int_equal(u.b[6] >> 4, 7);
	assert_int_equal(u.b[8] >> 6, 2);
	assert_true(ms >= before && ms <= after + 1);
}

static void
ids_rise_strictly(void **state)
{
	struct uuid last, u;

	(void)state;
	uuid7_new(&last);
	for (int i = 0; i < 200000; i++) {
		uuid7_new(&u);
		if (order(&last, &u) >= 0)
			fail_msg("id %d does not rise", i);
		last = u;
	}
}

static void
ids_of_a_given_time_begin_with_it_and_rise(void **state)
{
	static const int64_t times[] = {
	    0, 1, INT64_C(1772700000123), (INT64_C(1) << 48) - 1};
	struct uuid last, u;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		uuid7_new_at(&last, times[i]);
		for (int j = 0; j < 1000; j++) {
			uuid7_new_at(&u, times[i]);
			assert_true(uuid7_unix_ms(&u) == times[i]);
			assert_int_equal(u.b[6] >> 4, 7);
			assert_int_equal(u.b[8] >> 6, 2);
			assert_true(order(&last, &u) < 0);
			last = u;
		}
	}
}

static void
a_given_time_does_not_hold_up_the_clock(void **state)
{
	int64_t now = clock_wall_us() / 1000;
	struct uuid u;

	(void)state;
	uuid7_new_at(&u, now + 3600000);
	uuid7_new(&u);
	assert_true(uuid7_unix_ms(&u) < now + 3600000);
}

static void *
draw(void *arg)
{
	struct uuid *out = arg;

	for (int i = 0; i < PER_THREAD; i++)
		uuid7_new(&out[i]);
	return NULL;
}

static void
threads_get_no_id_twice_and_each_sees_them_rise(void **state)
{
	static struct uuid all[THREADS * PER_THREAD];
	pthread_t t[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&t[i], NULL, draw, all + i * PER_THREAD), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < THREADS; i++)
		for (int j = 1; j < PER_THREAD; j++) {
			struct uuid *u = &all[i * PER_THREAD + j];

			assert_true(order(u - 1, u) < 0);
		}
	qsort(all, THREADS * PER_THREAD, sizeof(all[0]), order);
	for (int i = 1; i < THREADS * PER_THREAD; i++)
		assert_true(order(&all[i - 1], &all[i]) < 0);
}

static void
a_forked_child_draws_its_own_ids(void **state)
{
	struct uuid mine, theirs;
	int fds[2], status;
	pid_t pid;

	(void)state;
	uuid7_new_at(&mine, 1000); /* the pool is filled */
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		uuid7_new_at(&theirs, 2000);
		if (write(fds[1], &theirs, sizeof(theirs)) < 0)
			_exit(1);
		_exit(0);
	}
	uuid7_new_at(&mine, 2000);
	assert_int_equal(read(fds[0], &theirs, sizeof(theirs)), sizeof(theirs));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(order(&mine, &theirs) != 0);
	close(fds[0]);
	close(fds[1]);
}

static void
text_is_written_and_read_back_in_either_case(void **state)
{
	static const char text[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
	char out[UUID_TEXT_LEN + 1];
	struct uuid u, upper;

	(void)state;
	assert_true(uuid_parse(text, &u));
	assert_true(uuid7_unix_ms(&u) == INT64_C(1645557742000));
	uuid_format(&u, out);
	assert_string_equal(out, text);
	assert_true(uuid_parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", &upper));
	assert_memory_equal(&u, &upper, sizeof(u));
}

static void
other_text_is_refused(void **state)
{
	static const char *const texts[] = {"", "-", "0",
	    "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
	    "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
	    "017f22e279b07cc398c4dc0c0c07398f",
	    "{17f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
	    "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
	    "017f22e2-79b0-7cc3-98c4_dc0c0c07398f",
	    "017f22e-279b0-7cc3-98c4-dc0c0c07398f",
	    " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct uuid u = {{1}};

		if (uuid_parse(texts[i], &u))
			fail_msg("taken: %s", texts[i]);
		assert_int_equal(u.b[0], 1);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(version_variant_and_time_are_in_place),
	    cmocka_unit_test(ids_rise_strictly),
	    cmocka_unit_test(ids_of_a_given_time_begin_with_it_and_rise),
	    cmocka_unit_test(a_given_time_does_not_hold_up_the_clock),
	    cmocka_unit_test(threads_get_no_id_twice_and_each_sees_them_rise),
	    cmocka_unit_test(a_forked_child_draws_its_own_ids),
	    cmocka_unit_test(text_is_written_and_read_back_in_either_case),
	    cmocka_unit_test(other_text_is_refused)};

	return tap_run(tests);
}
