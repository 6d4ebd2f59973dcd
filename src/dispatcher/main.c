/*
 * ewa-dispatcher: handles events and sends replies, in the foreground.
 * SIGTERM and SIGINT drain, SIGHUP reads the configuration again.
 */
#include "config.h"

#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "dispatcher/dispatcher.h"

#define EXIT_USAGE 2

static void
usage(FILE *out)
{
	fputs("usage: ewa-dispatcher [--config FILE]\n"
	      "       ewa-dispatcher [--config FILE] --show-config\n"
	      "\n"
	      "Handles events and sends replies.  Any number may run on one\n"
	      "database.  SIGTERM lets begun replies end (drain), SIGHUP\n"
	      "reads the configuration again.\n",
	    out);
}

struct options {
	const char *config;
	bool show;
};

static void
parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
	    {"config",      required_argument, NULL, 'c'},
	    {"show-config", no_argument,       NULL, 'C'},
	    {"version",     no_argument,       NULL, 'V'},
	    {"help",        no_argument,       NULL, 'h'},
            {NULL,          0,                 NULL, 0  }
        };
	int c;

	*o = (struct options){NULL, false};
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case 'C':
			o->show = true;
			break;
		case 'V':
			puts("ewa-dispatcher " PACKAGE_VERSION);
			exit(EXIT_SUCCESS);
		case 'h':
			usage(stdout);
			exit(EXIT_SUCCESS);
		default:
			usage(stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "ewa-dispatcher: unexpected argument: %s\n",
		    argv[optind]);
		exit(EXIT_USAGE);
	}
}

/* One that comes before the loop listens to it waits instead of ending us. */
static void
hold_hangup(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

int
main(int argc, char **argv)
{
	struct options o;
	struct settings conf;
	struct errinfo ei;

	hold_hangup();
	log_init("ewa-dispatcher", LOG_INFO);
	parse_options(argc, argv, &o);
	if (settings_load(o.config, &conf, &ei) != ERR_OK)
		fatal(F_STR("msg", "cannot start"), F_STR("where", ei.where),
		    F_STR("reason", ei.detail));
	if (o.show) {
		settings_show(o.config, &conf);
		settings_free(&conf);
		return EXIT_SUCCESS;
	}
	settings_note_file(&conf);
	return dispatcher_run(&conf, o.config);
}
