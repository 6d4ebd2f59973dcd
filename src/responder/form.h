/*
 * Fields of a request's JSON body, each checked; what is wrong is noted as a
 * fault of the call (call.h) with its JSON pointer.
 *
 * Getters return false (or NULL) when the field is not there, is null, or is
 * wrong; form_has and form_null tell the first two.
 */
#ifndef EWA_RESPONDER_FORM_H
#define EWA_RESPONDER_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "domain/access.h"
#include "responder/call.h"

#define FORM_AT_MAX 128

struct form {
	struct call *call;
	struct json_object *object;
	char at[FORM_AT_MAX]; /* pointer of the object, "" for the body */
};

/* The body; only the fields that are named (parted by blanks) may be there. */
void form_body(struct form *f, struct call *c, const char *names);
/* Element n of an array, or a member; false (and a fault) if no object. */
bool form_object(struct form *f, const struct form *of, const char *name,
    size_t n, struct json_object *o, const char *names);

bool form_has(const struct form *f, const char *name);
bool form_null(const struct form *f, const char *name);
/* A fault of this field. */
void form_fault(const struct form *f, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The field must be there, and not null. */
bool form_need(const struct form *f, const char *name);

/* Characters, not bytes. */
const char *form_text(
    const struct form *f, const char *name, size_t min, size_t max);
bool form_bool(const struct form *f, const char *name, bool *out);
bool form_int(const struct form *f, const char *name, int64_t min, int64_t max,
    int64_t *out);
bool form_time(const struct form *f, const char *name, int64_t *unix_us);
struct json_object *form_array(
    const struct form *f, const char *name, size_t max);
/* Roles; false if it is not there or wrong. */
bool form_grants(const struct form *f, const char *name, struct grants *out);

#endif
