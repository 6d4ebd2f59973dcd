#include "config.h"

#include "dispatcher/names.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <ares.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define LOOK_MS 5000 /* how often it is looked at for a change */
#define TRY_MS 500   /* doubled with each try */
#define TRIES 3

/* A socket of c-ares' on the loop. */
struct watch {
	uv_poll_t poll;
	struct channel *c;
	ares_socket_t fd;
	struct watch *prev, *next;
};

struct channel {
	ares_channel ares;
	struct names *n;
	struct watch *watches;
	int asking;
	struct channel *prev, *next;
};

struct names {
	uv_loop_t *loop;
	char *servers;
	struct channel *now;
	struct channel *old; /* until they have answered */
	struct timespec changed;
	int64_t look_ms;
};

struct question {
	struct channel *c;
	void (*done)(void *arg, const struct names_answer *a);
	void *arg;
};

/* ---- sockets ---------------------------------------------------------------
 */

static void
on_poll(uv_poll_t *p, int status, int events)
{
	struct watch *w = p->data;
	ares_socket_t in = ARES_SOCKET_BAD, out = ARES_SOCKET_BAD;

	if (status < 0 || (events & UV_READABLE) != 0)
		in = w->fd;
	if (status < 0 || (events & UV_WRITABLE) != 0)
		out = w->fd;
	ares_process_fd(w->c->ares, in, out);
}

static void
on_watch_closed(uv_handle_t *h)
{
	free(h->data);
}

static struct watch *
watch_find(struct channel *c, ares_socket_t fd)
{
	struct watch *w;

	DL_FOREACH (c->watches, w)
		if (w->fd == fd)
			return w;
	return NULL;
}

static struct watch *
watch_new(struct channel *c, ares_socket_t fd)
{
	struct watch *w = mem_zalloc(sizeof(*w));

	w->c = c;
	w->fd = fd;
	BUG_ON(uv_poll_init(c->n->loop, &w->poll, fd) != 0);
	w->poll.data = w;
	DL_APPEND(c->watches, w);
	return w;
}

static void
on_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct channel *c = arg;
	struct watch *w = watch_find(c, fd);
	int events =
	    (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);

	if (events != 0) {
		if (w == NULL)
			w = watch_new(c, fd);
		uv_poll_start(&w->poll, events, on_poll);
	} else if (w != NULL) {
		DL_DELETE(c->watches, w);
		uv_poll_stop(&w->poll);
		uv_close((uv_handle_t *)&w->poll, on_watch_closed);
	}
}

/* ---- channels --------------------------------------------------------------
 */

static struct channel *
channel_new(struct names *n)
{
	struct channel *c = mem_zalloc(sizeof(*c));
	struct ares_options o = {.timeout = TRY_MS, .tries = TRIES};
	char lookups[] = "fb"; /* /etc/hosts, then name servers */
	int rc;

	c->n = n;
	o.lookups = lookups;
	o.sock_state_cb = on_socket;
	o.sock_state_cb_data = c;
	rc = ares_init_options(&c->ares, &o,
	    ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
		ARES_OPT_SOCK_STATE_CB);
	if (rc != ARES_SUCCESS)
		fatal(F_STR("msg", "the resolver can't be set up"),
		    F_STR("reason", ares_strerror(rc)));
	if (n->servers != NULL && *n->servers != '\0') {
		rc = ares_set_servers_ports_csv(c->ares, n->servers);
		if (rc != ARES_SUCCESS)
			fatal(F_STR("msg", "reply_dns_servers can't be used"),
			    F_STR("reason", ares_strerror(rc)));
	}
	return c;
}

static void
channel_free(struct channel *c)
{
	ares_destroy(c->ares); /* closes its sockets: on_socket */
	free(c);
}

/* From now on a new channel is asked. */
static void
renew(struct names *n)
{
	if (n->now != NULL && n->now->asking == 0)
		channel_free(n->now);
	else if (n->now != NULL)
		DL_APPEND(n->old, n->now);
	n->now = channel_new(n);
}

static bool
resolv_conf_changed(struct names *n)
{
	struct stat st;
	int64_t now_ms = clock_mono_ms();

	if (n->now != NULL && now_ms < n->look_ms)
		return false;
	n->look_ms = now_ms + LOOK_MS;
	if (stat(RESOLV_CONF, &st) != 0 ||
	    (st.st_mtim.tv_sec == n->changed.tv_sec &&
		st.st_mtim.tv_nsec == n->changed.tv_nsec))
		return false;
	n->changed = st.st_mtim;
	return true;
}

/* ---- answers ---------------------------------------------------------------
 */

/* In words for people who look at an attempt. */
static const char *
failure_of(int status)
{
	switch (status) {
	case ARES_ENOTFOUND:
		return "there is no such name";
	case ARES_ENODATA:
		return "it has no address";
	case ARES_ETIMEOUT:
		return "its name servers don't answer";
	case ARES_ESERVFAIL:
		return "its name servers have failed";
	case ARES_EREFUSED:
		return "the name servers refuse to answer";
	case ARES_ECONNREFUSED: /* c-ares says it of failures too */
		return "the name servers can't be reached, or have failed";
	case ARES_EBADNAME:
		return "it is no name";
	case ARES_ECANCELLED:
	case ARES_EDESTRUCTION:
		return "stopped";
	default:
		return ares_strerror(status);
	}
}

static void
take_addresses(struct names_answer *a, const struct ares_addrinfo *r)
{
	const struct ares_addrinfo_node *n;

	a->ttl_s = INT_MAX;
	for (n = r->nodes; n != NULL; n = n->ai_next) {
		const void *bytes;
		size_t i = a->addresses.count++;

		if (n->ai_ttl < a->ttl_s)
			a->ttl_s = n->ai_ttl;
		if (i >= ROUTE_ADDRESSES_MAX)
			continue;
		if (n->ai_family == AF_INET6)
			bytes = &((const struct sockaddr_in6 *)(const void *)
				      n->ai_addr)
				     ->sin6_addr;
		else
			bytes = &((const struct sockaddr_in *)(const void *)
				      n->ai_addr)
				     ->sin_addr;
		BUG_ON(inet_ntop(n->ai_family, bytes, a->addresses.text[i],
			   ADDRESS_TEXT_MAX) == NULL);
	}
}

static void
on_answer(void *arg, int status, int timeouts, struct ares_addrinfo *r)
{
	struct question *q = arg;
	struct names_answer a = {.failure = NULL};

	(void)timeouts;
	q->c->asking--;
	if (status == ARES_SUCCESS)
		take_addresses(&a, r);
	else
		a.failure = failure_of(status);
	if (r != NULL)
		ares_freeaddrinfo(r);
	q->done(q->arg, &a);
	free(q);
}

/* ---- the whole -------------------------------------------------------------
 */

void
names_ask(struct names *n, const char *host,
    void (*done)(void *arg, const struct names_answer *a), void *arg)
{
	static const struct ares_addrinfo_hints hints = {
	    .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct question *q = mem_zalloc(sizeof(*q));

	if (resolv_conf_changed(n))
		renew(n);
	q->c = n->now;
	q->done = done;
	q->arg = arg;
	n->now->asking++;
	ares_getaddrinfo(n->now->ares, host, NULL, &hints, on_answer, q);
}

void
names_tick(struct names *n)
{
	struct channel *c, *tmp;

	ares_process_fd(n->now->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	DL_FOREACH_SAFE (n->old, c, tmp) {
		ares_process_fd(c->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
		if (c->asking > 0)
			continue;
		DL_DELETE(n->old, c);
		channel_free(c);
	}
}

struct names *
names_new(uv_loop_t *loop)
{
	struct names *n = mem_zalloc(sizeof(*n));

	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		fatal(F_STR("msg", "the resolver can't be set up"));
	n->loop = loop;
	return n;
}

void
names_configure(struct names *n, const char *servers)
{
	free(n->servers);
	n->servers = mem_strdup(servers);
	(void)resolv_conf_changed(n);
	renew(n);
}

void
names_close(struct names *n)
{
	struct channel *c, *tmp;

	DL_FOREACH_SAFE (n->old, c, tmp) {
		DL_DELETE(n->old, c);
		channel_free(c);
	}
	if (n->now != NULL)
		channel_free(n->now);
	free(n->servers);
	free(n);
	ares_library_cleanup();
}
