#include "config.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

struct err_row {
	int status;
	const char *type;
	const char *title;
	enum log_level level;
};

/* clang-format off */
static const struct err_row rows[ERR_MAX] = {
    [ERR_OK]            = {200, "about:blank", "OK", LOG_DEBUG},
    [ERR_INVALID]       = {400, "invalid-request", "Bad Request", LOG_INFO},
    [ERR_UNAUTHORIZED]  = {401, "unauthorized", "Unauthorized", LOG_INFO},
    [ERR_FORBIDDEN]     = {403, "forbidden", "Forbidden", LOG_INFO},
    [ERR_NOT_FOUND]     = {404, "not-found", "Not Found", LOG_INFO},
    [ERR_METHOD]        = {405, "method-not-allowed", "Method Not Allowed",
			      LOG_INFO},
    [ERR_TIMEOUT]       = {408, "request-timeout", "Request Timeout", LOG_INFO},
    [ERR_CONFLICT]      = {409, "conflict", "Conflict", LOG_INFO},
    [ERR_STALE]         = {412, "precondition-failed", "Precondition Failed",
			      LOG_INFO},
    [ERR_NO_VERSION]    = {428, "precondition-required",
			      "Precondition Required", LOG_INFO},
    [ERR_TOO_LARGE]     = {413, "too-large", "Content Too Large", LOG_INFO},
    [ERR_MEDIA]         = {415, "unsupported-media-type",
			      "Unsupported Media Type", LOG_INFO},
    [ERR_UNPROCESSABLE] = {422, "unprocessable", "Unprocessable Content",
			      LOG_INFO},
    [ERR_RATE]          = {503, "rate-limited", "Service Unavailable",
			      LOG_INFO},
    [ERR_UNAVAILABLE]   = {503, "unavailable", "Service Unavailable",
			      LOG_WARNING},
    [ERR_INTERNAL]      = {500, "internal", "Internal Server Error", LOG_ERR},
};
/* clang-format on */

static const struct err_row *
row(enum err code)
{
	BUG_ON((unsigned)code >= ERR_MAX);
	return &rows[code];
}

enum err
err_set(struct errinfo *ei, enum err code, const char *fmt, ...)
{
	va_list ap;

	if (ei == NULL)
		return code;
	ei->code = code;
	ei->where[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(ei->detail, sizeof(ei->detail), fmt, ap);
	va_end(ap);
	return code;
}

enum err
err_where(struct errinfo *ei, const char *fmt, ...)
{
	va_list ap;

	BUG_ON(ei == NULL);
	va_start(ap, fmt);
	vsnprintf(ei->where, sizeof(ei->where), fmt, ap);
	va_end(ap);
	return ei->code;
}

void
err_at_file(struct errinfo *ei, const char *path, int line)
{
	size_t len = strlen(path), room;
	char tail[16] = "";

	if (ei == NULL)
		return;
	if (line != 0)
		snprintf(tail, sizeof(tail), ":%d", line);
	room = sizeof(ei->where) - 1 - strlen(tail);
	if (len <= room)
		err_where(ei, "%s%s", path, tail);
	else
		err_where(ei, "...%s%s", path + len - (room - 3), tail);
}

int
err_status(enum err code)
{
	return row(code)->status;
}

const char *
err_type(enum err code)
{
	return row(code)->type;
}

const char *
err_title(enum err code)
{
	return row(code)->title;
}

int
err_log_level(enum err code)
{
	return (int)row(code)->level;
}

void
err_bug(const char *file, int line, const char *what)
{
	log_at(LOG_CRIT, F_STR("msg", "bug"), F_STR("file", file),
	    F_INT("line", line), F_STR("condition", what));
	abort();
}
