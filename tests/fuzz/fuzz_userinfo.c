/*
 * A URL whose user and password were taken out holds none any more, goes to
 * the same server, and what was taken out can be sent as Basic.
 */
#include "config.h"

#include <string.h>

#include "base/uri.h"

#include "fuzz.h"

static void
check_bare(const char *bare, const char *userinfo)
{
	char *again = NULL, *more = NULL;
	struct uri u;

	if (userinfo == NULL)
		return;                            /* as it was */
	if (uri_parse(bare, &u, NULL) == ERR_OK) { /* it may be saved */
		CHECK(strchr(u.host, '@') == NULL);
		CHECK(uri_split_userinfo(bare, &again, &more, NULL) == ERR_OK);
		CHECK(more == NULL);
		CHECK(strcmp(bare, again) == 0);
	}
	uri_fini(&u);
	free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1), *bare = NULL, *userinfo = NULL;
	struct errinfo ei = {.detail = ""};

	CHECK(s != NULL);
	memcpy(s, data, size);
	s[size] = '\0';
	if (uri_split_userinfo(s, &bare, &userinfo, &ei) == ERR_OK) {
		CHECK(bare != NULL);
		check_bare(bare, userinfo);
	} else {
		CHECK(bare == NULL && userinfo == NULL);
		CHECK(*ei.detail != '\0');
	}
	free(bare);
	free(userinfo);
	free(s);
	return 0;
}
