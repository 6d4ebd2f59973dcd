/*
 * Failed sign-ins are slowed, by address and by name and address.
 *
 * Each failure makes the next attempt from there wait longer, up to
 * SIGNIN_DELAY_MAX_MS; attempts of the same place wait in line.  Nobody is
 * locked out: what one address does changes nothing for the others, and what
 * it tries with other names nothing for who has signed in from it before (a
 * proxy's, an office's).  The memory is bounded: the oldest places are
 * forgotten first.
 */
#ifndef EWA_RESPONDER_SIGNIN_H
#define EWA_RESPONDER_SIGNIN_H

#include <stdbool.h>
#include <stdint.h>

#define SIGNIN_DELAY_MAX_MS 10000
#define SIGNIN_LINE_MAX_MS 30000

/* How long an attempt that comes now has to wait, in ms, with its place in the
 * line taken; -1: the line is too long, come again later.  Any thread. */
int64_t signin_wait(const char *name, const char *address, int64_t now_ms);

/* How it went. */
void signin_result(
    const char *name, const char *address, bool ok, int64_t now_ms);

#endif
