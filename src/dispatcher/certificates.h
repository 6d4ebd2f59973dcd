/*
 * Certificates that expire soon, the receiver's and our own of an
 * integration: looked at as attempts end, logged once a day.  The receiver's
 * is written with the status (status.h).
 */
#ifndef EWA_DISPATCHER_CERTIFICATES_H
#define EWA_DISPATCHER_CERTIFICATES_H

#include "dispatcher/lane.h"

/* pem: of the receiver, if the attempt has made a new TLS connection; or
 * NULL. */
void certificates_look(struct lane *l, const char *pem);

#endif
