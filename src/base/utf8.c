#include "config.h"

#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

static bool
is_tail(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

static size_t
width3(const uint8_t *p, size_t n)
{
	if (n < 3 || !is_tail(p[1]) || !is_tail(p[2]))
		return 0;
	if (p[0] == 0xe0 && p[1] < 0xa0)
		return 0; /* overlong */
	if (p[0] == 0xed && p[1] > 0x9f)
		return 0; /* a surrogate */
	return 3;
}

static size_t
width4(const uint8_t *p, size_t n)
{
	if (n < 4 || !is_tail(p[1]) || !is_tail(p[2]) || !is_tail(p[3]))
		return 0;
	if (p[0] == 0xf0 && p[1] < 0x90)
		return 0; /* overlong */
	if (p[0] == 0xf4 && p[1] > 0x8f)
		return 0; /* beyond U+10FFFF */
	return 4;
}

size_t
utf8_width(const char *s, size_t n)
{
	const uint8_t *p = (const uint8_t *)s;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0; /* a tail, overlong, or beyond U+10FFFF */
	if (p[0] < 0xe0)
		return n >= 2 && is_tail(p[1]) ? 2 : 0;
	return p[0] < 0xf0 ? width3(p, n) : width4(p, n);
}

bool
utf8_valid(const char *s, size_t n, size_t *bad)
{
	size_t i = 0, w;
	uint64_t eight;

	while (i < n) {
		if (n - i >= sizeof(eight)) {
			memcpy(&eight, s + i, sizeof(eight));
			if ((eight & HIGH_BITS) == 0) {
				i += sizeof(eight);
				continue;
			}
		}
		w = utf8_width(s + i, n - i);
		if (w == 0) {
			if (bad != NULL)
				*bad = i;
			return false;
		}
		i += w;
	}
	return true;
}

size_t
utf8_length(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		if (((unsigned char)*s & 0xc0) != 0x80)
			n++;
	return n;
}

bool
utf8_has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}
