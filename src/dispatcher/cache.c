#include "config.h"

#include "dispatcher/cache.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/keyring.h"
#include "base/log.h"
#include "base/mem.h"
#include "dispatcher/claimer.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/status.h"
#include "store/automations.h"
#include "store/fleet.h"
#include "store/integrations.h"

#define EVERY_MS 1000
#define BEAT_MS 5000
#define DEADLINE_MS 5000
#define HOST_MAX 256

struct cache {
	struct dispatcher *d;
	struct pg *pg; /* the worker's while busy */
	uv_timer_t timer;
	uv_work_t req;
	bool busy, again, closing, left, timer_gone, complained;
	int64_t version; /* all settings up to that are known */
	int64_t beat_ms; /* the last one */
	char host[HOST_MAX];
	/* of the job under way */
	bool beat;
	bool from_start; /* keys and all settings */
	char *key_file;
	struct keyring *keys; /* NULL: secret headers can't be opened */
	struct integration_list list;
	struct status_job status;
	enum err result;
	struct errinfo error;
};

/* ---- on the worker ---------------------------------------------------------
 */

static void
leave(struct cache *c, int64_t deadline_ms)
{
	if (pg_is_open(c->pg))
		fleet_leave(c->pg, &c->d->owner, deadline_ms, NULL);
}

static void
read_keys(struct cache *c)
{
	struct errinfo ei;

	keyring_free(c->keys);
	c->keys = NULL;
	if (keyring_load(c->key_file, &c->keys, &ei) != ERR_OK)
		log_warning(
		    F_STR("msg", "no keys: secret reply headers can't be sent"),
		    F_STR("where", ei.where), F_STR("detail", ei.detail));
	free(c->key_file);
	c->key_file = NULL;
}

static void
on_work(uv_work_t *req)
{
	struct cache *c = req->data;
	int64_t deadline_ms = clock_mono_ms() + DEADLINE_MS;
	struct errinfo *ei = &c->error;

	if (c->left) {
		leave(c, deadline_ms);
		return;
	}
	if (c->key_file != NULL)
		read_keys(c);
	c->result = pg_open(c->pg, deadline_ms, ei);
	if (c->result == ERR_OK)
		c->result = integrations_changed(
		    c->pg, c->keys, c->version, deadline_ms, &c->list, ei);
	if (c->result == ERR_OK)
		c->result = status_work(&c->status, c->pg, deadline_ms, ei);
	if (c->result == ERR_OK)
		c->result = automations_attach(
		    c->pg, c->keys, &c->list, deadline_ms, ei);
	if (c->result == ERR_OK && c->beat)
		c->result = fleet_beat(c->pg, &c->d->owner, "ewa-dispatcher",
		    c->host, (int)getpid(), PACKAGE_VERSION, deadline_ms, ei);
}

/* ---- on the loop -----------------------------------------------------------
 */

static void
free_if_gone(struct cache *c)
{
	if (!c->closing || c->busy || !c->timer_gone)
		return;
	pg_free(c->pg);
	keyring_free(c->keys);
	free(c->key_file);
	free(c);
}

static void
take(struct cache *c)
{
	struct lanes *ls = &c->d->lanes;

	for (size_t i = 0; i < c->list.count; i++) {
		struct integration *s = c->list.items[i];

		lane_set_settings(lane_get(ls, s->id), s);
		if (s->settings_version > c->version)
			c->version = s->settings_version;
	}
	if (c->list.count != 0)
		log_debug(F_STR("msg", "settings read"),
		    F_INT("integrations", c->list.count));
	integration_list_fini(&c->list);
}

static void
complain(struct cache *c)
{
	if (c->result == ERR_OK) {
		if (c->complained)
			log_notice(F_STR("msg", "settings can be read again"));
		c->complained = false;
		return;
	}
	if (!c->complained)
		log_warning(F_STR("msg", "settings can't be read"),
		    F_STR("detail", c->error.detail),
		    F_STR("where", c->error.where));
	c->complained = true;
}

static void begin(struct cache *c);

static void
say_goodbye(struct cache *c)
{
	c->left = true;
	begin(c);
}

static void
on_done(uv_work_t *req, int status)
{
	struct cache *c = req->data;

	(void)status; /* never cancelled */
	c->busy = false;
	if (c->closing) {
		integration_list_fini(&c->list);
		status_drop(&c->status);
		if (!c->left)
			say_goodbye(c);
		else
			free_if_gone(c);
		return;
	}
	status_take(c->d, &c->status);
	complain(c);
	if (c->result == ERR_OK && c->beat)
		c->beat_ms = clock_mono_ms();
	take(c);
	/* of a failed read too: what was held may go on with what is known */
	claimer_settings(c->d->claimer);
	if (c->again && c->result == ERR_OK)
		begin(c);
}

static void
begin(struct cache *c)
{
	c->busy = true;
	c->again = false;
	c->beat = clock_mono_ms() - c->beat_ms >= BEAT_MS;
	status_gather(c->d, &c->status);
	if (c->from_start) {
		c->version = 0;
		c->key_file = mem_strdup(c->d->conf.key_file);
	}
	c->from_start = false;
	BUG_ON(uv_queue_work(&c->d->loop, &c->req, on_work, on_done) != 0);
}

void
cache_refresh(struct cache *c)
{
	if (c->closing)
		return;
	if (c->busy)
		c->again = true;
	else
		begin(c);
}

void
cache_reload(struct cache *c)
{
	c->from_start = true;
	cache_refresh(c);
}

static void
on_timer(uv_timer_t *t)
{
	struct cache *c = t->data;

	if (!c->busy)
		begin(c);
}

struct cache *
cache_new(struct dispatcher *d)
{
	struct cache *c = mem_zalloc(sizeof(*c));

	c->d = d;
	c->pg = pg_new(d->conf.database, d->conf.dispatcher_user,
	    "ewa-dispatcher settings");
	c->req.data = c;
	c->beat_ms = -BEAT_MS;
	c->from_start = true;
	if (gethostname(c->host, sizeof(c->host) - 1) != 0)
		strncat(c->host, "localhost", sizeof(c->host) - 1);
	uv_timer_init(&d->loop, &c->timer);
	c->timer.data = c;
	uv_timer_start(&c->timer, on_timer, EVERY_MS, EVERY_MS);
	begin(c);
	return c;
}

static void
on_timer_closed(uv_handle_t *h)
{
	struct cache *c = h->data;

	c->timer_gone = true;
	free_if_gone(c);
}

void
cache_close(struct cache *c)
{
	if (c == NULL)
		return;
	c->closing = true;
	uv_close((uv_handle_t *)&c->timer, on_timer_closed);
	if (!c->busy)
		say_goodbye(c);
}
