/*
 * Without libFuzzer a target replays its corpus, one TAP line a file.  The
 * program is called replay_TARGET, and the files lie in
 * $EWA_SRCDIR/tests/fuzz/corpus/TARGET/.
 */
#include "config.h"

#include <dirent.h>
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"

#define FILE_MAX (1u << 20)

static bool
replay(const char *dir, const char *name)
{
	static uint8_t data[FILE_MAX];
	char path[4096];
	uint8_t *copy;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	if (f == NULL)
		return false;
	n = fread(data, 1, sizeof(data), f);
	fclose(f);
	copy = malloc(n > 0 ? n : 1); /* not a byte more, for sanitizers */
	CHECK(copy != NULL);
	memcpy(copy, data, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	return true;
}

static int
visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

int
main(int argc, char **argv)
{
	const char *top = getenv("EWA_SRCDIR");
	const char *target = argc > 0 ? strstr(argv[0], "replay_") : NULL;
	struct dirent **names;
	char dir[2048];
	int count, failed = 0;

	if (target == NULL) {
		fputs("call it replay_TARGET\n", stderr);
		return 2;
	}
	for (const char *p = target; (p = strstr(p + 1, "replay_")) != NULL;)
		target = p;
	snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s",
	    top != NULL ? top : ".", target + strlen("replay_"));
	count = scandir(dir, &names, visible, alphasort);
	if (count <= 0) {
		printf("1..1\nnot ok 1 - there are files in %s\n", dir);
		return 1;
	}
	printf("1..%d\n", count);
	for (int i = 0; i < count; i++) {
		bool ok = replay(dir, names[i]->d_name);

		printf("%s %d - %s\n", ok ? "ok" : "not ok", i + 1,
		    names[i]->d_name);
		fflush(stdout);
		failed += !ok;
		free(names[i]);
	}
	free(names);
	return failed > 0;
}
