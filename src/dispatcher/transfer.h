/* Inside of the sender: one transfer, its options, its end. */
#ifndef EWA_DISPATCHER_TRANSFER_H
#define EWA_DISPATCHER_TRANSFER_H

#include <curl/curl.h>

#include "dispatcher/resolver.h"
#include "dispatcher/sender.h"
#include "domain/settings.h"

#define TRANSFER_RETRY_AFTER_MAX 64 /* bytes of the header's value */

enum transfer_stage {
	STAGE_IDLE,
	STAGE_RESOLVING,
	STAGE_RUNNING, /* libcurl has it */
	STAGE_OVER     /* its end is to be told */
};

struct transfer {
	struct sender *sender;
	struct transfer *prev, *next; /* of the spare ones, or those over */
	enum transfer_stage stage;
	struct resolver_wait wait, proxy_wait;
	struct route *route; /* NULL: none yet */
	bool proxied;
	struct route *proxy_route; /* the same of the proxy */
	int64_t began_ms, timeout_ms, connect_timeout_ms;
	CURL *easy;
	struct curl_slist *headers;
	struct buf request;
	struct buf answer_headers;
	struct buf answer_body;
	size_t header_bytes;
	char retry_after[TRANSFER_RETRY_AFTER_MAX];
	char date[TRANSFER_RETRY_AFTER_MAX];
	bool cut;
	bool certified; /* with a certificate of ours */
	int generation; /* of the settings it was made with */
	char error[CURL_ERROR_SIZE];
	char address[SENDER_ADDRESS_MAX];
	transfer_done *done;
	void *arg;
};

struct transfer *transfer_new(struct sender *s, const struct settings *conf);
void transfer_free(struct transfer *t);

/* Empty again; great buffers are let go. */
void transfer_reset(struct transfer *t);

void transfer_prepare(struct transfer *t, const char *url, const char *method);

/* The way is known: what is left of its time, and where to connect. */
void transfer_pin(struct transfer *t, struct route *route, int64_t now_ms);

/* The same by way of a proxy. */
struct proxy;
void transfer_pin_proxy(
    struct transfer *t, const struct proxy *p, int64_t now_ms);

/* What its end means; *r points into the transfer.  code only counts if
 * libcurl has had it. */
void transfer_judge(
    struct transfer *t, CURLcode code, struct transfer_result *r);

#endif
