/*
 * HTTP requests at once, on the loop: the only user of libcurl.
 *
 * A transfer is taken, filled, started; its end is told once, on the loop,
 * never from within transfer_start.  Then it is the sender's again.  Its host
 * is resolved by the resolver, and all of its addresses must be allowed by
 * reply_networks; it connects to them and to no other, or to the proxy
 * (proxy.h).  Nothing is followed,
 * only http and https are spoken; of an answer the first SENDER_BODY_MAX
 * bytes are kept, and then it counts as its status says.  Connections are
 * kept and used again.
 */
#ifndef EWA_DISPATCHER_SENDER_H
#define EWA_DISPATCHER_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/uri.h"

#define SENDER_BODY_MAX 16384
#define SENDER_HEADERS_KEPT 8192  /* bytes of an answer's header kept */
#define SENDER_HEADERS_MAX 131072 /* more is no HTTP that we speak */
#define SENDER_ADDRESS_MAX 64

enum transfer_end {
	TRANSFER_ANSWERED,
	TRANSFER_NO_NAME,    /* not resolved */
	TRANSFER_NO_CONNECT, /* refused, unreachable */
	TRANSFER_NO_TLS,
	TRANSFER_TIMEOUT,
	TRANSFER_BROKEN,  /* not an HTTP answer, or cut off */
	TRANSFER_BLOCKED, /* the address is not allowed */
	TRANSFER_UNUSABLE /* the request can't be made: its URL */
};

struct transfer_result {
	enum transfer_end end;
	int status;             /* 0: none */
	int64_t retry_after_ms; /* 0: none */
	int64_t took_ms;        /* from the look-up of its name to its end */
	bool connected;         /* the server was reached */
	int os_errno;           /* of the connect, 0: unknown */
	const char *text;    /* libcurl's words or ours, never with the URL */
	const char *address; /* "10.0.0.5:8443", "" */
	const char *certificate; /* PEM, of a new TLS connection; or NULL */
	const struct buf *headers;
	const struct buf *body;
	bool cut; /* the answer was longer */
};

struct sender;
struct transfer;
struct dispatcher;

struct sender *sender_new(struct dispatcher *d);
/* No transfer is under way.  Freed when the loop lets go of it. */
void sender_close(struct sender *s); /* NULL is fine */

/* Settings have changed (d->conf): they count from the next transfer on. */
void sender_configure(struct sender *s);

typedef void transfer_done(
    struct dispatcher *d, void *arg, const struct transfer_result *r);

struct transfer *transfer_take(struct sender *s);
void transfer_release(struct transfer *t); /* one that was not started */

/* The request's body is written there. */
struct buf *transfer_body(struct transfer *t);

/* So many bytes of the answer are kept instead of SENDER_BODY_MAX. */
void transfer_take_most(struct transfer *t, size_t bytes);

/* The caller has checked both (integration_check_header). */
void transfer_header(struct transfer *t, const char *name, const char *value);

/* PEM of a certificate and its key, for servers that ask for one. */
void transfer_certificate(struct transfer *t, const char *pem);

/* uri is of the url, which is not parsed again.  timeout_ms > 0. */
void transfer_start(struct transfer *t, const struct uri *uri, const char *url,
    const char *method, int64_t timeout_ms, transfer_done *done, void *arg);

/* End it without telling. */
void transfer_cancel(struct transfer *t);

#endif
