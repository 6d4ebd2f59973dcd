/*
 * The history of events, read: for the status resource, ewactl and the API.
 *
 * Blocking with a deadline; ERR_UNAVAILABLE when the database is away.
 */
#ifndef EWA_STORE_EVENTS_H
#define EWA_STORE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid7.h"
#include "domain/event.h"
#include "store/pg.h"

#define EVENTS_PAGE_MAX 1000
#define EVENTS_SCAN_MAX 100000  /* events that a list looks at, the newest */
#define EVENT_ATTEMPTS_MAX 1000 /* attempts shown of one event, the last */

struct event_attempt {
	char *kind; /* "automation", "reply", "resend" */
	int32_t number;
	int64_t started_us;
	int32_t duration_ms;
	char *outcome;  /* "ok", "retry", "failed", "lease lost" */
	char *cause;    /* NULL: none */
	char *detail;   /* a sentence, or NULL */
	int32_t status; /* HTTP, 0: none */
	char *remote_address;
	char *response_headers;
	char *response_body; /* bytes, may hold NUL */
	size_t response_len;
	bool response_cut;
};

struct event_result {
	char *automation;
	char *status;
	char *output; /* bytes, or NULL */
	size_t output_len;
	char *error;
	int32_t duration_ms;
};

/* A final state: the first, or that of a reply sent again. */
struct event_outcome {
	int32_t seq; /* 0 is the first */
	enum event_state state;
	enum reply_state reply_state;
	char *reason; /* or NULL */
	int64_t finished_us;
	int32_t attempts;
};

#define EVENT_NO_TIME INT64_MIN

struct event {
	struct uuid id;
	int32_t integration_id;
	char *integration_key, *integration_name;
	int64_t received_us;
	int64_t
	    deadline_us; /* of its replies; EVENT_NO_TIME without reply URL */
	enum event_kind kind;
	char *malformed; /* why declared JSON was kept as text, or NULL */
	char *content_type, *source_ip, *request_id, *headers;
	int32_t body_length;
	bool test;
	bool is_replay; /* handled again from replay_of */
	struct uuid replay_of;
	bool differs; /* from an earlier one with its sender's delivery id */
	struct uuid differs_from;
	enum event_state state; /* these as the last outcome says */
	enum reply_state reply_state;
	char *reason; /* why it failed, or NULL */
	char *subject;
	int64_t handled_us, finished_us; /* EVENT_NO_TIME: not yet */
	int64_t next_attempt_us;         /* EVENT_NO_TIME: none planned */
	int32_t attempts_total;          /* of its reply, all outcomes */
	bool resending;                  /* its reply is being sent again ... */
	int64_t resend_deadline_us;      /* ... until then */
	int32_t outcome_seq;             /* of the last outcome */
	struct event_outcome *outcomes;
	size_t outcome_count;
	struct event_attempt *attempts;
	size_t attempt_count;
	struct event_result *results;
	size_t result_count;
};

void event_fini(struct event *e);

/* One event with its outcomes, attempts and results, as its queue row and its
 * last outcome say.  integration_id 0: any; else ERR_NOT_FOUND for another's.
 */
enum err events_get(struct pg *pg, const struct uuid *id,
    int32_t integration_id, int64_t deadline_ms, struct event *out,
    struct errinfo *ei);

/* The stored bytes, new. */
enum err events_body(struct pg *pg, const struct uuid *id, int64_t deadline_ms,
    char **body, size_t *len, struct errinfo *ei);

struct event_filter {
	int32_t integration_id;  /* 0: all */
	const char *state;       /* NULL: all */
	const char *reply_state; /* NULL: all */
	int64_t since_us;        /* EVENT_NO_TIME: all */
	int limit;               /* 1 to EVENTS_PAGE_MAX */
};

struct event_list {
	struct event *items; /* without attempts, results and headers */
	size_t count;
	bool cut; /* fewer than asked, but older events were not looked at */
};

/*
 * The newest first, by id.  There is no index by integration or state (each
 * would cost every accept), so at most EVENTS_SCAN_MAX of the newest events
 * are looked at, whatever the filter; a filter's since narrows that down.
 */
enum err events_list(struct pg *pg, const struct event_filter *f,
    int64_t deadline_ms, struct event_list *out, struct errinfo *ei);
void event_list_fini(struct event_list *l);

#endif
