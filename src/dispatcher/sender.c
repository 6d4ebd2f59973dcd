#include "config.h"

#include "dispatcher/sender.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/log.h"
#include "base/mem.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/transfer.h"

#define SPARE_MAX 256
#define CONNECTIONS_SPARE 64

struct sender {
	struct dispatcher *d;
	CURLM *multi;
	uv_timer_t timer;
	struct transfer *spare;
	int spare_count;
	struct watch *spare_watches;
	bool closing;
	int generation; /* rises with every change of settings */
};

/* ---- sockets ---------------------------------------------------------------
 */

/* A socket of libcurl's on the loop. */
struct watch {
	uv_poll_t poll;
	struct sender *s;
	curl_socket_t fd;
	struct watch *next;
};

static void read_ends(struct sender *s);

static void
on_poll(uv_poll_t *p, int status, int events)
{
	struct watch *w = p->data;
	struct sender *s = w->s;
	int flags = 0, running;

	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if ((events & UV_READABLE) != 0)
		flags |= CURL_CSELECT_IN;
	if ((events & UV_WRITABLE) != 0)
		flags |= CURL_CSELECT_OUT;
	curl_multi_socket_action(s->multi, w->fd, flags, &running);
	read_ends(s);
}

static void
on_watch_closed(uv_handle_t *h)
{
	struct watch *w = h->data;

	if (w->s->closing) {
		free(w);
		return;
	}
	w->next = w->s->spare_watches;
	w->s->spare_watches = w;
}

static struct watch *
watch_new(struct sender *s, curl_socket_t fd)
{
	struct watch *w = s->spare_watches;

	if (w != NULL)
		s->spare_watches = w->next;
	else
		w = mem_alloc(sizeof(*w));
	memset(w, 0, sizeof(*w));
	w->s = s;
	w->fd = fd;
	BUG_ON(uv_poll_init(&s->d->loop, &w->poll, fd) != 0);
	w->poll.data = w;
	curl_multi_assign(s->multi, fd, w);
	return w;
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *sockp)
{
	struct sender *s = arg;
	struct watch *w = sockp;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w == NULL)
			return 0;
		uv_poll_stop(&w->poll);
		curl_multi_assign(s->multi, fd, NULL);
		uv_close((uv_handle_t *)&w->poll, on_watch_closed);
		return 0;
	}
	if (w == NULL)
		w = watch_new(s, fd);
	if (what != CURL_POLL_OUT)
		events |= UV_READABLE;
	if (what != CURL_POLL_IN)
		events |= UV_WRITABLE;
	uv_poll_start(&w->poll, events, on_poll);
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

void
transfer_start(struct transfer *t, const char *url, const char *method,
    int64_t timeout_ms, transfer_done *done, void *arg)
{
	struct sender *s = t->sender;

	t->done = done;
	t->arg = arg;
	transfer_prepare(
	    t, url, method, timeout_ms, s->d->conf.connect_timeout_ms);
	BUG_ON(curl_multi_add_handle(s->multi, t->easy) != CURLM_OK);
	t->started = true;
}

void
transfer_cancel(struct transfer *t)
{
	struct sender *s = t->sender;

	if (t->started)
		curl_multi_remove_handle(s->multi, t->easy);
	transfer_release(t);
}

static void
end(struct sender *s, CURL *easy, CURLcode code)
{
	struct transfer_result r;
	struct transfer *t;
	void *p;

	BUG_ON(curl_easy_getinfo(easy, CURLINFO_PRIVATE, &p) != CURLE_OK);
	t = p;
	transfer_judge(t, code, &r);
	curl_multi_remove_handle(s->multi, easy);
	t->done(s->d, t->arg, &r);
	transfer_release(t);
}

static void
read_ends(struct sender *s)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(s->multi, &left)) != NULL)
		if (m->msg == CURLMSG_DONE)
			end(s, m->easy_handle, m->data.result);
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
	uv_timer_init(&d->loop, &s->timer);
	s->timer.data = s;
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
}

static void
on_closed(uv_handle_t *h)
{
	struct sender *s = h->data;
	struct watch *w;

	while ((w = s->spare_watches) != NULL) {
		s->spare_watches = w->next;
		free(w);
	}
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
	uv_close((uv_handle_t *)&s->timer, on_closed);
}
