/* Inside of the sender: one transfer, its options, its end. */
#ifndef EWA_DISPATCHER_TRANSFER_H
#define EWA_DISPATCHER_TRANSFER_H

#include <curl/curl.h>

#include "dispatcher/sender.h"
#include "domain/settings.h"

struct transfer {
	struct sender *sender;
	struct transfer *next; /* of the spare ones */
	CURL *easy;
	struct curl_slist *headers;
	struct buf request;
	struct buf answer_headers;
	struct buf answer_body;
	size_t header_bytes;
	bool cut;
	bool started;
	int generation; /* of the settings it was made with */
	bool blocked;
	char error[CURL_ERROR_SIZE];
	char address[SENDER_ADDRESS_MAX];
	transfer_done *done;
	void *arg;
};

struct transfer *transfer_new(struct sender *s, const struct settings *conf);
void transfer_free(struct transfer *t);

/* Empty again; great buffers are let go. */
void transfer_reset(struct transfer *t);

void transfer_prepare(struct transfer *t, const char *url, const char *method,
    int64_t timeout_ms, int64_t connect_timeout_ms);

/* What its end means; *r points into the transfer. */
void transfer_judge(
    struct transfer *t, CURLcode code, struct transfer_result *r);

#endif
