/*
 * The settings of an installation: one table, read by all three programs
 * from the same file (base/conf.h does the reading).
 */
#ifndef EWA_DOMAIN_SETTINGS_H
#define EWA_DOMAIN_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"

struct settings {
	bool no_file;         /* none was found: defaults and the environment */
	char *database;       /* libpq conninfo, without a user */
	char *responder_user; /* the programs' database roles */
	char *dispatcher_user;
	char *ctl_user;
	char *key_file;
	char *public_url; /* "" or https://host[/base] without a slash */
	int log_level;    /* enum settings_log */
	int64_t database_wait_ms;
	int64_t workers;         /* responder threads */
	int64_t body_timeout_ms; /* whole request from the server */
	int64_t memory_max;      /* bytes of bodies in memory, per program */
	char *reply_networks;    /* domain/address.h reads it */
	char *reply_proxy;       /* "" or http://host[:port] */
	char *reply_no_proxy;
	char *reply_proxy_credentials; /* a file, "" is none */
	char *reply_dns_servers;       /* "" is the system's */
	char *reply_ca_file;           /* "" is the system's */
	int64_t connect_timeout_ms;
	int64_t attempt_timeout_ms;
	int64_t reply_horizon_ms; /* without a request timeout */
	int64_t lease_ms;
	int64_t poll_ms;
	char *action_dir;          /* programs of command automations */
	char *action_helper;       /* the program that starts them */
	char *action_run_as;       /* user; "": nobody, if we are root */
	int64_t action_memory;     /* bytes of data of a program */
	int64_t action_output_max; /* bytes of an output */
	int64_t actions_max;       /* under way at once */
	int64_t automation_max;    /* of one automation */
	char *action_user;         /* database role of sql automations */
	int64_t action_connections;
	int64_t condition_timeout_ms;
	int64_t active_max; /* events in the dispatcher at once */
	int64_t window_max; /* attempts at once per integration */
	int64_t drain_ms;   /* after SIGTERM */
	int64_t retention_ms;
	bool trust_remote_user;   /* the web server signs people in */
	int64_t session_idle_ms;  /* of the workspace */
	int64_t session_limit_ms; /* whatever happens */
};

extern const struct conf_key settings_table[];

#define SETTINGS_ENV_PREFIX "EWA"
#define SETTINGS_FILE_DEFAULT "/etc/ewa/ewa.conf"

/* What to tell somebody for whom something fails while no_file is set. */
#define SETTINGS_NO_FILE                                             \
	"no configuration file was found: " SETTINGS_FILE_DEFAULT    \
	" does not exist, and neither --config FILE nor EWA_CONFIG " \
	"names another"

/* path NULL: $EWA_CONFIG, else SETTINGS_FILE_DEFAULT if that exists, else
 * none. Sets the log level.  ERR_INVALID as conf_load. */
enum err settings_load(
    const char *path, struct settings *out, struct errinfo *ei);
/* Log it where there is no file: a daemon's first line. */
void settings_note_file(const struct settings *s);
void settings_show(const char *path, const struct settings *s);
void settings_free(struct settings *s);

#endif
