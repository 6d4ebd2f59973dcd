/*
 * Expected errors: what went wrong, where, and a sentence for a person.
 *
 * A function that can fail for an expected reason returns `enum err` and
 * fills the caller's `struct errinfo` (which may be NULL).  The function's
 * comment names the codes it returns.  One table (err.c) maps a code to its
 * HTTP status, its problem type and the level at which it is logged.
 *
 * Our own bugs are BUG_ON (abort); a lost environment (no memory, no
 * configuration) is fatal() (log.h).  Both end the process: the supervisor
 * restarts it and the database holds all state.
 */
#ifndef EWA_BASE_ERR_H
#define EWA_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

enum err {
	ERR_OK = 0,
	ERR_INVALID,       /* the input is wrong */
	ERR_UNAUTHORIZED,  /* no or wrong credential */
	ERR_FORBIDDEN,     /* right credential, not allowed */
	ERR_NOT_FOUND,     /* no such thing */
	ERR_METHOD,        /* method not allowed on this resource */
	ERR_TIMEOUT,       /* the peer was too slow */
	ERR_CONFLICT,      /* contradicts what is stored */
	ERR_STALE,         /* it was changed since it was read (If-Match) */
	ERR_NO_VERSION,    /* If-Match is missing */
	ERR_TOO_LARGE,     /* over a stated maximum */
	ERR_MEDIA,         /* an encoding or type that is not taken */
	ERR_UNPROCESSABLE, /* well-formed, but a field breaks its rule */
	ERR_RATE,          /* over the integration's rate */
	ERR_UNAVAILABLE,   /* the database is away */
	ERR_INTERNAL,      /* anything else of ours */
	ERR_MAX
};

struct errinfo {
	enum err code;
	char where[128]; /* place: "line 3, column 7", a file, a field; or "" */
	char detail[512]; /* one sentence a person can act on */
};

/* Fill *ei (may be NULL) and return code. */
enum err err_set(struct errinfo *ei, enum err code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Say where; returns ei->code so that calls chain. */
enum err err_where(struct errinfo *ei, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Say which file, and line unless it is 0; a long path keeps its end.  ei may
 * be NULL. */
void err_at_file(struct errinfo *ei, const char *path, int line);

int err_status(enum err code);        /* HTTP status, 200 for ERR_OK */
const char *err_type(enum err code);  /* problem type, e.g. "not-found" */
const char *err_title(enum err code); /* problem title */
int err_log_level(enum err code);     /* an enum log_level */

/* A broken invariant of ours: say where and abort. */
#define BUG_ON(cond)                                        \
	do {                                                \
		if (__builtin_expect(!!(cond), 0))          \
			err_bug(__FILE__, __LINE__, #cond); \
	} while (0)

_Noreturn void err_bug(const char *file, int line, const char *what);

#define MUST_CHECK __attribute__((warn_unused_result))

#endif
