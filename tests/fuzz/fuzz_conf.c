/*
 * A file that conf_load takes is shown as a file that says the same; one
 * that it refuses is named with the reason.
 */
#include "config.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/conf.h"

#include "fuzz.h"

#define INPUT_MAX 2048 /* shown lines are a little longer than read ones */

struct target {
	char *name;
	int64_t workers, wait_ms, memory;
	bool on;
	int level;
};

static const char *const levels[] = {"low", "high", NULL};

/* clang-format off */
static const struct conf_key table[] = {
	{"name", CONF_STR, offsetof(struct target, name), "ewa", .help = "n"},
	{"workers", CONF_INT, offsetof(struct target, workers), "8",
	    .min = 1, .max = 64, .help = "w"},
	{"wait", CONF_DURATION, offsetof(struct target, wait_ms), "3s",
	    .min = 0, .max = INT64_MAX, .help = "t"},
	{"memory", CONF_SIZE, offsetof(struct target, memory), "64M",
	    .min = INT64_MIN, .max = INT64_MAX, .help = "m"},
	{"on", CONF_BOOL, offsetof(struct target, on), "no", .help = "o"},
	{"level", CONF_CHOICE, offsetof(struct target, level), "low",
	    .choices = levels, .help = "l"},
	{NULL}
};
/* clang-format on */

/* A file that lives in memory only. */
static int
make_file(const void *data, size_t size, char path[64])
{
	int fd = memfd_create("conf", MFD_CLOEXEC);

	CHECK(fd >= 0);
	CHECK(write(fd, data, size) == (ssize_t)size);
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

static void
show_and_load(const char *path, const struct target *t)
{
	struct target again = {.name = NULL};
	char shown_path[64], *shown = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&shown, &n);
	int fd;

	CHECK(f != NULL);
	conf_show(table, path, "FUZZCONF", t, f);
	CHECK(fclose(f) == 0);
	fd = make_file(shown, n, shown_path);
	CHECK(conf_load(table, shown_path, "FUZZCONF", &again, NULL) == ERR_OK);
	CHECK(strcmp(t->name, again.name) == 0);
	CHECK(t->workers == again.workers && t->wait_ms == again.wait_ms &&
	      t->memory == again.memory);
	CHECK(t->on == again.on && t->level == again.level);
	conf_free(table, &again);
	close(fd);
	free(shown);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct target t = {.name = NULL};
	struct errinfo ei = {.where = ""};
	char path[64];
	int fd;

	if (size > INPUT_MAX)
		return 0;
	fd = make_file(data, size, path);
	if (conf_load(table, path, "FUZZCONF", &t, &ei) == ERR_OK) {
		CHECK(t.workers >= 1 && t.workers <= 64);
		show_and_load(path, &t);
	} else {
		CHECK(strncmp(ei.where, path, strlen(path)) == 0);
		CHECK(ei.where[strlen(path)] == ':');
		CHECK(*ei.detail != '\0');
	}
	conf_free(table, &t);
	close(fd);
	return 0;
}
