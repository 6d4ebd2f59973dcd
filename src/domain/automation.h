/*
 * An automation and the rules of its settings.
 *
 * Automations belong to an integration and are run in order of position.  A
 * list owns its automations, an automation its strings; once cached both are
 * immutable.
 */
#ifndef EWA_DOMAIN_AUTOMATION_H
#define EWA_DOMAIN_AUTOMATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uri.h"
#include "domain/integration.h"

#define AUTOMATION_LIST_MAX 100 /* of one integration */
#define AUTOMATION_NAME_MAX 200 /* characters */
#define AUTOMATION_CONDITION_MAX 4000
#define AUTOMATION_ARGS_MAX 32
#define AUTOMATION_ARG_MAX 1000    /* bytes */
#define AUTOMATION_PROGRAM_MAX 128 /* bytes of a file name */
#define AUTOMATION_FUNCTION_MAX 63
#define AUTOMATION_TIMEOUT_DEFAULT_MS 30000
#define AUTOMATION_TIMEOUT_MAX_MS (60 * 60 * 1000)
#define AUTOMATION_ATTEMPTS_MAX 20
#define SUBJECT_MAX 1000 /* characters of a subject's path */

enum automation_kind { AUTOMATION_COMMAND, AUTOMATION_HTTP, AUTOMATION_SQL };

struct automation {
	int32_t id; /* 0: not stored */
	int32_t integration_id;
	int32_t position; /* from 1; 0: at the end */
	char *name;
	bool enabled;
	char *condition; /* "": always */
	enum automation_kind kind;
	char *target; /* program, URL or function */
	char **args;  /* of a command */
	size_t arg_count;
	char *method; /* of http: "POST" or "PUT" */
	struct integration_header *headers;
	size_t header_count;
	struct uri uri; /* of http, once read from the database */
	int32_t timeout_ms;
	int32_t attempts;
	bool go_on; /* after its failure the next one is run */
};

struct automation_list {
	struct automation **items;
	size_t count;
};

struct automation *automation_new(enum automation_kind kind); /* defaults */
void automation_free(struct automation *a);                   /* NULL is fine */
void automation_add_arg(struct automation *a, const char *arg);
void automation_clear_args(struct automation *a);
void automation_add_header(
    struct automation *a, const char *name, const char *value, bool secret);
void automation_clear_headers(struct automation *a);

struct automation_list *automation_list_new(void);
void automation_list_add(struct automation_list *l, struct automation *a);
void automation_list_free(struct automation_list *l); /* NULL is fine */

const char *automation_kind_name(enum automation_kind k);
bool automation_kind_parse(const char *name, enum automation_kind *out);
int32_t automation_attempts_default(enum automation_kind k);

/* All rules but the condition's syntax, which the database knows.
 * ERR_UNPROCESSABLE with a sentence, `where` the setting. */
enum err automation_check(const struct automation *a, struct errinfo *ei);

/* Single ones, for those who read text. */
enum err automation_check_program(const char *name, struct errinfo *ei);
enum err automation_check_function(const char *name, struct errinfo *ei);
enum err automation_check_timeout(
    const char *text, int32_t *ms, struct errinfo *ei);
enum err automation_check_attempts(int64_t n, struct errinfo *ei);

/* Its attempts may take longer than replies are tried: at most so many ms,
 * waits between them included; 0: they don't. */
int64_t automation_outlasts(const struct automation *a, int64_t timeout_ms);

/* A subject as it is typed: a jsonpath, several parted by " // " of which the
 * first that finds something counts, or "preset:NAME" (what that stands for).
 *  ERR_UNPROCESSABLE: no such preset, too long. */
enum err subject_resolve(
    const char *typed, const char **path, struct errinfo *ei);

/* For lists of them; ends with a NULL name. */
struct subject_preset {
	const char *name, *path;
};
extern const struct subject_preset subject_presets[];

#endif
