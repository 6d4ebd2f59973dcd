/*
 * Content codings: what is inflated stays within its limit, the same bytes
 * give the same end with any limit that is high enough, and each error has
 * words.
 *
 * The first byte says the coding, the second the limit in units of 64 bytes.
 */
#include "config.h"

#include <string.h>

#include "base/inflate.h"
#include "base/mem.h"

#include "fuzz.h"

#define LARGE ((size_t)1 << 20)

static enum err
inflate_within(enum inflate_coding c, const void *data, size_t n, size_t max,
    struct buf *out)
{
	struct errinfo ei = {.detail = ""};
	enum err e;

	buf_init(out, max);
	e = inflate_bytes(c, data, n, out, &ei);
	CHECK(e == ERR_OK || e == ERR_INVALID || e == ERR_TOO_LARGE);
	CHECK(e == ERR_OK || *ei.detail != '\0');
	CHECK(out->len <= max);
	return e;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum inflate_coding named, c;
	struct buf small, large;
	enum err e;
	char *name;
	size_t max;

	if (size < 2)
		return 0;
	c = data[0] & 1 ? INFLATE_GZIP : INFLATE_DEFLATE;
	max = (size_t)data[1] * 64;
	name = mem_strndup((const char *)data + 2, size - 2);
	inflate_coding(name, &named);
	free(name);
	e = inflate_within(c, data + 2, size - 2, max, &small);
	if (e == ERR_OK) {
		CHECK(inflate_within(c, data + 2, size - 2, LARGE, &large) ==
		      ERR_OK);
		CHECK(small.len == large.len &&
		      memcmp(small.data, large.data, small.len) == 0);
		buf_fini(&large);
	} else if (e == ERR_TOO_LARGE && max < LARGE) {
		/* more room never makes it smaller */
		if (inflate_within(c, data + 2, size - 2, LARGE, &large) ==
		    ERR_OK)
			CHECK(large.len > max);
		buf_fini(&large);
	}
	buf_fini(&small);
	return 0;
}
