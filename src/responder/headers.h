/*
 * What is kept of a request besides its body: the headers, but no credentials,
 * cookies and signatures, as a JSON object of at most ARRIVAL_HEADERS_MAX
 * bytes (what has no room is left out), and some texts of their own.
 */
#ifndef EWA_RESPONDER_HEADERS_H
#define EWA_RESPONDER_HEADERS_H

#include "responder/arrival.h"

void headers_keep(struct arrival *a, const struct integration *i);

/* A CGI parameter as text for the database, new: UTF-8, without controls,
 * bounded; or NULL. */
char *headers_text(const struct fcgi_request *r, const char *param);

#endif
