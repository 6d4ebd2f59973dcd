/*
 * FastCGI requests over libfcgi; the sole user of fcgiapp.h.
 *
 * Threads call fcgi_next in turn: one waits for a connection, accepts it and
 * reads its parameters, the others wait for that turn, so a connection wakes
 * one thread.  A request belongs to whoever holds it, on any thread, until
 * fcgi_answer, which sends a whole answer, closes and frees it.  It can be
 * parked: a thread that hands it on goes back to fcgi_next.
 *
 * Limits: parameters and body must arrive within the receive timeout given
 * to fcgi_open, else the request is dropped.
 */
#ifndef EWA_RESPONDER_FCGI_H
#define EWA_RESPONDER_FCGI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "responder/http.h"

struct fcgi;         /* the listening socket */
struct fcgi_request; /* one request */

/* path NULL: the listening socket is descriptor 0 (or 3, from systemd).
 * Else a Unix socket with mode 0660 is made there (a dead one is replaced).
 * ERR_INVALID with the reason. */
enum err fcgi_open(const char *path, int64_t receive_timeout_ms,
    struct fcgi **out, struct errinfo *ei);
void fcgi_close(struct fcgi *f);

/* From now on fcgi_next returns NULL, in all threads; before that it gives
 * the connections that already wait on a socket of our own. */
void fcgi_stop(struct fcgi *f);

/* The next request, or NULL when stopped.  Blocks. */
struct fcgi_request *fcgi_next(struct fcgi *f);

/* The request on a connection that is accepted already, which is the
 * request's from now on; NULL when there is none on it.  Blocks up to the
 * receive timeout. */
struct fcgi_request *fcgi_take(int fd, int64_t receive_timeout_ms);

/* Its connection, to see (POLLHUP) whether the web server has gone. */
int fcgi_fd(const struct fcgi_request *r);

/* A CGI parameter, or NULL; good until fcgi_answer. */
const char *fcgi_param(const struct fcgi_request *r, const char *name);
/* All of them, "NAME=value", ended by NULL. */
const char *const *fcgi_params(const struct fcgi_request *r);

/*
 * The whole body.  ERR_TOO_LARGE above max; ERR_INVALID when it ended early,
 * with an error, or not at CONTENT_LENGTH; ERR_TIMEOUT.  Nothing may be
 * stored of a body that did not come with ERR_OK.
 */
enum err fcgi_body(
    struct fcgi_request *r, size_t max, struct buf *out, struct errinfo *ei);

/* Send and free.  What is left of an unread body is read away within bounds
 * first, so that the web server gets to read the answer. */
void fcgi_answer(struct fcgi_request *r, const struct http_answer *a);

/* Close without an answer: only for requests that are broken. */
void fcgi_drop(struct fcgi_request *r);

#endif
