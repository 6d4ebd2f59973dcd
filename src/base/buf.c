#include "config.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#define BUF_FIRST 256

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max};
	b->cap = max < BUF_FIRST ? max + 1 : BUF_FIRST;
	b->data = mem_alloc(b->cap);
	b->data[0] = '\0';
}

void
buf_fini(struct buf *b)
{
	if (b == NULL)
		return;
	free(b->data);
	*b = (struct buf){0};
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
	b->data[0] = '\0';
}

bool
buf_failed(const struct buf *b)
{
	return b->failed;
}

char *
buf_room(struct buf *b, size_t n)
{
	size_t want;

	if (b->failed || n > b->max - b->len) {
		b->failed = true;
		return NULL;
	}
	want = b->len + n + 1;
	if (want > b->cap) {
		size_t cap = b->cap * 2;

		if (cap < want)
			cap = want;
		if (cap > b->max + 1)
			cap = b->max + 1;
		b->data = mem_grow(b->data, cap, 1);
		b->cap = cap;
	}
	return b->data + b->len;
}

void
buf_grew(struct buf *b, size_t n)
{
	BUG_ON(b->len + n >= b->cap);
	b->len += n;
	b->data[b->len] = '\0';
}

void
buf_add(struct buf *b, const void *data, size_t n)
{
	char *p = buf_room(b, n);

	if (p == NULL)
		return;
	if (n != 0)
		memcpy(p, data, n);
	buf_grew(b, n);
}

void
buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	BUG_ON(n < 0);
	p = buf_room(b, (size_t)n);
	if (p == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	buf_grew(b, (size_t)n);
}

char *
buf_take(struct buf *b, size_t *len)
{
	char *data = b->data;
	size_t max = b->max;

	if (len != NULL)
		*len = b->len;
	buf_init(b, max);
	return data;
}

static void
add_escaped(struct buf *b, unsigned char c)
{
	static const char shorts[0x20] = {['\b'] = 'b',
	    ['\f'] = 'f',
	    ['\n'] = 'n',
	    ['\r'] = 'r',
	    ['\t'] = 't'};

	buf_addc(b, '\\');
	if (c == '"' || c == '\\')
		buf_addc(b, (char)c);
	else if (c < 0x20 && shorts[c] != 0)
		buf_addc(b, shorts[c]);
	else
		buf_addf(b, "u%04x", c);
}

/* Bytes of the character at s if it is written as it is, or 0. */
static size_t
plain_width(const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s;

	if (c >= 0x80)
		return utf8_width(s, n);
	return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

void
buf_add_json_str(struct buf *b, const char *s, size_t n)
{
	size_t i = 0, run = 0;

	buf_addc(b, '"');
	while (i < n) {
		unsigned char c = (unsigned char)s[i];
		size_t w = plain_width(s + i, n - i);

		if (w != 0) {
			i += w;
			continue;
		}
		buf_add(b, s + run, i - run);
		if (c >= 0x80)
			buf_adds(b, "\xef\xbf\xbd");
		else
			add_escaped(b, c);
		run = ++i;
	}
	buf_add(b, s + run, n - run);
	buf_addc(b, '"');
}
