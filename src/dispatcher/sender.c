#include "config.h"

#include "dispatcher/sender.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <curl/curl.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/proxy.h"
#include "dispatcher/transfer.h"

#define SPARE_MAX 256
#define READY_MAX 64
#define CONNECTIONS_SPARE 64

struct sender {
	struct dispatcher *d;
	CURLM *multi;
	uv_timer_t timer;
	struct resolver *resolver;
	struct proxy proxy;
	uv_timer_t over_timer;
	struct transfer *over; /* their end is to be told */
	struct transfer *spare;
	int spare_count;
	int epoll;
	uv_poll_t poll; /* of epoll */
	int handles;    /* that are not closed */
	bool closing;
	int generation; /* rises with every change of settings */
};

/* ---- sockets ---------------------------------------------------------------
 */

/*
 * libcurl's sockets come and go with each transfer.  They are watched by an
 * epoll of their own, which the loop watches as one: a system call for each
 * change instead of four, and one pass for all that are ready.
 */

static void read_ends(struct sender *s);
static void on_over(uv_timer_t *timer);

static int
flags_of(uint32_t events)
{
	int flags = 0;

	if ((events & (EPOLLERR | EPOLLHUP)) != 0)
		flags |= CURL_CSELECT_ERR;
	if ((events & (EPOLLIN | EPOLLHUP)) != 0)
		flags |= CURL_CSELECT_IN;
	if ((events & EPOLLOUT) != 0)
		flags |= CURL_CSELECT_OUT;
	return flags;
}

static void
on_poll(uv_poll_t *p, int status, int events)
{
	struct sender *s = p->data;
	struct epoll_event ready[READY_MAX];
	int running, n;

	(void)status;
	(void)events;
	n = epoll_wait(s->epoll, ready, READY_MAX, 0);
	for (int i = 0; i < n; i++)
		curl_multi_socket_action(s->multi, ready[i].data.fd,
		    flags_of(ready[i].events), &running);
	read_ends(s);
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct sender *s = arg;
	struct epoll_event e = {.events = 0, .data = {.fd = fd}};

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (known == NULL)
			return 0;
		epoll_ctl(s->epoll, EPOLL_CTL_DEL, fd, NULL);
		curl_multi_assign(s->multi, fd, NULL);
		return 0;
	}
	if (what != CURL_POLL_OUT)
		e.events |= EPOLLIN;
	if (what != CURL_POLL_IN)
		e.events |= EPOLLOUT;
	BUG_ON(epoll_ctl(s->epoll,
		   known == NULL ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &e) != 0);
	if (known == NULL)
		curl_multi_assign(s->multi, fd, s);
	return 0;
}

static void
on_timer(uv_timer_t *t)
{
	struct sender *s = t->data;
	int running;

	curl_multi_socket_action(s->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	read_ends(s);
}

static int
on_timeout(CURLM *multi, long timeout_ms, void *arg)
{
	struct sender *s = arg;

	(void)multi;
	if (timeout_ms < 0) {
		uv_timer_stop(&s->timer);
		return 0;
	}
	uv_update_time(&s->d->loop);
	uv_timer_start(&s->timer, on_timer, (uint64_t)timeout_ms, 0);
	return 0;
}

/* ---- transfers -------------------------------------------------------------
 */

struct transfer *
transfer_take(struct sender *s)
{
	struct transfer *t = s->spare;

	if (t == NULL) {
		t = transfer_new(s, &s->d->conf);
		t->generation = s->generation;
		return t;
	}
	s->spare = t->next;
	s->spare_count--;
	return t;
}

void
transfer_release(struct transfer *t)
{
	struct sender *s = t->sender;

	transfer_reset(t);
	if (s->closing || t->generation != s->generation ||
	    s->spare_count == SPARE_MAX) {
		transfer_free(t);
		return;
	}
	t->next = s->spare;
	s->spare = t;
	s->spare_count++;
}

static void
tell(struct transfer *t, CURLcode code)
{
	struct sender *s = t->sender;
	struct transfer_result r;

	transfer_judge(t, code, &r);
	if (t->stage == STAGE_RUNNING)
		curl_multi_remove_handle(s->multi, t->easy);
	t->stage = STAGE_IDLE;
	t->done(s->d, t->arg, &r);
	transfer_release(t);
}

/* It ends before libcurl has had it. */
static void
give_up(struct transfer *t)
{
	struct sender *s = t->sender;

	resolver_cancel(&t->wait);
	resolver_cancel(&t->proxy_wait);

	t->stage = STAGE_OVER;
	DL_APPEND(s->over, t);
	uv_timer_start(&s->over_timer, on_over, 0, 0);
}

static void
on_over(uv_timer_t *timer)
{
	struct sender *s = timer->data;
	struct transfer *t;

	while ((t = s->over) != NULL) {
		DL_DELETE(s->over, t);
		tell(t, CURLE_OK);
	}
}

static void
go(struct transfer *t)
{
	struct sender *s = t->sender;

	if (t->proxied)
		transfer_pin_proxy(t, &s->proxy, clock_mono_ms());
	else
		transfer_pin(t, t->route, clock_mono_ms());
	t->stage = STAGE_RUNNING;
	BUG_ON(curl_multi_add_handle(s->multi, t->easy) != CURLM_OK);
}

/* Where there is a proxy, the name need not be known here. */
static void
on_route(void *arg, struct route *route)
{
	struct transfer *t = arg;

	t->route = route_ref(route);
	if (route->kind == ROUTE_BLOCKED ||
	    (route->kind == ROUTE_NO_NAME && !t->proxied))
		give_up(t);
	else if (!t->proxied || t->proxy_route != NULL)
		go(t);
}

static void
on_proxy_route(void *arg, struct route *route)
{
	struct transfer *t = arg;

	if (route->kind == ROUTE_OPEN) {
		t->proxy_route = route_ref(route);
		if (t->route != NULL)
			go(t);
		return;
	}
	route_unref(t->route);
	t->route = route_ref(route);
	give_up(t);
}

/* The routes that it needs; those that are known already are told at once. */
static void
find_routes(struct transfer *t, const struct uri *uri)
{
	struct sender *s = t->sender;
	int64_t until_ms = t->began_ms + t->connect_timeout_ms;
	struct route *route;

	t->stage = STAGE_RESOLVING;
	t->proxied = proxy_applies(&s->proxy, uri->host);
	t->wait = (struct resolver_wait){
	    .until_ms = until_ms, .done = on_route, .arg = t};
	t->proxy_wait = (struct resolver_wait){
	    .until_ms = until_ms, .done = on_proxy_route, .arg = t};
	route =
	    resolver_find(s->resolver, uri->host, uri->port, true, &t->wait);
	if (route != NULL)
		on_route(t, route);
	if (!t->proxied || t->stage != STAGE_RESOLVING)
		return;
	route = resolver_find(s->resolver, s->proxy.uri.host, s->proxy.uri.port,
	    false, &t->proxy_wait);
	if (route != NULL)
		on_proxy_route(t, route);
}

void
transfer_start(struct transfer *t, const struct uri *uri, const char *url,
    const char *method, int64_t timeout_ms, transfer_done *done, void *arg)
{
	struct sender *s = t->sender;
	int64_t connect_ms = s->d->conf.connect_timeout_ms;

	t->done = done;
	t->arg = arg;
	t->began_ms = clock_mono_ms();
	t->timeout_ms = timeout_ms;
	t->connect_timeout_ms =
	    connect_ms < timeout_ms ? connect_ms : timeout_ms;
	if (uri->host == NULL) {
		give_up(t);
		return;
	}
	transfer_prepare(t, url, method);
	find_routes(t, uri);
}

void
transfer_cancel(struct transfer *t)
{
	struct sender *s = t->sender;

	switch (t->stage) {
	case STAGE_IDLE:
		break;
	case STAGE_RESOLVING:
		resolver_cancel(&t->wait);
		resolver_cancel(&t->proxy_wait);
		break;
	case STAGE_RUNNING:
		curl_multi_remove_handle(s->multi, t->easy);
		break;
	case STAGE_OVER:
		DL_DELETE(s->over, t);
		break;
	}
	transfer_release(t);
}

static void
end(CURL *easy, CURLcode code)
{
	void *p;

	BUG_ON(curl_easy_getinfo(easy, CURLINFO_PRIVATE, &p) != CURLE_OK);
	tell(p, code);
}

static void
read_ends(struct sender *s)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(s->multi, &left)) != NULL)
		if (m->msg == CURLMSG_DONE)
			end(m->easy_handle, m->data.result);
}

/* ---- the whole -------------------------------------------------------------
 */

static void
set_limits(struct sender *s)
{
	long most = (long)s->d->conf.active_max + CONNECTIONS_SPARE;

	curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, most);
	curl_multi_setopt(s->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
}

/* What may be called, and who is asked for names.  The configuration was
 * checked when it was read. */
static void
set_resolver(struct sender *s)
{
	struct address_rules rules;
	struct errinfo ei;

	if (address_rules_parse(s->d->conf.reply_networks, &rules, &ei) !=
	    ERR_OK)
		fatal(F_STR("msg", "reply_networks can't be used"),
		    F_STR("reason", ei.detail));
	resolver_configure(s->resolver, &rules, s->d->conf.reply_dns_servers);
	proxy_configure(&s->proxy, &s->d->conf);
}

struct sender *
sender_new(struct dispatcher *d)
{
	struct sender *s = mem_zalloc(sizeof(*s));

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		fatal(F_STR("msg", "libcurl can't be initialised"));
	s->d = d;
	s->multi = curl_multi_init();
	if (s->multi == NULL)
		fatal(F_STR("msg", "libcurl can't be initialised"));
	curl_multi_setopt(s->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(s->multi, CURLMOPT_SOCKETDATA, s);
	curl_multi_setopt(s->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl_multi_setopt(s->multi, CURLMOPT_TIMERDATA, s);
	set_limits(s);
	s->resolver = resolver_new(&d->loop);
	set_resolver(s);
	uv_timer_init(&d->loop, &s->timer);
	uv_timer_init(&d->loop, &s->over_timer);
	s->timer.data = s;
	s->over_timer.data = s;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0)
		fatal(F_STR("msg", "no epoll to be had"));
	BUG_ON(uv_poll_init(&d->loop, &s->poll, s->epoll) != 0);
	s->poll.data = s;
	uv_poll_start(&s->poll, UV_READABLE, on_poll);
	s->handles = 3;
	return s;
}

static void
drop_spare(struct sender *s)
{
	struct transfer *t;

	while ((t = s->spare) != NULL) {
		s->spare = t->next;
		transfer_free(t);
	}
	s->spare_count = 0;
}

void
sender_configure(struct sender *s)
{
	s->generation++;
	drop_spare(s);
	set_limits(s);
	set_resolver(s);
}

static void
on_closed(uv_handle_t *h)
{
	struct sender *s = h->data;

	if (--s->handles > 0)
		return;
	close(s->epoll);
	curl_global_cleanup();
	free(s);
}

void
sender_close(struct sender *s)
{
	if (s == NULL)
		return;
	s->closing = true;
	drop_spare(s);
	curl_multi_cleanup(s->multi);
	resolver_close(s->resolver);
	proxy_fini(&s->proxy);
	uv_close((uv_handle_t *)&s->timer, on_closed);
	uv_close((uv_handle_t *)&s->over_timer, on_closed);
	uv_close((uv_handle_t *)&s->poll, on_closed);
}
