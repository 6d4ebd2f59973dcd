/*
 * ewactl: the operator's command line.
 */
#include "config.h"

#include "ctl/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"

#define CALL_MS 30000
#define CONNECT_MS 10000

static const struct arg_def json_args[] = {
    {"json", NULL, false, "one JSON document for programs"},
    {NULL}
};

static const struct arg_def no_args[] = {{NULL}};

struct command {
	const char *name;
	const char *words; /* what must follow it, or "" */
	int (*run)(struct ctl *c, const struct args *a);
	const struct arg_def *args;
	const char *summary;
	const char *notes; /* more for its --help, or NULL */
};

#define NOTE_PS                                                              \
	"Values on the command line can be seen by others on this host (ps)" \
	" while\nthe command runs, and shells keep a history.  --token -"    \
	" reads the token's\nline from standard input instead.\n"

/* clang-format off */
static const struct command commands[] = {
    {"secrets init",        "",         cmd_secrets_init,        no_args,
     "make the key file that the configuration names",									     "It protects tokens and secret headers: keep a copy.  A file that is"
	" there\nalready is not touched.\n"												},
    {"secrets rekey", "", cmd_secrets_rekey, no_args,
     "seal everything anew under the key file's first key",
     "Put the new key in the file's first line and restart (or SIGHUP) the"
	" programs\nfirst.  Says which keys are still used by what; can be run"
	" again.\n"},
    {"secrets seal", "", cmd_secrets_seal, no_args,
     "seal the proxy's user and password for a file",
     "Reads \"user:password\" from standard input; the line that it prints is"
	" what the\nfile holds that reply_proxy_credentials names.\n"},
    {"migrate",             "",         cmd_migrate,             no_args,
     "bring the database's schema up to this version",									     "Can be run again: what was applied already is passed over.\n"},
    {"integration create",  "",         cmd_integration_create,  integration_create_args,
     "make an integration",													NOTE_PS						       },
    {"integration list",    "",         cmd_integration_list,    json_args,
     "all integrations",													   NULL							  },
    {"integration show",    "KEY|NAME", cmd_integration_show,    json_args,
     "the settings of one",													NULL							  },
    {"integration update",  "KEY|NAME", cmd_integration_update,
     integration_update_args,							     "change settings; the others stay",
     "Reply headers are replaced as a whole when any is given."
	"  --secret-reply-header\nwith a name only keeps the value that is"
	" stored for it.\n" NOTE_PS																			      },
    {"integration enable",  "KEY|NAME", cmd_integration_enable,  json_args,
     "take its requests, handle its events",										       NULL							  },
    {"integration disable", "KEY|NAME", cmd_integration_disable, json_args,
     "refuse its requests; what is waiting waits",										 NULL							  },
    {"integration pause",   "KEY|NAME", cmd_integration_pause,
     integration_pause_args,							      "take its requests, but handle nothing",
     "Without --until or --for the pause lasts until it is resumed.\n"															   },
    {"integration resume",  "KEY|NAME", cmd_integration_resume,  json_args,
     "end a pause",														NULL							  },
    {"integration delete",  "KEY|NAME", cmd_integration_delete,  json_args,
     "delete it for good; what is waiting is cancelled",									   NULL                                                          },
    {"integration token",   "KEY|NAME", cmd_integration_token,
     integration_token_args,							      "give it a new platform token",
     "The new token is generated and shown once, unless it is "
	"given.\n" NOTE_PS																				       },
    {"integration signing", "KEY|NAME", cmd_integration_signing,
     integration_signing_args,
     "give it a new signing secret, or none",
     "A secret is made up and shown once, unless it is given.\n" NOTE_PS},
    {"integration reply-secret", "KEY|NAME", cmd_integration_reply_secret,
     integration_reply_secret_args,
     "give it a new secret that signs replies, or none",
     "A secret is made up and shown once, unless it is given.\n" NOTE_PS},
    {"integration test", "KEY|NAME", cmd_integration_test,
     integration_test_args, "send it a test event",
     "It is marked as a test and left out of reports.\n"},
    {"automation try", "KEY|NAME", cmd_automation_try, automation_try_args,
     "what would be run for an event, and why", "Nothing is run.\n"},
    {"automation add", "KEY|NAME", cmd_automation_add, automation_add_args,
     "make an automation of an integration",
     "Its automations are run in order for each event.\n"},
    {"automation list", "KEY|NAME", cmd_automation_list, json_args,
     "the automations of an integration, in order", NULL},
    {"automation show", "NUMBER", cmd_automation_show, json_args,
     "the settings of one", NULL},
    {"automation update", "NUMBER", cmd_automation_update,
     automation_update_args, "change settings; the others stay",
     "Arguments, and headers, are replaced as a whole when any is given."
     "  --secret-header\nwith a name only keeps the value that is stored for"
     " it.\n"},
    {"automation move", "NUMBER", cmd_automation_move, automation_move_args,
     "give it another place in the order", NULL},
    {"automation remove", "NUMBER", cmd_automation_remove, json_args,
     "remove it; the results that it has left stay", NULL},
    {"event list",          "",         cmd_event_list,          event_list_args,         "the newest events",
     "At most the newest 100,000 events are searched; --since narrows"
	" that down.\n"																					  },
    {"event show",          "ID",       cmd_event_show,          json_args,               "the journey of one event",
     "The body is not shown: see \"ewactl event body\".\n"																       },
    {"event body",          "ID",       cmd_event_body,          no_args,
     "the bytes of its body, as received",											 NULL							  },
    {"event resend", "[ID]", cmd_event_resend, event_resend_args,
     "send replies again: of one event, or of all that a filter finds",
     "Outside the deadline: tried for reply_horizon from now.  Events must be"
	" finished.\nThey are counted first.\n"},
    {"event handle-again", "[ID]", cmd_event_handle_again, event_resend_args,
     "make new events of old ones: of one, or of all that a filter finds",
     "The new events have ids of their own and say whose repeats they are.\n"},
    {"refusals",            "",         cmd_refusals,            refusals_args,
     "why requests to endpoints were refused",
     "Counted by integration, source and reason; the last ones first.\n"},
    {"user add", "NAME", cmd_user_add, user_add_args,
     "somebody who may sign in to the workspace",
     "The password is read from standard input.\n"},
    {"user list", "", cmd_user_list, json_args, "who may sign in", NULL},
    {"user passwd", "NAME", cmd_user_passwd, json_args, "a new password",
     "It is read from standard input.  The user's sessions end.\n"},
    {"user enable", "NAME", cmd_user_enable, json_args, "may sign in", NULL},
    {"user disable", "NAME", cmd_user_disable, json_args,
     "may not sign in any more; their sessions end", NULL},
    {"api-token create", "NAME", cmd_api_token_create, api_token_create_args,
     "a token for a program that uses the API", "It is shown this once.\n"},
    {"api-token list", "", cmd_api_token_list, json_args, "the API tokens",
     NULL},
    {"api-token revoke", "ID", cmd_api_token_revoke, json_args,
     "take it back, at once", NULL},
};
/* clang-format on */

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* ---- what the commands share -----------------------------------------------
 */

int64_t
ctl_deadline(void)
{
	return clock_mono_ms() + CALL_MS;
}

int
ctl_fail(const struct errinfo *ei)
{
	/* undefined table, schema or function: a database without ours */
	bool bare = strcmp(ei->where, "SQLSTATE 42P01") == 0 ||
		    strcmp(ei->where, "SQLSTATE 3F000") == 0 ||
		    strcmp(ei->where, "SQLSTATE 42883") == 0;

	fprintf(stderr, "ewactl: %s%s%s%s\n", ei->where,
	    *ei->where != '\0' ? ": " : "", ei->detail,
	    bare ? "; has \"ewactl migrate\" been run?" : "");
	return ei->code == ERR_UNAVAILABLE ? CTL_AWAY : CTL_REFUSED;
}

/* Most often that is the reason. */
static void
hint_no_file(const struct ctl *c)
{
	if (c->settings.no_file)
		fputs("ewactl: " SETTINGS_NO_FILE "\n", stderr);
}

int
ctl_open(struct ctl *c)
{
	struct errinfo ei;
	int status = CTL_OK;

	if (c->pg == NULL)
		c->pg = pg_new(
		    c->settings.database, c->settings.ctl_user, "ewactl");
	if (pg_open(c->pg, clock_mono_ms() + CONNECT_MS, &ei) != ERR_OK) {
		status = ctl_fail(&ei);
		hint_no_file(c);
	}
	return status;
}

int
ctl_keys(struct ctl *c)
{
	struct errinfo ei;

	if (c->keys != NULL)
		return CTL_OK;
	if (keyring_load(c->settings.key_file, &c->keys, &ei) == ERR_OK)
		return CTL_OK;
	ctl_fail(&ei);
	if (access(c->settings.key_file, F_OK) != 0)
		fprintf(stderr,
		    "ewactl: \"ewactl secrets init\" makes the key file\n");
	hint_no_file(c);
	return CTL_REFUSED;
}

void
ctl_print_json(struct json_object *o)
{
	puts(json_object_to_json_string_ext(
	    o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

struct json_object *
ctl_json_text(const char *s)
{
	return s != NULL ? json_object_new_string(s) : NULL;
}

struct json_object *
ctl_json_time(int64_t us)
{
	char text[CLOCK_TEXT_MAX];

	clock_format(us, text);
	return json_object_new_string(text);
}

/* ---- usage ------------------------------------------------------------------
 */

static void
usage(FILE *out)
{
	fputs("usage: ewactl [--config FILE] COMMAND [OPTION]...\n"
	      "       ewactl [--config FILE] --show-config\n"
	      "       ewactl --version | --help\n\n"
	      "Runs an installation of ewa (Event Webhook Async).\n\n",
	    out);
	for (size_t n = 0; n < COMMANDS; n++) {
		const struct command *k = &commands[n];
		int used = fprintf(out, "  %s%s%s", k->name,
		    *k->words != '\0' ? " " : "", k->words);

		fprintf(
		    out, "%*s%s\n", used < 32 ? 32 - used : 1, "", k->summary);
	}
	fputs("\n\"ewactl COMMAND --help\" says more.  Exit status: 0 done, 1"
	      " refused or not found,\n2 not understood, 75 the database is"
	      " away.\n",
	    out);
}

static void
help(const struct command *k)
{
	printf("usage: ewactl %s%s%s%s\n\n%c%s.\n\n", k->name,
	    *k->words != '\0' ? " " : "", k->words,
	    k->args->name != NULL ? " [OPTION]..." : "",
	    k->summary[0] - 'a' + 'A', k->summary + 1);
	args_help(k->args, stdout);
	if (k->notes != NULL)
		printf("\n%s", k->notes);
}

/* The command of the first word or two; *used says how many they were. */
static const struct command *
find_command(int argc, char **argv, int *used)
{
	for (size_t n = 0; n < COMMANDS; n++) {
		const char *name = commands[n].name;
		size_t first = strcspn(name, " ");

		if (strlen(argv[0]) != first ||
		    strncmp(argv[0], name, first) != 0)
			continue;
		*used = name[first] == '\0' ? 1 : 2;
		if (*used == 1 ||
		    (argc > 1 && strcmp(argv[1], name + first + 1) == 0))
			return &commands[n];
	}
	return NULL;
}

static int
unknown(int argc, char **argv)
{
	size_t first = strlen(argv[0]);
	bool any = false;

	fprintf(stderr, "ewactl: there is no command \"%s%s%s\"", argv[0],
	    argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
	for (size_t n = 0; n < COMMANDS; n++) {
		const char *name = commands[n].name;

		if (strncmp(name, argv[0], first) != 0 || name[first] != ' ')
			continue;
		fprintf(stderr, "%s%s", any ? ", " : "; there are: ", name);
		any = true;
	}
	fputs(any ? "\n" : "; \"ewactl --help\" lists them\n", stderr);
	return CTL_USAGE;
}

/* ---- running
 * ----------------------------------------------------------------- */

static void
set_actor(struct ctl *c)
{
	const char *name = getenv("SUDO_USER");

	if (name == NULL || *name == '\0')
		name = getenv("USER");
	if (name == NULL || *name == '\0' || strlen(name) > CTL_ACTOR_MAX ||
	    !utf8_valid(name, strlen(name), NULL))
		name = "ewactl";
	snprintf(c->actor, sizeof(c->actor), "%s", name);
}

static int
run(const struct command *k, const struct args *a, const char *config)
{
	struct ctl c = {.json = args_has(a, "json")};
	struct errinfo ei;
	int status;

	if (settings_load(config, &c.settings, &ei) == ERR_OK) {
		set_actor(&c);
		status = k->run(&c, a);
	} else {
		status = ctl_fail(&ei);
	}
	reply_status_list_fini(&c.statuses);
	pg_free(c.pg);
	keyring_free(c.keys);
	settings_free(&c.settings);
	return status;
}

static int
run_command(const char *config, int argc, char **argv)
{
	const struct command *k;
	struct args a;
	int used;

	if (strcmp(argv[0], "help") == 0) {
		usage(stdout);
		return CTL_OK;
	}
	k = find_command(argc, argv, &used);
	if (k == NULL)
		return unknown(argc, argv);
	if (!args_parse(&a, k->name, argc - used, argv + used, k->args))
		return CTL_USAGE;
	if (args_has(&a, "help")) {
		help(k);
		return CTL_OK;
	}
	if (a.word_count > (*k->words != '\0')) {
		args_complain(&a, "unexpected argument \"%s\"",
		    a.words[*k->words != '\0']);
		return CTL_USAGE;
	}
	if (*k->words != '\0' && *k->words != '[' && a.word_count == 0) {
		args_complain(&a, "%s is missing: ewactl %s %s", k->words,
		    k->name, k->words);
		return CTL_USAGE;
	}
	if (args_has(&a, "config"))
		config = args_get(&a, "config");
	return run(k, &a, config);
}

static int
show_config(const char *config)
{
	struct settings s;
	struct errinfo ei;
	int status = CTL_OK;

	if (settings_load(config, &s, &ei) == ERR_OK)
		settings_show(config, &s);
	else
		status = ctl_fail(&ei);
	settings_free(&s);
	return status;
}

static bool
is_one(const char *arg, const char *a, const char *b)
{
	return strcmp(arg, a) == 0 || strcmp(arg, b) == 0;
}

/* Options before the command; what is left is run. */
static int
run_program(int argc, char **argv)
{
	const char *config = NULL;
	bool show = false;
	int at = 1;

	for (; at < argc && argv[at][0] == '-'; at++) {
		if (strncmp(argv[at], "--config=", 9) == 0) {
			config = argv[at] + 9;
		} else if (is_one(argv[at], "--config", "-c") &&
			   at + 1 < argc) {
			config = argv[++at];
		} else if (strcmp(argv[at], "--show-config") == 0) {
			show = true;
		} else if (is_one(argv[at], "--version", "-V")) {
			puts("ewactl " PACKAGE_VERSION);
			return CTL_OK;
		} else if (is_one(argv[at], "--help", "-h")) {
			usage(stdout);
			return CTL_OK;
		} else {
			fprintf(stderr,
			    "ewactl: %s is not an option here, or lacks its "
			    "value; see ewactl --help\n",
			    argv[at]);
			return CTL_USAGE;
		}
	}
	if (show)
		return show_config(config);
	if (at == argc) {
		usage(stderr);
		return CTL_USAGE;
	}
	return run_command(config, argc - at, argv + at);
}

int
main(int argc, char **argv)
{
	int status;

	log_init("ewactl", LOG_WARNING);
	status = run_program(argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("ewactl: standard output");
		if (status == CTL_OK)
			status = CTL_REFUSED;
	}
	return status;
}
