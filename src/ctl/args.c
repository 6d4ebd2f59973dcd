#include "config.h"

#include "ctl/args.h"

#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"

#define HELP_COLUMN 28

static const struct arg_def common[] = {
    {"config", "FILE", false,
     "the configuration (default: $EWA_CONFIG, else /etc/ewa/ewa.conf)"},
    {"help",   NULL, false, "this text"},
    {NULL       }
};

void
args_complain(const struct args *a, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "ewactl %s: ", a->command);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static const struct arg_def *
find_def(const struct arg_def *defs, const char *name, size_t n)
{
	for (; defs->name != NULL; defs++)
		if (strlen(defs->name) == n && memcmp(defs->name, name, n) == 0)
			return defs;
	return NULL;
}

static bool
take(struct args *a, const struct arg_def *def, const char *value)
{
	if (!def->many && args_has(a, def->name)) {
		args_complain(a, "--%s is given twice", def->name);
		return false;
	}
	if (a->count == ARGS_MAX) {
		args_complain(a, "there are more than %d options", ARGS_MAX);
		return false;
	}
	a->given[a->count].def = def;
	a->given[a->count].value = value;
	a->count++;
	return true;
}

/* argv[*at] is an option; a value may follow it. */
static bool
take_option(
    struct args *a, const struct arg_def *defs, int argc, char **argv, int *at)
{
	const char *name = argv[*at] + 2;
	size_t n = strcspn(name, "=");
	const struct arg_def *def = find_def(defs, name, n);

	if (def == NULL)
		def = find_def(common, name, n);
	if (def == NULL) {
		args_complain(a,
		    "there is no option --%.*s; \"ewactl %s --help\" lists "
		    "them",
		    (int)n, name, a->command);
		return false;
	}
	if (def->value == NULL) {
		if (name[n] == '=') {
			args_complain(a, "--%s takes no value", def->name);
			return false;
		}
		return take(a, def, NULL);
	}
	if (name[n] == '=')
		return take(a, def, name + n + 1);
	if (*at + 1 == argc) {
		args_complain(a, "--%s needs a value: --%s %s", def->name,
		    def->name, def->value);
		return false;
	}
	return take(a, def, argv[++*at]);
}

static bool
take_word(struct args *a, const char *word)
{
	if (a->word_count == ARGS_WORDS_MAX) {
		args_complain(a, "unexpected argument \"%s\"", word);
		return false;
	}
	a->words[a->word_count++] = word;
	return true;
}

bool
args_parse(struct args *a, const char *command, int argc, char **argv,
    const struct arg_def *defs)
{
	bool ok = true, options = true;

	memset(a, 0, sizeof(*a));
	a->command = command;
	for (int at = 0; at < argc; at++) {
		if (!utf8_valid(argv[at], strlen(argv[at]), NULL)) {
			args_complain(a, "argument %d is not UTF-8", at + 1);
			return false;
		}
	}
	for (int at = 0; at < argc; at++) {
		if (options && strcmp(argv[at], "--") == 0)
			options = false;
		else if (options && strcmp(argv[at], "-h") == 0)
			ok &= take(a, &common[1], NULL);
		else if (options && strncmp(argv[at], "--", 2) == 0)
			ok &= take_option(a, defs, argc, argv, &at);
		else
			ok &= take_word(a, argv[at]);
	}
	return ok;
}

bool
args_has(const struct args *a, const char *name)
{
	for (size_t n = 0; n < a->count; n++)
		if (strcmp(a->given[n].def->name, name) == 0)
			return true;
	return false;
}

const char *
args_get(const struct args *a, const char *name)
{
	for (size_t n = 0; n < a->count; n++)
		if (strcmp(a->given[n].def->name, name) == 0)
			return a->given[n].value;
	return NULL;
}

static void
help_one(const struct arg_def *def, FILE *out)
{
	const char *line = def->help;
	int used =
	    fprintf(out, "  --%s%s%s", def->name, def->value != NULL ? " " : "",
		def->value != NULL ? def->value : "");

	if (used >= HELP_COLUMN) {
		fputc('\n', out);
		used = 0;
	}
	for (;;) {
		int n = (int)strcspn(line, "\n");

		fprintf(out, "%*s%.*s\n", HELP_COLUMN - used, "", n, line);
		used = 0;
		if (line[n] == '\0')
			return;
		line += n + 1;
	}
}

void
args_help(const struct arg_def *defs, FILE *out)
{
	for (; defs->name != NULL; defs++)
		help_one(defs, out);
	for (defs = common; defs->name != NULL; defs++)
		help_one(defs, out);
}
