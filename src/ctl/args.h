/*
 * Options of a command: one table of them parses and gives the help.
 *
 * Options are --name VALUE or --name=VALUE, in any place; "--" ends them.
 * All faults are told on stderr, not only the first.
 */
#ifndef EWA_CTL_ARGS_H
#define EWA_CTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define ARGS_MAX 256
#define ARGS_WORDS_MAX 4

struct arg_def {
	const char *name;  /* without "--"; NULL ends the table */
	const char *value; /* what is shown for it, or NULL: a flag */
	bool many;         /* may be given again and again */
	const char *help;  /* lines, parted by \n */
};

struct arg {
	const struct arg_def *def;
	const char *value; /* NULL for a flag */
};

struct args {
	const char *command; /* for messages */
	struct arg given[ARGS_MAX];
	size_t count;
	const char *words[ARGS_WORDS_MAX]; /* what is no option */
	size_t word_count;
};

/* argv without the program and the command.  --config and --help are taken
 * besides defs.  False after messages on stderr. */
bool args_parse(struct args *a, const char *command, int argc, char **argv,
    const struct arg_def *defs);

bool args_has(const struct args *a, const char *name);
const char *args_get(const struct args *a, const char *name); /* or NULL */

/* The options with their help, indented and wrapped as they are written. */
void args_help(const struct arg_def *defs, FILE *out);

/* "ewactl COMMAND: ..." on stderr. */
void args_complain(const struct args *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
