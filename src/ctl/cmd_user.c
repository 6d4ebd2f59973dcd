/* ewactl user and api-token: who may sign in to the workspace. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "base/rfc3339.h"
#include "ctl/ctl.h"
#include "ctl/table.h"
#include "store/api_tokens.h"
#include "store/grants.h"
#include "store/users.h"

#define LINE_BYTES 2048

const struct arg_def user_add_args[] = {
    {"display-name",              "TEXT", false, "name as shown"},
    {"role",		      "ROLE[:TEAM]", true,
     "viewer, operator or admin, for all integrations or a\n"
	"team's; again for more"},
    {"no-password",			   NULL, false, "signed in by the web server only"},
    {"json",NULL, false, "one JSON document for programs"},
    {NULL}
};

const struct arg_def api_token_create_args[] = {
    {"role",  "ROLE[:TEAM]", true,
     "viewer, operator or admin, for all integrations or a\n"
	"team's; again for more"},
    {"expires",   "TIME", false, "as 2027-01-31T00:00:00Z; without it, never"},
    {"json",       NULL, false, "one JSON document for programs"},
    {NULL}
};

/* "operator:databases"; false after a message. */
static bool
read_roles(const struct args *a, struct grants *out)
{
	for (size_t n = 0; n < a->count; n++) {
		const char *v = a->given[n].value;
		char word[16] = "";
		enum role role;
		size_t len;

		if (strcmp(a->given[n].def->name, "role") != 0)
			continue;
		len = strcspn(v, ":");
		if (len < sizeof(word))
			memcpy(word, v, len);
		if (!role_parse(word, &role) ||
		    (v[len] == ':' && v[len + 1] == '\0')) {
			args_complain(a,
			    "--role %s: write viewer, operator or admin, with "
			    ":TEAM for a team's",
			    v);
			return false;
		}
		if (!grants_add(
			out, role, v[len] == ':' ? v + len + 1 : NULL)) {
			args_complain(
			    a, "--role: at most %d", ACCESS_GRANTS_MAX);
			return false;
		}
	}
	return true;
}

/* A line from standard input, without echo from a terminal. */
static char *
read_password(void)
{
	char line[LINE_BYTES];
	struct termios old, quiet;
	bool tty = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &old) == 0;
	char *s = NULL;

	if (tty) {
		fputs("Password: ", stderr);
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	if (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		s = mem_strdup(line);
	}
	if (tty) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
		fputc('\n', stderr);
	}
	mem_wipe(line, sizeof(line));
	return s;
}

/* New, checked; NULL after a message. */
static char *
ask_password(const char *user)
{
	struct errinfo ei;
	char *s = read_password();

	if (s == NULL) {
		fputs("ewactl: the password is missing: it is read from "
		      "standard input\n",
		    stderr);
		return NULL;
	}
	if (access_check_password(s, user, &ei) == ERR_OK)
		return s;
	ctl_fail(&ei);
	mem_free_secret(s);
	return NULL;
}

static void
grants_text(const struct grants *g, struct buf *b)
{
	for (size_t n = 0; n < g->count; n++) {
		buf_addf(
		    b, "%s%s", n > 0 ? ", " : "", role_name(g->items[n].role));
		if (g->items[n].team != NULL)
			buf_addf(b, ":%s", g->items[n].team);
	}
}

static void
user_json(struct buf *b, const struct user *u)
{
	jsonw_object(b, NULL);
	jsonw_int(b, "id", u->id);
	jsonw_str(b, "name", u->name);
	jsonw_str(b, "displayName", u->display_name);
	jsonw_bool(b, "enabled", u->enabled);
	jsonw_bool(b, "hasPassword", u->has_password);
	grants_json(b, "grants", &u->grants);
	jsonw_time(b, "createdAt", u->created_us);
	jsonw_time(b, "lastSignInAt", u->last_sign_in_us);
	jsonw_end_object(b);
}

static void
say(const struct ctl *c, const struct user *u, const char *what)
{
	struct buf b;

	buf_init(&b, 256 << 10);
	if (c->json)
		user_json(&b, u);
	else
		buf_addf(&b, "%s %s", what, u->name);
	puts(b.data);
	buf_fini(&b);
}

static int
add(struct ctl *c, const struct args *a, struct user *u)
{
	struct errinfo ei;
	char *password = NULL;
	int status;

	if (!read_roles(a, &u->grants))
		return CTL_USAGE;
	if (access_check_user_name(u->name, &ei) != ERR_OK)
		return ctl_fail(&ei);
	if (!args_has(a, "no-password")) {
		password = ask_password(u->name);
		if (password == NULL)
			return CTL_REFUSED;
	}
	status = ctl_open(c);
	if (status == CTL_OK && users_create(c->pg, u, password, c->actor,
				    ctl_deadline(), &ei) != ERR_OK)
		status = ctl_fail(&ei);
	mem_free_secret(password);
	if (status == CTL_OK)
		say(c, u, "added");
	return status;
}

int
cmd_user_add(struct ctl *c, const struct args *a)
{
	const char *display = args_get(a, "display-name");
	struct user u = {.enabled = true};
	int status;

	u.name = mem_strdup(a->words[0]);
	u.display_name = mem_strdup(display != NULL ? display : "");
	status = add(c, a, &u);
	user_fini(&u);
	return status;
}

static void
print_users(const struct user_list *l)
{
	for (size_t n = 0; n < l->count; n++) {
		const struct user *u = &l->items[n];
		struct buf roles;

		buf_init(&roles, 64 << 10);
		grants_text(&u->grants, &roles);
		printf("%-20s %-9s %s\n", u->name,
		    u->enabled ? "enabled" : "disabled",
		    roles.len != 0 ? roles.data : "no role");
		buf_fini(&roles);
	}
}

static void
print_users_json(const struct user_list *l, bool first)
{
	for (size_t n = 0; n < l->count; n++) {
		struct buf b;

		buf_init(&b, 256 << 10);
		user_json(&b, &l->items[n]);
		printf("%s%s", first && n == 0 ? "" : ",", b.data);
		buf_fini(&b);
	}
}

int
cmd_user_list(struct ctl *c, const struct args *a)
{
	struct page page = {.limit = PAGE_LIMIT_MAX};
	struct user_list l;
	struct errinfo ei;
	bool more = true;
	int status = ctl_open(c);

	(void)a;
	if (status != CTL_OK)
		return status;
	if (c->json)
		fputs("[", stdout);
	while (more) {
		if (users_list(c->pg, "", &page, ctl_deadline(), &l, &ei) !=
		    ERR_OK)
			return ctl_fail(&ei);
		if (c->json)
			print_users_json(&l, page.anchor == 0);
		else
			print_users(&l);
		more = l.ends.more_behind;
		if (more)
			page.anchor = l.items[l.count - 1].id;
		user_list_fini(&l);
	}
	if (c->json)
		puts("]");
	return CTL_OK;
}

static int
find(struct ctl *c, const struct args *a, struct user *u)
{
	struct errinfo ei;
	int status = ctl_open(c);

	*u = (struct user){0};
	if (status == CTL_OK &&
	    users_get(c->pg, 0, a->words[0], ctl_deadline(), u, &ei) != ERR_OK)
		status = ctl_fail(&ei);
	return status;
}

int
cmd_user_passwd(struct ctl *c, const struct args *a)
{
	char *password = NULL;
	struct errinfo ei;
	struct user u;
	int status = find(c, a, &u);

	if (status == CTL_OK) {
		password = ask_password(u.name);
		if (password == NULL)
			status = CTL_REFUSED;
	}
	if (status == CTL_OK && users_set_password(c->pg, u.id, password, NULL,
				    c->actor, ctl_deadline(), &ei) != ERR_OK)
		status = ctl_fail(&ei);
	if (status == CTL_OK)
		say(c, &u, "password set:");
	mem_free_secret(password);
	user_fini(&u);
	return status;
}

static int
set_enabled(struct ctl *c, const struct args *a, bool enabled)
{
	struct errinfo ei;
	struct user u;
	int status = find(c, a, &u);

	if (status == CTL_OK) {
		u.enabled = enabled;
		if (users_update(c->pg, &u, c->actor, ctl_deadline(), &ei) !=
		    ERR_OK)
			status = ctl_fail(&ei);
	}
	if (status == CTL_OK)
		say(c, &u, enabled ? "enabled" : "disabled");
	user_fini(&u);
	return status;
}

int
cmd_user_disable(struct ctl *c, const struct args *a)
{
	return set_enabled(c, a, false);
}

int
cmd_user_enable(struct ctl *c, const struct args *a)
{
	return set_enabled(c, a, true);
}

/* ---- API tokens ------------------------------------------------------------
 */

static int
create_token(struct ctl *c, const struct args *a, struct api_token *t)
{
	char token[API_TOKEN_LEN + 1];
	const char *expires = args_get(a, "expires");
	struct errinfo ei;
	int status;

	t->expires_us = INT64_MAX;
	if (!read_roles(a, &t->grants))
		return CTL_USAGE;
	if (t->grants.count == 0) {
		args_complain(a, "--role is missing: an API token needs one");
		return CTL_USAGE;
	}
	if (expires != NULL &&
	    rfc3339_parse(expires, &t->expires_us, &ei) != ERR_OK)
		return ctl_fail(&ei);
	status = ctl_keys(c);
	if (status == CTL_OK)
		status = ctl_open(c);
	if (status == CTL_OK && api_tokens_create(c->pg, c->keys, t, c->actor,
				    ctl_deadline(), token, &ei) != ERR_OK)
		status = ctl_fail(&ei);
	if (status == CTL_OK && c->json)
		printf("{\"id\":%d,\"token\":\"%s\"}\n", (int)t->id, token);
	else if (status == CTL_OK)
		printf("The API token, shown this once:\n%s\n", token);
	mem_wipe(token, sizeof(token));
	return status;
}

int
cmd_api_token_create(struct ctl *c, const struct args *a)
{
	struct api_token t = {0};
	int status;

	t.name = mem_strdup(a->words[0]);
	status = create_token(c, a, &t);
	api_token_fini(&t);
	return status;
}

static void
print_token(const struct ctl *c, const struct api_token *t, bool first)
{
	struct buf b;

	buf_init(&b, 256 << 10);
	if (c->json) {
		jsonw_object(&b, NULL);
		jsonw_int(&b, "id", t->id);
		jsonw_str(&b, "name", t->name);
		grants_json(&b, "grants", &t->grants);
		jsonw_time(&b, "createdAt", t->created_us);
		jsonw_time(&b, "expiresAt", t->expires_us);
		jsonw_time(&b, "lastUsedAt", t->last_used_us);
		jsonw_end_object(&b);
		printf("%s%s", first ? "" : ",", b.data);
	} else {
		grants_text(&t->grants, &b);
		printf("%-5d %-30s %s\n", (int)t->id, t->name, b.data);
	}
	buf_fini(&b);
}

int
cmd_api_token_list(struct ctl *c, const struct args *a)
{
	struct page page = {.limit = PAGE_LIMIT_MAX};
	struct api_token_list l;
	struct errinfo ei;
	bool more = true;
	int status = ctl_open(c);

	(void)a;
	if (status != CTL_OK)
		return status;
	if (c->json)
		fputs("[", stdout);
	while (more) {
		if (api_tokens_list(c->pg, &page, ctl_deadline(), &l, &ei) !=
		    ERR_OK)
			return ctl_fail(&ei);
		for (size_t n = 0; n < l.count; n++)
			print_token(c, &l.items[n], page.anchor == 0 && n == 0);
		more = l.ends.more_behind;
		if (more)
			page.anchor = l.items[l.count - 1].id;
		api_token_list_fini(&l);
	}
	if (c->json)
		puts("]");
	return CTL_OK;
}

int
cmd_api_token_revoke(struct ctl *c, const struct args *a)
{
	struct errinfo ei;
	char *end;
	long id = strtol(a->words[0], &end, 10);
	int status;

	if (*end != '\0' || id < 1 || id > INT32_MAX) {
		args_complain(a, "%s is not a token's number", a->words[0]);
		return CTL_USAGE;
	}
	status = ctl_open(c);
	if (status == CTL_OK && api_tokens_revoke(c->pg, (int32_t)id, c->actor,
				    ctl_deadline(), &ei) != ERR_OK)
		status = ctl_fail(&ei);
	if (status == CTL_OK)
		printf("revoked %ld\n", id);
	return status;
}
