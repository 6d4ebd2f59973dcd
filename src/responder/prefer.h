/*
 * The Prefer header (RFC 7240): of its preferences wait and respond-async.
 *
 * Of one named twice the first counts (section 2).  What is not spelled as
 * the RFC says is passed over, as are preferences of other names.
 */
#ifndef EWA_RESPONDER_PREFER_H
#define EWA_RESPONDER_PREFER_H

#include <stdbool.h>

#define PREFER_WAIT_MAX_S 30
#define PREFER_NO_WAIT (-1)

struct prefer {
	bool respond_async;
	int wait_s; /* 0 to PREFER_WAIT_MAX_S, or PREFER_NO_WAIT */
};

/* value NULL: no preference.  A longer wait is cut to the greatest. */
void prefer_parse(const char *value, struct prefer *out);

struct http_answer;

/* Preference-Applied, if there is one: respond-async only in a 202. */
void prefer_applied(
    const struct prefer *p, bool is_async, struct http_answer *a);

#endif
