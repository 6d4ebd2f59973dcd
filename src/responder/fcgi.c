/*
 * libfcgi facts this file relies on (2.4.2):
 * - FCGX_Accept_r accepts on listen_sock only while ipcFd < 0.  We accept
 *   ourselves (with a receive timeout, and without a herd) and put the
 *   connection there; with listen_sock -1 a broken connection then ends in an
 *   error instead of a second, blocking accept.
 * - FCGX_Finish_r closes with a lingering read of up to 2 s unless the
 *   request is detached.  On a Unix socket the peer reads what was sent
 *   whether or not we linger.
 * - FCGX_GetStr blocks until it has all it was asked for.  FCGX_GetChar fills
 *   the stream's buffer once; what is there then is taken at once, and the
 *   deadline is looked at between.
 */
#include "config.h"

#include "responder/fcgi.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <fastcgi.h>
#include <fcgiapp.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define LISTEN_BACKLOG 1024
#define SYSTEMD_FD 3
#define DRAIN_MAX ((size_t)64 << 20)
#define DRAIN_MS 5000
#define BODY_FIRST 4096
#define SLOW_MS 500 /* an ordinary request is read by then */

struct fcgi {
	int listen_fd;
	int stop_fd;
	int64_t timeout_ms;
	char *unlink_path;
	pthread_mutex_t turn;
};

struct fcgi_request {
	FCGX_Request x;
	int64_t timeout_ms, deadline_ms;
	bool body_done;
	bool given_up; /* there may be more of the body */
};

/* ---- the listening socket --------------------------------------------------
 */

static enum err
bind_path(const char *path, int *fd, struct errinfo *ei)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	mode_t mask;
	int s, rc;

	if (strlen(path) >= sizeof(a.sun_path))
		return err_set(ei, ERR_INVALID,
		    "the socket's path is longer than %zu bytes: %s",
		    sizeof(a.sun_path) - 1, path);
	memcpy(a.sun_path, path, strlen(path) + 1);
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return err_set(ei, ERR_INVALID, "socket: %s", strerror(errno));
	if (connect(s, (struct sockaddr *)&a, sizeof(a)) == 0) {
		close(s);
		return err_set(ei, ERR_INVALID,
		    "another process answers on the socket %s", path);
	}
	if (errno == ECONNREFUSED)
		unlink(path);
	mask = umask(0117);
	rc = bind(s, (struct sockaddr *)&a, sizeof(a));
	umask(mask);
	if (rc != 0 || listen(s, LISTEN_BACKLOG) != 0) {
		err_set(
		    ei, ERR_INVALID, "socket %s: %s", path, strerror(errno));
		close(s);
		return ERR_INVALID;
	}
	*fd = s;
	return ERR_OK;
}

/* Given by a supervisor: descriptor 0, or systemd's first. */
static enum err
inherited(int *fd, struct errinfo *ei)
{
	const char *pid = getenv("LISTEN_PID");
	int on = 0;
	socklen_t len = sizeof(on);

	*fd = STDIN_FILENO;
	if (pid != NULL && strtol(pid, NULL, 10) == (long)getpid())
		*fd = SYSTEMD_FD;
	if (getsockopt(*fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) != 0 ||
	    on == 0)
		return err_set(ei, ERR_INVALID,
		    "descriptor %d is no listening socket: start ewa-responder "
		    "from a web server, spawn-fcgi or systemd, or give it "
		    "--socket PATH",
		    *fd);
	return ERR_OK;
}

enum err
fcgi_open(const char *path, int64_t receive_timeout_ms, struct fcgi **out,
    struct errinfo *ei)
{
	struct fcgi *f;
	int fd = -1, flags;
	enum err e;

	e = path != NULL ? bind_path(path, &fd, ei) : inherited(&fd, ei);
	if (e != ERR_OK)
		return e;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    FCGX_Init() != 0)
		return err_set(
		    ei, ERR_INVALID, "listening socket: %s", strerror(errno));
	f = mem_zalloc(sizeof(*f));
	f->listen_fd = fd;
	f->stop_fd = eventfd(0, EFD_CLOEXEC);
	BUG_ON(f->stop_fd < 0);
	f->timeout_ms = receive_timeout_ms;
	f->unlink_path = mem_strdup(path);
	pthread_mutex_init(&f->turn, NULL);
	*out = f;
	return ERR_OK;
}

void
fcgi_close(struct fcgi *f)
{
	if (f == NULL)
		return;
	close(f->listen_fd);
	close(f->stop_fd);
	free(f->unlink_path);
	pthread_mutex_destroy(&f->turn);
	free(f);
}

void
fcgi_stop(struct fcgi *f)
{
	uint64_t one = 1;

	/* the web server gets no more connections, those it has are served */
	if (f->unlink_path != NULL)
		unlink(f->unlink_path);
	if (write(f->stop_fd, &one, sizeof(one)) < 0)
		return; /* it is set already */
}

/* ---- requests
 * ---------------------------------------------------------------- */

/* A connection, or -1 when stopped. */
static int
wait_connection(struct fcgi *f)
{
	struct pollfd p[2] = {
	    {.fd = f->stop_fd,   .events = POLLIN},
	    {.fd = f->listen_fd, .events = POLLIN}
        };

	for (;;) {
		int fd;

		if (poll(p, 2, -1) < 0) {
			BUG_ON(errno != EINTR);
			continue;
		}
		/* what waits on an inherited socket is our successor's */
		if (p[0].revents != 0 && f->unlink_path == NULL)
			return -1;
		fd = accept4(f->listen_fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			return fd;
		if (p[0].revents != 0)
			return -1;
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM) {
			log_error(F_STR("msg", "cannot accept a connection"),
			    F_STR("reason", strerror(errno)));
			poll(NULL, 0, 100);
		}
	}
}

struct fcgi_request *
fcgi_take(int fd, int64_t timeout_ms)
{
	struct fcgi_request *r = mem_zalloc(sizeof(*r));
	struct timeval tv = {
	    .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
	int rc;

	BUG_ON(FCGX_Init() != 0); /* does nothing after the first time */
	/* both ways: a web server that stops reading must not hold us */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	FCGX_InitRequest(&r->x, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	r->x.ipcFd = fd;
	FCGX_Detach(&r->x);
	r->x.keepConnection = 1; /* or FCGX_Accept_r closes it first */
	r->timeout_ms = timeout_ms;
	r->deadline_ms = clock_mono_ms() + timeout_ms;
	rc = FCGX_Accept_r(&r->x);
	if (rc != 0) { /* not FastCGI, too slow, or gone: closed by libfcgi */
		free(r);
		return NULL;
	}
	r->x.keepConnection = 0; /* ours last one request */
	if (r->x.role != FCGI_RESPONDER) {
		fcgi_drop(r);
		return NULL;
	}
	return r;
}

struct fcgi_request *
fcgi_next(struct fcgi *f)
{
	struct fcgi_request *r = NULL;

	while (r == NULL) {
		int fd;

		pthread_mutex_lock(&f->turn);
		fd = wait_connection(f);
		pthread_mutex_unlock(&f->turn);
		if (fd < 0)
			return NULL;
		r = fcgi_take(fd, f->timeout_ms);
	}
	return r;
}

int
fcgi_fd(const struct fcgi_request *r)
{
	return r->x.ipcFd;
}

const char *
fcgi_param(const struct fcgi_request *r, const char *name)
{
	return FCGX_GetParam(name, r->x.envp);
}

const char *const *
fcgi_params(const struct fcgi_request *r)
{
	return (const char *const *)r->x.envp;
}

/* ---- bodies
 * -------------------------------------------------------------------- */

/* Whatever arrives next, at most max bytes; 0 at the end or on an error. */
static size_t
read_some(FCGX_Stream *in, char *out, size_t max)
{
	int c = FCGX_GetChar(in);
	ptrdiff_t ready;

	if (c == -1)
		return 0;
	out[0] = (char)c;
	ready = in->stop - in->rdNext;
	if (ready > (ptrdiff_t)max - 1)
		ready = (ptrdiff_t)max - 1;
	if (ready <= 0)
		return 1;
	return 1 + (size_t)FCGX_GetStr(out + 1, (int)ready, in);
}

/* CONTENT_LENGTH: -1 for none, -2 for nonsense. */
static int64_t
declared_length(const struct fcgi_request *r)
{
	const char *s = fcgi_param(r, "CONTENT_LENGTH");
	char *rest;
	long long n;

	if (s == NULL || *s == '\0')
		return -1;
	errno = 0;
	n = strtoll(s, &rest, 10);
	if (errno != 0 || *rest != '\0' || *s < '0' || *s > '9')
		return -2;
	return n;
}

static enum err
too_large(size_t max, struct errinfo *ei)
{
	return err_set(ei, ERR_TOO_LARGE,
	    "the body is larger than %zu bytes, the limit of this integration",
	    max);
}

/* No read waits longer than that from now on. */
static void
bound_reads(const struct fcgi_request *r, int64_t ms)
{
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	setsockopt(r->x.ipcFd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
}

/* One deadline for the whole request: once one is slow, the next read waits
 * for what is left of it only. */
static bool
time_is_left(const struct fcgi_request *r)
{
	int64_t left = r->deadline_ms - clock_mono_ms();

	if (left > 0 && r->timeout_ms - left >= SLOW_MS)
		bound_reads(r, left);
	return left > 0;
}

static enum err
too_slow(struct fcgi_request *r, struct errinfo *ei)
{
	r->body_done = r->given_up = true;
	return err_set(ei, ERR_TIMEOUT,
	    "the request's body took longer than %lld ms to arrive",
	    (long long)r->timeout_ms);
}

static enum err
read_all(
    struct fcgi_request *r, size_t max, struct buf *out, struct errinfo *ei)
{
	for (;;) {
		char *p;
		size_t n;

		/* one byte more than allowed shows that there is more */
		if (out->len > max)
			return too_large(max, ei);
		n = max + 1 - out->len;
		if (n > BODY_FIRST)
			n = BODY_FIRST;
		p = buf_room(out, n);
		if (p == NULL)
			return too_large(max, ei);
		n = read_some(r->x.in, p, n);
		if (n == 0)
			break;
		buf_grew(out, n);
		if (!time_is_left(r))
			return too_slow(r, ei);
	}
	r->body_done = true;
	if (FCGX_GetError(r->x.in) != 0 && !time_is_left(r))
		return too_slow(r, ei);
	if (FCGX_GetError(r->x.in) != 0)
		return err_set(ei, ERR_INVALID,
		    "the request's body ended before it was complete");
	return ERR_OK;
}

enum err
fcgi_body(
    struct fcgi_request *r, size_t max, struct buf *out, struct errinfo *ei)
{
	int64_t length = declared_length(r);
	enum err e;

	if (length == -2)
		return err_set(
		    ei, ERR_INVALID, "Content-Length is not a number");
	if (length > (int64_t)max)
		return too_large(max, ei);
	e = read_all(r, max, out, ei);
	if (e != ERR_OK)
		return e;
	if (length >= 0 && out->len != (size_t)length)
		return err_set(ei, ERR_INVALID,
		    "the request's body has %zu bytes, but Content-Length "
		    "says %lld",
		    out->len, (long long)length);
	return ERR_OK;
}

static void
drain(struct fcgi_request *r)
{
	int64_t until = clock_mono_ms() + DRAIN_MS;
	size_t total = 0;
	char trash[8192];

	if (!r->body_done && declared_length(r) > 0)
		bound_reads(r, DRAIN_MS);
	while (!r->body_done && total < DRAIN_MAX && clock_mono_ms() < until) {
		size_t n = read_some(r->x.in, trash, sizeof(trash));

		total += n;
		r->body_done = n == 0;
	}
	r->given_up =
	    r->given_up || !r->body_done || FCGX_GetError(r->x.in) != 0;
}

/* ---- the end
 * -------------------------------------------------------------------- */

void
fcgi_answer(struct fcgi_request *r, const struct http_answer *a)
{
	struct buf out;

	drain(r);
	buf_init(&out, HTTP_HEAD_MAX + HTTP_LENGTH_MAX);
	http_render_head(a, &out);
	FCGX_PutStr(out.data, (int)out.len, r->x.out);
	buf_fini(&out);
	if (!a->no_body)
		FCGX_PutStr(a->body.data, (int)a->body.len, r->x.out);
	fcgi_drop(r);
}

void
fcgi_drop(struct fcgi_request *r)
{
	if (r == NULL)
		return;
	/* a web server that still sends would find the connection broken
	 * before it reads the answer: libfcgi lingers for it */
	if (r->given_up)
		FCGX_Attach(&r->x);
	FCGX_Finish_r(&r->x);
	free(r);
}
