/* Signing in and out, and who one is. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/password.h"
#include "responder/api_ops.h"
#include "responder/form.h"
#include "responder/signin.h"
#include "store/grants.h"
#include "store/sessions.h"
#include "store/users.h"

#define NAME_MAX_CHARS 200
#define PASSWORD_MAX_CHARS 1000

static bool
is_https(const struct app *app)
{
	return strncmp(app->settings.public_url, "https:", 6) == 0;
}

const char *
session_cookie(const struct app *app)
{
	return is_https(app) ? "__Host-ewa_session" : "ewa_session";
}

static void
set_cookie(struct call *c, const char *token, int64_t lifetime_ms)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Strict%s",
	    session_cookie(c->app), token, (long long)(lifetime_ms / 1000),
	    is_https(c->app) ? "; Secure" : "");
	http_field(c->answer, "Set-Cookie", text);
}

enum err
api_info_get(struct call *c)
{
	const char *url = c->app->settings.public_url;
	struct buf *b = call_json(c, HTTP_OK);

	jsonw_object(b, NULL);
	jsonw_str(b, "product", "ewa");
	jsonw_str(b, "version", PACKAGE_VERSION);
	jsonw_bool(b, "passwordSignIn", true);
	jsonw_bool(b, "remoteUserSignIn", c->app->settings.trust_remote_user);
	jsonw_str(b, "publicUrl", *url != '\0' ? url : NULL);
	jsonw_time(b, "time", clock_wall_us());
	jsonw_end_object(b);
	return ERR_OK;
}

static void
write_caller(struct buf *b, const struct caller *who)
{
	static const char *const via[] = {
	    [VIA_PASSWORD] = "password",
	    [VIA_TOKEN] = "token",
	    [VIA_REMOTE_USER] = "remote-user",
	};

	jsonw_object(b, NULL);
	jsonw_str(b, "name", who->name);
	jsonw_str(b, "displayName", who->display_name);
	jsonw_str(b, "via", via[who->via]);
	grants_json(b, "grants", &who->grants);
	jsonw_bool(
	    b, "adminOfAll", grants_role_all(&who->grants) == ROLE_ADMIN);
	jsonw_time(b, "expiresAt", who->expires_us);
	jsonw_time(b, "idleExpiresAt",
	    who->idle_expires_us < who->expires_us ? who->idle_expires_us
						   : who->expires_us);
	jsonw_end_object(b);
}

enum err
api_session_get(struct call *c)
{
	write_caller(call_json(c, HTTP_OK), &c->who);
	return ERR_OK;
}

/* ---- signing in ------------------------------------------------------------
 */

struct attempt {
	char *name, *password;
};

static void
attempt_free(void *state)
{
	struct attempt *a = state;

	free(a->name);
	mem_free_secret(a->password);
	free(a);
}

static struct session_limits
limits(const struct call *c)
{
	return (struct session_limits){c->app->settings.session_idle_ms,
	    c->app->settings.session_limit_ms, false};
}

static enum err
start_session(struct call *c, int32_t user_id)
{
	struct session_limits l = limits(c);
	char token[SESSION_TOKEN_LEN + 1];
	enum err e;

	e = sessions_start(c->pg, c->app->keys, &l, user_id, call_address(c),
	    c->deadline_ms, token, c->ei);
	if (e == ERR_OK)
		e = sessions_find(c->pg, c->app->keys, &l, token,
		    c->deadline_ms, &c->who, c->ei);
	if (e != ERR_OK)
		return e;
	call_start(c, HTTP_OK);
	set_cookie(c, token, l.lifetime_ms);
	write_caller(http_json(c->answer), &c->who);
	mem_wipe(token, sizeof(token));
	return ERR_OK;
}

static enum err
try_attempt(struct call *c, const struct attempt *a)
{
	char *hash;
	int32_t id;
	enum err e;
	bool ok;

	e = users_password(c->pg, a->name, c->deadline_ms, &id, &hash, c->ei);
	if (e != ERR_OK)
		return e;
	ok = password_verify(a->password, hash);
	mem_free_secret(hash);
	signin_result(a->name, call_address(c), ok, clock_mono_ms());
	log_at(ok ? LOG_INFO : LOG_NOTICE,
	    F_STR("msg", ok ? "signed in" : "failed sign-in"),
	    F_STR("user", a->name), F_STR("address", call_address(c)));
	if (!ok)
		return err_set(
		    c->ei, ERR_UNAUTHORIZED, "name or password is wrong");
	c->deadline_ms = clock_mono_ms() + CALL_DEADLINE_MS;
	return start_session(c, id);
}

static enum err
read_attempt(struct call *c)
{
	const char *name = NULL, *password = NULL;
	struct attempt *a;
	struct form f;

	form_body(&f, c, "name password");
	if (form_need(&f, "name"))
		name = form_text(&f, "name", 1, NAME_MAX_CHARS);
	if (form_need(&f, "password"))
		password = form_text(&f, "password", 1, PASSWORD_MAX_CHARS);
	if (c->fault_count != 0)
		return ERR_UNPROCESSABLE;
	a = mem_zalloc(sizeof(*a));
	a->name = mem_strdup(name);
	a->password = mem_strdup(password);
	c->visit->state = a;
	c->visit->free_state = attempt_free;
	return ERR_OK;
}

enum err
api_session_post(struct call *c)
{
	const struct attempt *a;
	int64_t wait_ms, now_ms = clock_mono_ms();
	enum err e;

	if (c->visit->parked)
		return try_attempt(c, c->visit->state);
	e = read_attempt(c);
	if (e != ERR_OK)
		return e;
	a = c->visit->state;
	wait_ms = signin_wait(a->name, call_address(c), now_ms);
	if (wait_ms < 0)
		return err_set(c->ei, ERR_UNAVAILABLE,
		    "too many failed sign-ins from your address; try again in "
		    "a minute");
	if (wait_ms == 0)
		return try_attempt(c, a);
	call_park(c, now_ms + wait_ms);
	return ERR_OK;
}

enum err
api_session_delete(struct call *c)
{
	enum err e = ERR_OK;

	if (c->who.via == VIA_PASSWORD)
		e = sessions_end(c->pg, &c->who, c->deadline_ms, c->ei);
	if (e != ERR_OK)
		return e;
	call_start(c, HTTP_NO_CONTENT);
	if (c->who.via == VIA_PASSWORD)
		set_cookie(c, "", 0);
	return ERR_OK;
}

/* ---- one's own password ----------------------------------------------------
 */

static enum err
verify_current(struct call *c, const char *current)
{
	int64_t now_ms = clock_mono_ms();
	char *hash;
	int32_t id;
	enum err e;
	bool ok;

	/* somebody at an open session may guess too */
	if (signin_wait(c->who.name, call_address(c), now_ms) != 0)
		return err_set(c->ei, ERR_UNAVAILABLE,
		    "too many wrong passwords; try again in a minute");
	e = users_password(
	    c->pg, c->who.name, c->deadline_ms, &id, &hash, c->ei);
	if (e != ERR_OK)
		return e;
	ok = password_verify(current, hash);
	mem_free_secret(hash);
	signin_result(c->who.name, call_address(c), ok, now_ms);
	if (!ok)
		return call_fault(
		    c, "/currentPassword", "this is not your password");
	return ERR_OK;
}

enum err
api_session_password(struct call *c)
{
	const char *current = NULL, *fresh = NULL;
	struct errinfo ei;
	struct form f;
	enum err e;

	if (c->who.via != VIA_PASSWORD)
		return err_set(c->ei, ERR_FORBIDDEN,
		    "only who has signed in with a password can change it");
	form_body(&f, c, "currentPassword newPassword");
	if (form_need(&f, "currentPassword"))
		current =
		    form_text(&f, "currentPassword", 1, PASSWORD_MAX_CHARS);
	if (form_need(&f, "newPassword"))
		fresh = form_text(&f, "newPassword", 0, PASSWORD_MAX_CHARS);
	if (fresh != NULL &&
	    access_check_password(fresh, c->who.name, &ei) != ERR_OK)
		form_fault(&f, "newPassword", "%s", ei.detail);
	if (c->fault_count != 0)
		return ERR_UNPROCESSABLE;
	e = verify_current(c, current);
	if (e == ERR_OK)
		e = users_set_password(c->pg, c->who.user_id, fresh,
		    c->who.session_mac, c->who.name,
		    clock_mono_ms() + CALL_DEADLINE_MS, c->ei);
	if (e == ERR_OK)
		call_start(c, HTTP_NO_CONTENT);
	return e;
}
