/* Integrations: token, enable, disable, pause, resume. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "responder/api_ops.h"
#include "responder/form.h"
#include "store/integration_page.h"
#include "store/integrations.h"
#include "store/reply_status.h"

#define TRIES 5 /* against changes that are made at the same time */

/* ---- the platform token ----------------------------------------------------
 */

static const char *
read_token(struct call *c, char made[INTEGRATION_TOKEN_GENERATED + 1],
    int64_t *keep_ms)
{
	const char *s, *keep;
	struct errinfo ei;
	struct form f;

	form_body(&f, c, "token keepOldFor");
	s = form_text(&f, "token", 0, 10000);
	if (s != NULL && integration_check_token(s, &ei) != ERR_OK)
		form_fault(&f, "token", "%s", ei.detail);
	keep = form_text(&f, "keepOldFor", 0, DURATION_TEXT_MAX);
	*keep_ms = 0;
	if (keep != NULL && *keep != '\0' &&
	    (duration_parse(keep, keep_ms, &ei) != ERR_OK ||
		*keep_ms > INTEGRATION_TIMEOUT_MAX_MS))
		form_fault(&f, "keepOldFor",
		    "write a duration up to 30 days, as PT1H");
	if (s != NULL)
		return s;
	crypto_random_base32(made, INTEGRATION_TOKEN_GENERATED);
	return made;
}

enum err
api_integration_token(struct call *c)
{
	char made[INTEGRATION_TOKEN_GENERATED + 1] = "";
	const char *token;
	struct integration *i;
	int64_t keep_ms;
	enum err e;

	e = call_integration(c, c->args[0], ROLE_ADMIN, NULL, &i);
	if (e == ERR_OK)
		e = call_check_version(c, i->settings_version);
	if (e == ERR_OK) {
		token = read_token(c, made, &keep_ms);
		if (c->fault_count == 0)
			e = api_integration_error(
			    c, integrations_set_token(c->pg, c->app->keys, i,
				   token, keep_ms, c->who.name, c->deadline_ms,
				   c->ei));
		if (e == ERR_OK && c->fault_count == 0)
			e = api_answer_integration(c, HTTP_OK, i, true, token);
	}
	mem_wipe(made, sizeof(made));
	integration_unref(i);
	return e;
}

/* ---- what operators do -----------------------------------------------------
 */

/* Applies to the newest version, unless If-Match names one. */
static enum err
operate(struct call *c, const char *verb,
    void (*change)(struct integration *i, int64_t arg), int64_t arg)
{
	struct integration *i = NULL;
	enum err e = ERR_CONFLICT;

	for (int n = 0; n < TRIES && e == ERR_CONFLICT; n++) {
		integration_unref(i);
		e = call_integration(c, c->args[0], ROLE_OPERATOR, NULL, &i);
		if (e == ERR_OK)
			e = call_check_version(c, i->settings_version);
		if (e != ERR_OK)
			break;
		change(i, arg);
		e = integrations_update(c->pg, c->app->keys, i, verb,
		    c->who.name, c->deadline_ms, c->ei);
		if (c->if_match != 0)
			break;
	}
	e = api_integration_error(c, e);
	if (e == ERR_OK)
		e = api_answer_integration(c, HTTP_OK, i, false, NULL);
	integration_unref(i);
	return e;
}

static void
set_enabled(struct integration *i, int64_t on)
{
	i->enabled = on != 0;
}

static void
set_paused(struct integration *i, int64_t until_us)
{
	i->paused_until_us = until_us;
}

enum err
api_integration_enable(struct call *c)
{
	return operate(c, "enable", set_enabled, 1);
}

enum err
api_integration_disable(struct call *c)
{
	return operate(c, "disable", set_enabled, 0);
}

enum err
api_integration_resume(struct call *c)
{
	return operate(c, "resume", set_paused, INTEGRATION_NOT_PAUSED);
}

enum err
api_pause_post(struct call *c)
{
	int64_t until_us = INTEGRATION_PAUSED_FOREVER;
	struct form f;

	form_body(&f, c, "until");
	if (form_time(&f, "until", &until_us) && until_us <= clock_wall_us())
		form_fault(&f, "until", "this time has passed");
	if (c->fault_count != 0)
		return ERR_UNPROCESSABLE;
	return operate(c, "pause", set_paused, until_us);
}

static enum err
preview(struct call *c, const struct integration *i, int64_t until_us)
{
	struct integration_page row;
	int64_t expiring, waiting;
	struct buf *b;
	enum err e;

	e = integration_row_read(c->pg, i->id, c->deadline_ms, &row, c->ei);
	if (e != ERR_OK)
		return e;
	waiting = row.items[0].waiting;
	integration_page_fini(&row);
	e = reply_status_would_expire(
	    c->pg, i->id, until_us, c->deadline_ms, &expiring, c->ei);
	if (e != ERR_OK)
		return e;
	b = call_json(c, HTTP_OK);
	jsonw_object(b, NULL);
	jsonw_int(b, "waiting",
	    waiting < INTEGRATION_COUNT_MAX ? waiting : INTEGRATION_COUNT_MAX);
	jsonw_int(b, "expiring", expiring);
	jsonw_bool(b, "capped", waiting > INTEGRATION_COUNT_MAX);
	jsonw_end_object(b);
	return ERR_OK;
}

enum err
api_pause_get(struct call *c)
{
	int64_t until_us = INT64_MAX;
	struct integration *i;
	enum err e;

	call_param_time(c, "until", &until_us);
	if (c->fault_count != 0)
		return ERR_UNPROCESSABLE;
	e = call_integration(c, c->args[0], ROLE_OPERATOR, NULL, &i);
	if (e == ERR_OK)
		e = preview(c, i, until_us);
	integration_unref(i);
	return e;
}
