/*
 * A growable byte buffer with a stated maximum.
 *
 * The caller owns the struct; buf_fini frees the bytes.  The data is always
 * followed by a NUL that is not counted, so it can be read as a C string.
 * Going over the maximum is not fatal: the buffer keeps what it has, takes
 * nothing more and buf_failed() is true from then on.
 */
#ifndef EWA_BASE_BUF_H
#define EWA_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* never NULL after buf_init */
	size_t len;
	size_t cap; /* bytes allocated */
	size_t max; /* greatest len */
	bool failed;
};

void buf_init(struct buf *b, size_t max);
void buf_fini(struct buf *b);
void buf_reset(struct buf *b); /* empty again, memory kept */
bool buf_failed(const struct buf *b);

void buf_add(struct buf *b, const void *data, size_t n);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Room for n more bytes; the pointer is good until the next call.  The
 * caller writes at most n bytes there and says how many by buf_grew. NULL
 * (and failed) when that would go over the maximum. */
char *buf_room(struct buf *b, size_t n);
void buf_grew(struct buf *b, size_t n);

/* The bytes, now the caller's (free); the buffer is empty and usable. */
char *buf_take(struct buf *b, size_t *len);

/* A JSON string (RFC 8259) with its quotes.  Bytes that are not UTF-8 are
 * written as U+FFFD. */
void buf_add_json_str(struct buf *b, const char *s, size_t n);

#endif
