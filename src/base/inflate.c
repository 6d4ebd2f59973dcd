#include "config.h"

#include "base/inflate.h"

#include <string.h>
#include <strings.h>

#define ZLIB_CONST /* it reads its input only */
#include <zlib.h>

#include "base/log.h"

#define STEP ((size_t)64 << 10)
#define WINDOW_GZIP (15 + 16)
#define WINDOW_ZLIB 15
#define WINDOW_RAW (-15)
#define GREW (-100) /* beyond the maximum; no code of zlib */

static const struct {
	const char *name;
	enum inflate_coding coding;
} codings[] = {
    {"",	 INFLATE_NONE   },
    {"identity", INFLATE_NONE   },
    {"gzip",     INFLATE_GZIP   },
    {"x-gzip",   INFLATE_GZIP   },
    {"deflate",  INFLATE_DEFLATE},
};

bool
inflate_coding(const char *name, enum inflate_coding *out)
{
	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++)
		if (strcasecmp(name, codings[i].name) == 0) {
			*out = codings[i].coding;
			return true;
		}
	return false;
}

static enum err
too_large(const struct buf *out, struct errinfo *ei)
{
	return err_set(ei, ERR_TOO_LARGE,
	    "decompressed, the body is larger than %zu bytes, the limit of "
	    "this integration",
	    out->max);
}

static enum err
broken(const char *name, const char *why, struct errinfo *ei)
{
	return err_set(ei, ERR_INVALID,
	    "the body is declared as %s and is no whole %s stream: %s", name,
	    name, why);
}

/* Room for the next piece: a bounded step, and at the very end one byte over
 * the maximum on `spare`, which shows that there is more. */
static void
next_room(z_stream *z, struct buf *out, Bytef *spare)
{
	size_t left = out->max - out->len;
	size_t n = left < STEP ? left : STEP;

	z->next_out = n > 0 ? (Bytef *)buf_room(out, n) : spare;
	z->avail_out = n > 0 ? (uInt)n : 1;
}

/* One stream (or member) from z's input.  Z_STREAM_END, GREW, or
 * what zlib says. */
static int
one_stream(z_stream *z, struct buf *out)
{
	Bytef spare;
	int rc;

	do {
		bool full = out->len == out->max;
		uInt had;

		next_room(z, out, &spare);
		had = z->avail_out;
		rc = inflate(z, Z_NO_FLUSH);
		if (full && z->avail_out == 0)
			return GREW;
		if (!full)
			buf_grew(out, had - z->avail_out);
	} while (rc == Z_OK);
	if (rc == Z_MEM_ERROR)
		fatal(F_STR("msg", "no memory"));
	return rc;
}

static const char *
reason(const z_stream *z, int rc)
{
	if (rc == Z_BUF_ERROR)
		return "it ends early";
	if (rc == Z_NEED_DICT)
		return "it needs a dictionary";
	return z->msg != NULL ? z->msg : "its data is damaged";
}

static enum err
whole(z_stream *z, bool members, const char *name, struct buf *out,
    struct errinfo *ei)
{
	for (;;) {
		int rc = one_stream(z, out);

		if (rc == GREW)
			return too_large(out, ei);
		if (rc != Z_STREAM_END)
			return broken(name, reason(z, rc), ei);
		if (z->avail_in == 0)
			return ERR_OK;
		if (!members)
			return broken(name, "bytes follow its end", ei);
		inflateReset(z);
	}
}

static enum err
with_window(int window, const char *name, const void *data, size_t n,
    struct buf *out, struct errinfo *ei)
{
	z_stream z = {0};
	enum err e;

	if (inflateInit2(&z, window) != Z_OK)
		fatal(F_STR("msg", "zlib: no memory"));
	z.next_in = data;
	z.avail_in = (uInt)n;
	e = whole(&z, window == WINDOW_GZIP, name, out, ei);
	inflateEnd(&z);
	return e;
}

enum err
inflate_bytes(enum inflate_coding coding, const void *data, size_t n,
    struct buf *out, struct errinfo *ei)
{
	size_t before = out->len;
	enum err e, raw;

	BUG_ON(n > UINT32_MAX);
	if (coding == INFLATE_NONE) {
		buf_add(out, data, n);
		return buf_failed(out) ? too_large(out, ei) : ERR_OK;
	}
	if (coding == INFLATE_GZIP)
		return with_window(WINDOW_GZIP, "gzip", data, n, out, ei);
	e = with_window(WINDOW_ZLIB, "deflate", data, n, out, ei);
	if (e != ERR_INVALID)
		return e;
	out->len = before;
	raw = with_window(WINDOW_RAW, "deflate", data, n, out, NULL);
	if (raw == ERR_INVALID)
		return e; /* what is wrong with it as zlib's */
	return raw == ERR_OK ? ERR_OK : too_large(out, ei);
}
