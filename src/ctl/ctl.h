/*
 * ewactl: what its commands share.
 *
 * A command is a row in main.c's table and a function that is given a struct
 * ctl and its parsed arguments; it returns the exit status.  Messages go to
 * stderr and say what and where, output for people or (--json) programs to
 * stdout.  The database and the key file are opened when they are first
 * wanted.
 */
#ifndef EWA_CTL_CTL_H
#define EWA_CTL_CTL_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

#include "base/err.h"
#include "base/keyring.h"
#include "ctl/args.h"
#include "domain/settings.h"
#include "store/pg.h"
#include "store/repeats.h"
#include "store/reply_status.h"

/* Exit statuses. */
enum ctl_status {
	CTL_OK = 0,
	CTL_REFUSED = 1, /* refused, or not found */
	CTL_USAGE = 2,   /* the command line is not understood */
	CTL_AWAY = 75    /* the database is away (sysexits: EX_TEMPFAIL) */
};

#define CTL_ACTOR_MAX 100

struct ctl {
	struct settings settings;
	struct pg *pg;                     /* after ctl_open */
	struct keyring *keys;              /* after ctl_keys */
	struct reply_status_list statuses; /* after reply_status_load */
	struct repeats repeats;            /* of the one that is shown */
	bool json;
	char actor[CTL_ACTOR_MAX + 1]; /* who, for the audit */
};

/* Connect to the database, read the key file; CTL_OK or, after a message, the
 * exit status.  May be called again. */
int ctl_open(struct ctl *c);
int ctl_keys(struct ctl *c);

/* The deadline of one call on the database. */
int64_t ctl_deadline(void);

/* Say it on stderr; the exit status for it. */
int ctl_fail(const struct errinfo *ei);

/* Print the document in one line, and free it. */
void ctl_print_json(struct json_object *o);

/* json-c's object of a text (NULL: null) and of a time in us. */
struct json_object *ctl_json_text(const char *s);
struct json_object *ctl_json_time(int64_t us);

int cmd_secrets_init(struct ctl *c, const struct args *a);
int cmd_secrets_rekey(struct ctl *c, const struct args *a);
int cmd_secrets_seal(struct ctl *c, const struct args *a);
int cmd_migrate(struct ctl *c, const struct args *a);
int cmd_integration_create(struct ctl *c, const struct args *a);
int cmd_integration_list(struct ctl *c, const struct args *a);
int cmd_integration_show(struct ctl *c, const struct args *a);
int cmd_integration_update(struct ctl *c, const struct args *a);
int cmd_integration_enable(struct ctl *c, const struct args *a);
int cmd_integration_disable(struct ctl *c, const struct args *a);
int cmd_integration_pause(struct ctl *c, const struct args *a);
int cmd_integration_resume(struct ctl *c, const struct args *a);
int cmd_integration_delete(struct ctl *c, const struct args *a);
int cmd_integration_token(struct ctl *c, const struct args *a);
int cmd_integration_signing(struct ctl *c, const struct args *a);
int cmd_integration_reply_secret(struct ctl *c, const struct args *a);
int cmd_automation_add(struct ctl *c, const struct args *a);
int cmd_automation_list(struct ctl *c, const struct args *a);
int cmd_automation_show(struct ctl *c, const struct args *a);
int cmd_automation_update(struct ctl *c, const struct args *a);
int cmd_automation_move(struct ctl *c, const struct args *a);
int cmd_automation_try(struct ctl *c, const struct args *a);
int cmd_integration_test(struct ctl *c, const struct args *a);
int cmd_automation_remove(struct ctl *c, const struct args *a);
int cmd_event_list(struct ctl *c, const struct args *a);
int cmd_event_show(struct ctl *c, const struct args *a);
int cmd_event_body(struct ctl *c, const struct args *a);
int cmd_refusals(struct ctl *c, const struct args *a);
int cmd_event_resend(struct ctl *c, const struct args *a);
int cmd_event_handle_again(struct ctl *c, const struct args *a);
int cmd_user_add(struct ctl *c, const struct args *a);
int cmd_user_list(struct ctl *c, const struct args *a);
int cmd_user_passwd(struct ctl *c, const struct args *a);
int cmd_user_enable(struct ctl *c, const struct args *a);
int cmd_user_disable(struct ctl *c, const struct args *a);
int cmd_api_token_create(struct ctl *c, const struct args *a);
int cmd_api_token_list(struct ctl *c, const struct args *a);
int cmd_api_token_revoke(struct ctl *c, const struct args *a);

/* The options of the commands that have ones of their own. */
extern const struct arg_def integration_create_args[];
extern const struct arg_def integration_update_args[];
extern const struct arg_def integration_pause_args[];
extern const struct arg_def integration_token_args[];
extern const struct arg_def integration_signing_args[];
extern const struct arg_def integration_reply_secret_args[];
extern const struct arg_def automation_add_args[];
extern const struct arg_def automation_update_args[];
extern const struct arg_def automation_move_args[];
extern const struct arg_def automation_try_args[];
extern const struct arg_def integration_test_args[];
extern const struct arg_def event_list_args[];
extern const struct arg_def user_add_args[];
extern const struct arg_def api_token_create_args[];
extern const struct arg_def refusals_args[];
extern const struct arg_def event_resend_args[];

#endif
