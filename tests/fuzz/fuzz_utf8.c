/*
 * utf8_valid agrees with a decoder that works by code points, tells the
 * first fault, and agrees with utf8_width.
 */
#include "config.h"

#include <string.h>

#include "base/utf8.h"

#include "fuzz.h"

/* The width of the character at p by decoding it, or 0. */
static size_t
decode(const uint8_t *p, size_t n)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c;
	size_t w;

	for (w = 1; w < 5 && (p[0] << (w - 1) & 0x80) != 0;)
		w++;
	w = w == 1 ? 1 : w - 1;
	if (p[0] < 0x80)
		return 1;
	if ((p[0] & 0xc0) == 0x80 || p[0] >= 0xf8 || w > n)
		return 0;
	c = p[0] & (0xffu >> (w + 1));
	for (size_t i = 1; i < w; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[w] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return w;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	size_t i = 0, w = 1, bad = SIZE_MAX;

	while (i < size && (w = decode(data + i, size - i)) != 0) {
		CHECK(utf8_width(s + i, size - i) == w);
		i += w;
	}
	if (i == size) {
		CHECK(utf8_valid(s, size, &bad));
		CHECK(bad == SIZE_MAX);
		return 0;
	}
	CHECK(utf8_width(s + i, size - i) == 0);
	CHECK(!utf8_valid(s, size, &bad));
	CHECK(bad == i);
	CHECK(utf8_valid(s, bad, NULL));
	CHECK(!utf8_valid(s, size, NULL));
	return 0;
}
