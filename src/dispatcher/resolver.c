#include "config.h"

#include "dispatcher/resolver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dispatcher/names.h"

#define TTL_MIN_S 1
#define TTL_MAX_S 5
#define FAILURE_MS 1000
#define TICK_MS 50
#define HOST_MAX 256
#define KEY_MAX (HOST_MAX + 16) /* a letter, the port, the host */

/* A host and what is known of it. */
struct lookup {
	UT_hash_handle hh;
	char key[KEY_MAX];
	char host[HOST_MAX];
	int port;
	bool checked;
	struct resolver *r;
	struct route *route; /* NULL: none yet */
	int64_t expires_ms;
	bool asking; /* c-ares has it */
	struct resolver_wait *waits;
};

struct resolver {
	uv_loop_t *loop;
	uv_timer_t timer;
	struct names *names;
	struct route *crowded; /* the answer when there is no room */
	struct address_rules rules;
	struct lookup *by_key; /* the oldest first */
	int asking;
	bool closing;
};

static void
forget(struct resolver *r, struct lookup *l)
{
	HASH_DELETE(hh, r->by_key, l);
	route_unref(l->route);
	free(l);
}

/* ---- answers ---------------------------------------------------------------
 */

static void
tell(struct lookup *l)
{
	struct resolver_wait *w;

	while ((w = l->waits) != NULL) {
		DL_DELETE(l->waits, w);
		w->lookup = NULL;
		w->done(w->arg, l->route);
	}
}

static void
keep(struct lookup *l, struct route *route, int64_t for_ms)
{
	route_unref(l->route);
	l->route = route;
	l->expires_ms = clock_mono_ms() + for_ms;
}

static void
on_answer(void *arg, const struct names_answer *a)
{
	struct lookup *l = arg;
	struct resolver *r = l->r;
	int ttl_s = a->ttl_s;

	l->asking = false;
	r->asking--;
	if (r->closing) {
		forget(r, l);
		return;
	}
	if (ttl_s < TTL_MIN_S)
		ttl_s = TTL_MIN_S;
	if (ttl_s > TTL_MAX_S)
		ttl_s = TTL_MAX_S;
	if (a->failure != NULL)
		keep(l, route_no_name(l->host, a->failure), FAILURE_MS);
	else
		keep(l,
		    route_open(l->checked ? &r->rules : NULL, l->host, l->port,
			&a->addresses),
		    (int64_t)ttl_s * 1000);
	tell(l);
}

/* Who has waited long enough; what is asked goes on for the others. */
static void
time_out(struct lookup *l, int64_t now_ms)
{
	struct resolver_wait *w, *tmp;
	struct route *late = NULL;

	DL_FOREACH_SAFE (l->waits, w, tmp) {
		if (now_ms < w->until_ms)
			continue;
		if (late == NULL)
			late = route_no_name(
			    l->host, "its name servers don't answer in time");
		DL_DELETE(l->waits, w);
		w->lookup = NULL;
		w->done(w->arg, late);
	}
	route_unref(late);
}

static void
on_timer(uv_timer_t *t)
{
	struct resolver *r = t->data;
	struct lookup *l, *next;
	int64_t now_ms = clock_mono_ms();

	names_tick(r->names);
	HASH_ITER (hh, r->by_key, l, next)
		if (l->asking)
			time_out(l, now_ms);
	if (r->asking == 0)
		uv_timer_stop(&r->timer);
}

/* ---- asking ----------------------------------------------------------------
 */

/* Room for one more name: the oldest that nobody waits for goes. */
static bool
make_room(struct resolver *r)
{
	struct lookup *l, *next;

	if (HASH_COUNT(r->by_key) < RESOLVER_NAMES_MAX)
		return true;
	HASH_ITER (hh, r->by_key, l, next)
		if (!l->asking) {
			forget(r, l);
			return true;
		}
	return false;
}

/* The root's dot ends an absolute name; /etc/hosts has none, and an address
 * neither. */
static void
without_dot(const char *host, char *out, size_t size)
{
	size_t n = strlen(host);

	snprintf(out, size, "%s", host);
	if (n < 2 || n >= size || out[n - 1] != '.')
		return;
	out[n - 1] = '\0';
	if (!address_is_literal(out) && strchr(out, '.') != NULL)
		out[n - 1] = '.';
}

static struct lookup *
lookup_get(struct resolver *r, const char *name, int port, bool checked)
{
	char key[KEY_MAX], host[HOST_MAX];
	struct lookup *l;

	without_dot(name, host, sizeof(host));
	snprintf(key, sizeof(key), "%c%d:%s", checked ? 'c' : 'u', port, host);
	HASH_FIND_STR(r->by_key, key, l);
	if (l != NULL)
		return l;
	if (!make_room(r))
		return NULL;
	l = mem_zalloc(sizeof(*l));
	memcpy(l->key, key, sizeof(key));
	snprintf(l->host, sizeof(l->host), "%s", host);
	l->port = port;
	l->checked = checked;
	l->r = r;
	HASH_ADD_STR(r->by_key, key, l);
	return l;
}

static struct route *
literal(struct lookup *l)
{
	struct route_addresses a = {.count = 1};

	snprintf(a.text[0], sizeof(a.text[0]), "%s", l->host);
	keep(l,
	    route_open(l->checked ? &l->r->rules : NULL, l->host, l->port, &a),
	    INT32_MAX); /* its meaning does not change */
	return l->route;
}

static void
ask(struct resolver *r, struct lookup *l)
{
	l->asking = true;
	if (r->asking++ == 0)
		uv_timer_start(&r->timer, on_timer, TICK_MS, TICK_MS);
	names_ask(r->names, l->host, on_answer, l);
}

struct route *
resolver_find(struct resolver *r, const char *host, int port, bool checked,
    struct resolver_wait *w)
{
	struct lookup *l = lookup_get(r, host, port, checked);

	w->lookup = NULL;
	if (l == NULL) {
		log_warning(F_STR("msg", "too many names are being resolved"));
		return r->crowded;
	}
	if (!l->asking && l->route != NULL && clock_mono_ms() < l->expires_ms)
		return l->route;
	if (address_is_literal(l->host))
		return literal(l);
	if (!l->asking)
		ask(r, l);
	if (!l->asking)
		return l->route; /* /etc/hosts knew it */
	DL_APPEND(l->waits, w);
	w->lookup = l;
	return NULL;
}

void
resolver_cancel(struct resolver_wait *w)
{
	if (w->lookup == NULL)
		return;
	DL_DELETE(w->lookup->waits, w);
	w->lookup = NULL;
}

/* ---- the whole -------------------------------------------------------------
 */

struct resolver *
resolver_new(uv_loop_t *loop)
{
	struct resolver *r = mem_zalloc(sizeof(*r));

	r->loop = loop;
	r->names = names_new(loop);
	r->crowded = route_no_name("", "too many others are being resolved");
	uv_timer_init(loop, &r->timer);
	r->timer.data = r;
	return r;
}

void
resolver_configure(
    struct resolver *r, const struct address_rules *rules, const char *servers)
{
	struct lookup *l, *next;

	r->rules = *rules;
	names_configure(r->names, servers);
	HASH_ITER (hh, r->by_key, l, next)
		if (!l->asking)
			forget(r, l);
}

static void
on_closed(uv_handle_t *h)
{
	free(h->data);
}

void
resolver_close(struct resolver *r)
{
	struct lookup *l, *next;

	if (r == NULL)
		return;
	r->closing = true;
	names_close(r->names); /* whoever is asking is told, and forgotten */
	HASH_ITER (hh, r->by_key, l, next)
		forget(r, l);
	route_unref(r->crowded);
	uv_close((uv_handle_t *)&r->timer, on_closed);
}
