#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

#include "tap.h"

static void
nothing_is_still_something(void **state)
{
	void *p;

	(void)state;
	p = mem_alloc(0);
	assert_non_null(p);
	p = mem_grow(p, 0, 8);
	assert_non_null(p);
	free(p);
	p = mem_array(0, 8);
	assert_non_null(p);
	free(p);
	p = mem_dup(NULL, 0);
	assert_non_null(p);
	free(p);
	assert_null(mem_strdup(NULL));
	assert_null(mem_strndup(NULL, 3));
	mem_wipe(NULL, 0);
	mem_free_secret(NULL);
}

static void
copies_are_whole_and_zeroed_memory_is_zero(void **state)
{
	static const char zero[64];
	char *p;

	(void)state;
	p = mem_strndup("abcdef", 3);
	assert_string_equal(p, "abc");
	free(p);
	p = mem_dup("a\0b", 3);
	assert_memory_equal(p, "a\0b", 3);
	mem_wipe(p, 3);
	assert_memory_equal(p, zero, 3);
	free(p);
	p = mem_zalloc(sizeof(zero));
	assert_memory_equal(p, zero, sizeof(zero));
	p = mem_grow(p, 10, 100);
	assert_memory_equal(p, zero, sizeof(zero));
	free(p);
}

/* How a child ends that asks for count pieces of this size. */
static int
ends(void *(*f)(void *, size_t, size_t), size_t count, size_t size)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(1);
		free(f(NULL, count, size));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
a_product_that_overflows_never_returns(void **state)
{
	int status = ends(mem_grow, SIZE_MAX / 2, 3);

	(void)state;
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_still_something),
	    cmocka_unit_test(copies_are_whole_and_zeroed_memory_is_zero),
	    cmocka_unit_test(a_product_that_overflows_never_returns)};

	return tap_run(tests);
}
