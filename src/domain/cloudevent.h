/*
 * CloudEvents 1.0: are the required context attributes there?
 *
 * specversion ("1.0"), id, source and type, each a string that is not empty.
 * In structured mode they are members of the body, which is known to be
 * JSON; in batched mode of each element of an array; in binary mode they are
 * the headers ce-*.
 */
#ifndef EWA_DOMAIN_CLOUDEVENT_H
#define EWA_DOMAIN_CLOUDEVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum cloudevent_mode {
	CLOUDEVENT_NONE,
	CLOUDEVENT_STRUCTURED, /* application/cloudevents+json */
	CLOUDEVENT_BATCH       /* application/cloudevents-batch+json */
};

/* A value as it stands in the body (between its quotes) or header. */
struct cloudevent_value {
	const char *s;
	size_t n;
};

struct cloudevent {
	struct cloudevent_value specversion, id, source, type;
};

/* By the media type; NULL is none. */
enum cloudevent_mode cloudevent_mode(const char *content_type);

/* json must have passed json_check, without a byte order mark.  ERR_INVALID
 * names what is missing or wrong.  *out points into json. */
enum err cloudevent_structured(
    const char *json, size_t n, struct cloudevent *out, struct errinfo *ei);

/* Each element; an empty array is well-formed. */
enum err cloudevent_batch(const char *json, size_t n, struct errinfo *ei);

/* The values of ce-specversion, ce-id, ce-source and ce-type; missing ones are
 * NULL. */
enum err cloudevent_binary(const char *specversion, const char *id,
    const char *source, const char *type, struct errinfo *ei);

#endif
