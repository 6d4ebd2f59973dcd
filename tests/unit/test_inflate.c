#include "config.h"

#include <string.h>

#include <zlib.h>

#include "base/inflate.h"

#include "tap.h"

#define PACKED_MAX 70000
#define TEXT "{\"a\":\"the quick brown fox\"}"

/* Packed as windowBits says: 31 gzip, 15 zlib, -15 raw. */
static size_t
pack(int window, const void *data, size_t n, unsigned char *out)
{
	z_stream z = {0};

	assert_int_equal(
	    deflateInit2(&z, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY),
	    Z_OK);
	z.next_in = (Bytef *)(uintptr_t)data;
	z.avail_in = (uInt)n;
	z.next_out = out;
	z.avail_out = PACKED_MAX;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return PACKED_MAX - z.avail_out;
}

static enum err
unpack(enum inflate_coding coding, const void *data, size_t n, size_t max,
    struct buf *out, struct errinfo *ei)
{
	buf_init(out, max);
	return inflate_bytes(coding, data, n, out, ei);
}

static void
codings_go_by_their_names(void **state)
{
	static const char *const others[] = {
	    "br", "zstd", "compress", "gzip, gzip", "gzip,deflate", "gzi"};
	enum inflate_coding c;

	(void)state;
	assert_true(inflate_coding("GZip", &c) && c == INFLATE_GZIP);
	assert_true(inflate_coding("x-gzip", &c) && c == INFLATE_GZIP);
	assert_true(inflate_coding("deflate", &c) && c == INFLATE_DEFLATE);
	assert_true(inflate_coding("identity", &c) && c == INFLATE_NONE);
	assert_true(inflate_coding("", &c) && c == INFLATE_NONE);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(inflate_coding(others[i], &c));
}

static void
each_coding_is_undone(void **state)
{
	static const struct {
		int window;
		enum inflate_coding coding;
	} ways[] = {
	    {31,  INFLATE_GZIP   },
            {15,  INFLATE_DEFLATE},
            {-15, INFLATE_DEFLATE}
        };
	static unsigned char packed[PACKED_MAX + 1];
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		size_t n = pack(ways[i].window, TEXT, strlen(TEXT), packed);

		assert_int_equal(
		    unpack(ways[i].coding, packed, n, strlen(TEXT), &out, NULL),
		    ERR_OK);
		assert_string_equal(out.data, TEXT);
		buf_fini(&out);
	}
}

static void
gzip_may_be_of_several_members(void **state)
{
	static unsigned char packed[2 * PACKED_MAX];
	struct buf out;
	size_t n;

	(void)state;
	n = pack(31, TEXT, strlen(TEXT), packed);
	n += pack(31, TEXT, strlen(TEXT), packed + n);
	assert_int_equal(
	    unpack(INFLATE_GZIP, packed, n, 1000, &out, NULL), ERR_OK);
	assert_string_equal(out.data, TEXT TEXT);
	buf_fini(&out);
}

static void
what_is_not_whole_is_refused_by_name(void **state)
{
	static unsigned char packed[PACKED_MAX + 1];
	struct errinfo ei;
	struct buf out;
	size_t n = pack(31, TEXT, strlen(TEXT), packed);

	(void)state;
	for (size_t k = 0; k < n; k++) {
		assert_int_equal(
		    unpack(INFLATE_GZIP, packed, k, 1000, &out, &ei),
		    ERR_INVALID);
		assert_non_null(strstr(ei.detail, "gzip"));
		buf_fini(&out);
	}
	packed[n] = 'x';
	assert_int_equal(
	    unpack(INFLATE_GZIP, packed, n + 1, 1000, &out, &ei), ERR_INVALID);
	buf_fini(&out);
	packed[n - 6] ^= 1; /* the check sum */
	assert_int_equal(
	    unpack(INFLATE_GZIP, packed, n, 1000, &out, &ei), ERR_INVALID);
	buf_fini(&out);
	n = pack(-15, TEXT, strlen(TEXT), packed);
	assert_int_equal(
	    unpack(INFLATE_DEFLATE, packed, n - 1, 1000, &out, &ei),
	    ERR_INVALID);
	assert_non_null(strstr(ei.detail, "deflate"));
	buf_fini(&out);
}

static void
a_bomb_takes_no_more_than_the_limit(void **state)
{
	static const int windows[] = {31, 15, -15};
	static char zeros[1 << 20];
	static unsigned char packed[PACKED_MAX + 1];
	struct buf out;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		enum inflate_coding c = i == 0 ? INFLATE_GZIP : INFLATE_DEFLATE;
		size_t n = pack(windows[i], zeros, sizeof(zeros), packed);

		assert_int_equal(
		    unpack(c, packed, n, sizeof(zeros) - 1, &out, NULL),
		    ERR_TOO_LARGE);
		assert_true(out.len < sizeof(zeros));
		buf_fini(&out);
		assert_int_equal(
		    unpack(c, packed, n, sizeof(zeros), &out, NULL), ERR_OK);
		assert_int_equal(out.len, sizeof(zeros));
		buf_fini(&out);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(codings_go_by_their_names),
	    cmocka_unit_test(each_coding_is_undone),
	    cmocka_unit_test(gzip_may_be_of_several_members),
	    cmocka_unit_test(what_is_not_whole_is_refused_by_name),
	    cmocka_unit_test(a_bomb_takes_no_more_than_the_limit),
	};

	return tap_run(tests);
}
