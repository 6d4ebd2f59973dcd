/*
 * Group commit: one thread, one connection, many events a commit.
 *
 * While one batch is being committed the next rows gather; the thread sends
 * them as soon as the commit is done, and only then tells the finished ones
 * (their answers are written while the server works on the next batch).
 *
 * A row whose database is away waits up to its give_up_ms and is then told
 * ERR_UNAVAILABLE.  A batch that is refused is sent row by row, so a bad row
 * sinks nobody else.  A row whose key is known with another body is refused
 * (strict: ERR_CONFLICT), or stored under a key that its body is part of.  A
 * batch in doubt is sent again with the same ids.
 */
#ifndef EWA_RESPONDER_COMMITTER_H
#define EWA_RESPONDER_COMMITTER_H

#include <stdint.h>

#include "base/err.h"
#include "domain/settings.h"
#include "responder/watch.h"
#include "store/intake.h"

/* One row on its way.  The caller owns it again when done is called, on the
 * committer's thread: it must not block. */
struct ticket {
	struct intake_row row;
	bool strict;        /* another body under the row's key is refused */
	int64_t give_up_ms; /* clock_mono_ms */
	void (*done)(struct ticket *t);
	/* the result */
	enum err err;
	struct errinfo why;   /* when err is set */
	bool duplicate;       /* a repeat of the event event_id */
	struct uuid event_id; /* what the answer names */
	int64_t received_us;
	struct ticket *next; /* the committer's */
};

struct committer;

struct committer *committer_start(const struct settings *s, struct watch *w);

/* ERR_OK: done will be called.  ERR_UNAVAILABLE: more than memory_max bytes
 * are waiting, or we are stopping; done is not called. */
enum err committer_submit(
    struct committer *c, struct ticket *t, struct errinfo *ei);

/* Finish what was submitted (within a second), and end the thread.  What is
 * submitted later is refused. */
void committer_stop(struct committer *c);
void committer_free(struct committer *c); /* stopped; NULL is fine */

#endif
