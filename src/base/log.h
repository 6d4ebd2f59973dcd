/*
 * One line an event on stderr, key=value, with "<N>" priorities when stderr
 * goes to the journal (JOURNAL_STREAM names it).
 *
 *	log_info(F_STR("msg", "claimed"), F_INT("events", n));
 *
 * The first field is "msg" by convention.  String values are quoted when
 * they need it, and control bytes are escaped, so no value can forge a line.
 * Never pass a token, a header's value, or a URL's query or userinfo.
 * Thread-safe: each line is one write(2).  A line is cut at 4,096 bytes.
 */
#ifndef EWA_BASE_LOG_H
#define EWA_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* The values are syslog's (RFC 5424) severities. */
enum log_level {
	LOG_CRIT = 2,
	LOG_ERR = 3,
	LOG_WARNING = 4,
	LOG_NOTICE = 5,
	LOG_INFO = 6,
	LOG_DEBUG = 7
};

enum log_type { LOG_FIELD_STR, LOG_FIELD_INT };

struct log_field {
	const char *name; /* NULL ends the list */
	enum log_type type;
	const char *str; /* NULL is written as "" */
	int64_t num;
};

#define F_STR(n, v)                                            \
	{                                                      \
		.name = (n), .type = LOG_FIELD_STR, .str = (v) \
	}
#define F_INT(n, v)                                                     \
	{                                                               \
		.name = (n), .type = LOG_FIELD_INT, .num = (int64_t)(v) \
	}

/* Program name for the "prog" field, and the least urgent level written. */
void log_init(const char *prog, enum log_level max);
void log_set_level(enum log_level max);

void log_write(enum log_level level, const struct log_field *fields);

#define log_at(level, ...) \
	log_write((level), (struct log_field[]){__VA_ARGS__, {0}})
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_at(LOG_INFO, __VA_ARGS__)
#define log_notice(...) log_at(LOG_NOTICE, __VA_ARGS__)
#define log_warning(...) log_at(LOG_WARNING, __VA_ARGS__)
#define log_error(...) log_at(LOG_ERR, __VA_ARGS__)

/* The environment is lost: log at LOG_CRIT and exit(70). */
#define fatal(...)                             \
	do {                                   \
		log_at(LOG_CRIT, __VA_ARGS__); \
		log_exit();                    \
	} while (0)

_Noreturn void log_exit(void);

#endif
