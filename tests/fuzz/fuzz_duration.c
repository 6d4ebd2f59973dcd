/*
 * What duration_parse takes is above zero, is written in one form, and that
 * form is read back as the same time; so is any time above zero.
 */
#include "config.h"

#include <string.h>

#include "base/duration.h"

#include "fuzz.h"

static void
round_trip(int64_t ms)
{
	char text[DURATION_TEXT_MAX], again[DURATION_TEXT_MAX];
	int64_t back = 0;

	duration_format(ms, text);
	CHECK(strlen(text) < DURATION_TEXT_MAX - 1);
	CHECK(duration_parse(text, &back, NULL) == ERR_OK);
	CHECK(back == ms);
	duration_format(back, again);
	CHECK(strcmp(text, again) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct errinfo ei = {.detail = ""};
	char *s = malloc(size + 1);
	int64_t ms = -1;

	CHECK(s != NULL);
	memcpy(s, data, size);
	s[size] = '\0';
	if (duration_parse(s, &ms, &ei) == ERR_OK) {
		CHECK(ms > 0);
		CHECK(s[strcspn(s, "YyWw+-")] == '\0');
		round_trip(ms);
	} else {
		CHECK(ms == -1);
		CHECK(*ei.detail != '\0');
	}
	free(s);
	if (size >= sizeof(ms)) {
		memcpy(&ms, data, sizeof(ms));
		if (ms > 0)
			round_trip(ms);
	}
	return 0;
}
