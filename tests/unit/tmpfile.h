/* A directory of a test's own, with files in it. */
#ifndef EWA_TESTS_UNIT_TMPFILE_H
#define EWA_TESTS_UNIT_TMPFILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char tmp_dir[] = "/tmp/ewa-unit-XXXXXX";
static char tmp_path[64];

/* For cmocka_unit_test_setup_teardown: one file a test, tmp_path. */
static inline int
tmp_setup(void **state)
{
	(void)state;
	memcpy(tmp_dir + sizeof(tmp_dir) - 7, "XXXXXX", 6);
	if (mkdtemp(tmp_dir) == NULL)
		return -1;
	snprintf(tmp_path, sizeof(tmp_path), "%s/file", tmp_dir);
	return 0;
}

static inline int
tmp_teardown(void **state)
{
	(void)state;
	unlink(tmp_path);
	return rmdir(tmp_dir);
}

static inline void
tmp_write(const void *data, size_t n, mode_t mode)
{
	FILE *f;

	unlink(tmp_path);
	f = fopen(tmp_path, "w");
	if (f == NULL || fwrite(data, 1, n, f) != n || fclose(f) != 0 ||
	    chmod(tmp_path, mode) != 0)
		abort();
}

static inline void
tmp_write_str(const char *s, mode_t mode)
{
	tmp_write(s, strlen(s), mode);
}

#define tmp_test(f) cmocka_unit_test_setup_teardown(f, tmp_setup, tmp_teardown)

#endif
