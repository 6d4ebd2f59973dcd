#include "config.h"

#include "domain/settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "domain/address.h"

#define MINUTE ((int64_t)60 * 1000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define MIB ((int64_t)1 << 20)

static const char *const log_levels[] = {
    "error", "warning", "notice", "info", "debug", NULL};

static const enum log_level log_values[] = {
    LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG};

#define AT(member) offsetof(struct settings, member)

/* clang-format off */
const struct conf_key settings_table[] = {
	{"database", CONF_STR, AT(database), "dbname=ewa",
	    .help = "libpq connection string, several hosts allowed; no user"},
	{"responder_user", CONF_STR, AT(responder_user), "ewa_responder",
	    .help = "database role of ewa-responder"},
	{"dispatcher_user", CONF_STR, AT(dispatcher_user), "ewa_dispatcher",
	    .help = "database role of ewa-dispatcher"},
	{"ctl_user", CONF_STR, AT(ctl_user), "ewa_owner",
	    .help = "database role of ewactl"},
	{"key_file", CONF_STR, AT(key_file), "/etc/ewa/keys",
	    .help = "keys that protect tokens and secrets (ewactl secrets init)"},
	{"public_url", CONF_STR, AT(public_url), "",
	    .help = "https://host[/base] as senders see it; blank: paths only"},
	{"log_level", CONF_CHOICE, AT(log_level), "info",
	    .choices = log_levels, .help = "error, warning, notice, info, debug"},
	{"database_wait", CONF_DURATION, AT(database_wait_ms), "3s",
	    .min = 0, .max = MINUTE,
	    .help = "how long a request waits for the database before a 503"},
	{"workers", CONF_INT, AT(workers), "32", .min = 1, .max = 512,
	    .help = "responder threads that read requests"},
	{"body_timeout", CONF_DURATION, AT(body_timeout_ms), "30s",
	    .min = 100, .max = 10 * MINUTE,
	    .help = "how long the web server may take to hand over a request"},
	{"memory_max", CONF_SIZE, AT(memory_max), "64M",
	    .min = 4 * MIB, .max = 65536 * MIB,
	    .help = "bytes of event bodies held in memory by a program"},
	{"reply_networks", CONF_STR, AT(reply_networks), "private",
	    .check = address_check_networks,
	    .help = "what replies may call: private, public, networks (CIDR)"},
	{"reply_dns_servers", CONF_STR, AT(reply_dns_servers), "",
	    .check = address_check_servers,
	    .help = "name servers for reply URLs, address[:port]; blank: system's"},
	{"reply_proxy", CONF_STR, AT(reply_proxy), "",
	    .check = address_check_proxy,
	    .help = "proxy for replies, http://host[:port]; blank: none"},
	{"reply_no_proxy", CONF_STR, AT(reply_no_proxy), "",
	    .help = "hosts, domains and networks that are called without it"},
	{"reply_proxy_credentials", CONF_STR, AT(reply_proxy_credentials), "",
	    .help = "file with its sealed \"user:password\" (ewactl secrets seal)"},
	{"reply_ca_file", CONF_STR, AT(reply_ca_file), "",
	    .help = "certificate authorities for reply URLs; blank: system's"},
	{"connect_timeout", CONF_DURATION, AT(connect_timeout_ms), "5s",
	    .min = 10, .max = 5 * MINUTE, .help = "connecting to a reply URL"},
	{"attempt_timeout", CONF_DURATION, AT(attempt_timeout_ms), "30s",
	    .min = 10, .max = 10 * MINUTE, .help = "one attempt of a reply"},
	{"reply_horizon", CONF_DURATION, AT(reply_horizon_ms), "24h",
	    .min = 1000, .max = 30 * DAY,
	    .help = "how long replies without a request timeout are tried"},
	{"lease", CONF_DURATION, AT(lease_ms), "20s", .min = 1000, .max = HOUR,
	    .help = "how long a dispatcher's claim holds unless renewed"},
	{"poll", CONF_DURATION, AT(poll_ms), "1s", .min = 10, .max = MINUTE,
	    .help = "how often the queue is looked at without a notification"},
	{"action_dir", CONF_STR, AT(action_dir), "/etc/ewa/actions",
	    .help = "programs that command automations may run"},
	{"action_helper", CONF_STR, AT(action_helper),
	    EWA_LIBEXECDIR "/ewa-action", .help = "what starts them"},
	{"action_run_as", CONF_STR, AT(action_run_as), "",
	    .help = "their user; blank: the dispatcher's, nobody for root"},
	{"action_memory", CONF_SIZE, AT(action_memory), "1024M",
	    .min = 16 * MIB, .max = 1048576 * MIB,
	    .help = "bytes of data that such a program may have"},
	{"action_output_max", CONF_SIZE, AT(action_output_max), "1M",
	    .min = 1024, .max = MIB,
	    .help = "the greatest output of an automation"},
	{"actions_max", CONF_INT, AT(actions_max), "256", .min = 1,
	    .max = 10000, .help = "actions of a dispatcher at once"},
	{"automation_max", CONF_INT, AT(automation_max), "32", .min = 1,
	    .max = 10000, .help = "actions of one automation at once"},
	{"action_user", CONF_STR, AT(action_user), "ewa_action",
	    .help = "database role of sql automations"},
	{"action_connections", CONF_INT, AT(action_connections), "8",
	    .min = 1, .max = 256, .help = "database connections for them"},
	{"condition_timeout", CONF_DURATION, AT(condition_timeout_ms), "1s",
	    .min = 10, .max = MINUTE,
	    .help = "how long a condition may take before it is false"},
	{"active_max", CONF_INT, AT(active_max), "1000", .min = 1,
	    .max = 100000, .help = "events in a dispatcher at once"},
	{"window_max", CONF_INT, AT(window_max), "64", .min = 1, .max = 10000,
	    .help = "reply attempts at once to one integration's address"},
	{"drain", CONF_DURATION, AT(drain_ms), "10s", .min = 0,
	    .max = 10 * MINUTE,
	    .help = "how long work may go on after SIGTERM"},
	{"retention", CONF_DURATION, AT(retention_ms), "30d", .min = DAY,
	    .max = 36500 * DAY, .help = "how long events are kept"},
	{"trust_remote_user", CONF_BOOL, AT(trust_remote_user), "no",
	    .help = "the web server signs people in: its REMOTE_USER is taken"},
	{"session_idle", CONF_DURATION, AT(session_idle_ms), "60m",
	    .min = 1000, .max = 30 * DAY,
	    .help = "a session of the workspace ends when unused for so long"},
	{"session_limit", CONF_DURATION, AT(session_limit_ms), "12h",
	    .min = 1000, .max = 365 * DAY,
	    .help = "a session of the workspace ends after this in any case"},
	{NULL}
};
/* clang-format on */

static const char *
find_file(const char *path)
{
	if (path != NULL)
		return path;
	path = getenv(SETTINGS_ENV_PREFIX "_CONFIG");
	if (path != NULL && *path != '\0')
		return path;
	return access(SETTINGS_FILE_DEFAULT, F_OK) == 0 ? SETTINGS_FILE_DEFAULT
							: NULL;
}

enum err
settings_load(const char *path, struct settings *out, struct errinfo *ei)
{
	enum err e;

	memset(out, 0, sizeof(*out));
	path = find_file(path);
	out->no_file = path == NULL;
	e = conf_load(settings_table, path, SETTINGS_ENV_PREFIX, out, ei);
	if (e == ERR_OK)
		log_set_level(log_values[out->log_level]);
	return e;
}

void
settings_note_file(const struct settings *s)
{
	if (s->no_file)
		log_notice(F_STR("msg", SETTINGS_NO_FILE));
}

void
settings_show(const char *path, const struct settings *s)
{
	conf_show(
	    settings_table, find_file(path), SETTINGS_ENV_PREFIX, s, stdout);
}

void
settings_free(struct settings *s)
{
	conf_free(settings_table, s);
}
