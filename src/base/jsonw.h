/*
 * Writing JSON documents into a buffer.
 *
 * The writer needs no state: whether a comma is due is seen in the last byte
 * written.  name is the member's name inside an object (our own words, that
 * need no escaping), NULL inside an array.  Bytes that are no UTF-8 are
 * replaced (buf_add_json_str).
 */
#ifndef EWA_BASE_JSONW_H
#define EWA_BASE_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/uuid7.h"

void jsonw_object(struct buf *b, const char *name); /* { */
void jsonw_array(struct buf *b, const char *name);  /* [ */
void jsonw_end_object(struct buf *b);
void jsonw_end_array(struct buf *b);

void jsonw_str(struct buf *b, const char *name, const char *s); /* NULL: null */
void jsonw_strn(struct buf *b, const char *name, const char *s, size_t n);
void jsonw_int(struct buf *b, const char *name, int64_t v);
void jsonw_bool(struct buf *b, const char *name, bool v);
void jsonw_null(struct buf *b, const char *name);
void jsonw_uuid(struct buf *b, const char *name, const struct uuid *u);

/* RFC 3339 in UTC; INT64_MIN and INT64_MAX (no time, infinity) are null. */
void jsonw_time(struct buf *b, const char *name, int64_t unix_us);

/* An ISO 8601 duration; 0 is null. */
void jsonw_duration(struct buf *b, const char *name, int64_t ms);

/* A text that is JSON already. */
void jsonw_raw(struct buf *b, const char *name, const char *json);

#endif
