/*
 * What the dispatcher knows of one integration: its settings, the window of
 * its destination, and when something of it is due.
 */
#ifndef EWA_DISPATCHER_LANE_H
#define EWA_DISPATCHER_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include <uthash.h>

#include "base/uri.h"
#include "domain/integration.h"
#include "domain/window.h"

#define LANE_NEVER INT64_MAX

struct work;

/* How its replies fare, as far as it is to be told (status.h). */
struct lane_replies {
	bool known; /* an attempt has ended */
	bool ok;    /* how the last one ended */
	bool stop;  /* the receiver wants no more; not yet written */
	bool dirty; /* to be written */
	bool later; /* the last one ended after what was written */
	char *cause;
	int64_t ended_ms;          /* when the last one did */
	int64_t written_ms;        /* when it was written */
	char *certificate_subject; /* of the receiver; NULL: none seen */
	int64_t certificate_expires_us;
	bool certificate_dirty;     /* to be written */
	int64_t certificate_log_ms; /* from when on it may be logged again */
	int64_t own_look_ms;        /* when ours is looked at again */
};

struct lane {
	int32_t integration_id;
	UT_hash_handle hh;
	struct lane *prev, *next;     /* of the lanes with something queued */
	bool queued;                  /* on that list */
	struct integration *settings; /* NULL: not known yet */
	struct uri uri;               /* of the reply URL; origin NULL: none */
	struct window window;
	struct lane_replies replies;
	bool stopped;         /* no attempt begins until somebody resumes */
	struct work *waiting; /* in order of their claim */
	int waiting_count;
	int elsewhere;         /* held, or waiting for a body */
	int handling;          /* with automations at work */
	int acting;            /* their actions under way */
	int acting_sql;        /* those with a database connection */
	int64_t slow_until_ms; /* its conditions take long: alone till then */
	int finished;          /* attempts ended since the last claim */
	int64_t progress_ms;   /* when the last one ended, or began */
	int64_t due_ms;        /* clock_mono_ms; LANE_NEVER: nothing known */
	int64_t claimed_ms;    /* last claim that found something */
	int64_t mark_us;  /* no row is due before that (database's clock) */
	uint64_t look;    /* the last look that has seen it */
	bool overdue;     /* has rows older than the timeout */
	bool fresh_empty; /* and none that can be answered in time */
	bool odd;         /* nor any past their deadline */
	int wanted;       /* rows asked for in the round under way */
	bool wanted_fresh;
	int got, got_live; /* rows that came, and that can be answered */
	int64_t low_us;    /* their lowest due_at */
};

struct lanes {
	struct lane *by_id;
	struct lane *queued;
};

/* The lane, made if need be. */
struct lane *lane_get(struct lanes *ls, int32_t integration_id);

/* Takes a reference. A new destination begins with a new window. */
void lane_set_settings(struct lane *l, struct integration *settings);

/* Something is due at that time, or (LANE_NEVER) nothing is known to be. */
void lane_set_due(struct lanes *ls, struct lane *l, int64_t due_ms);

/* Longest time from receiving to deadline. */
int64_t lane_timeout_ms(const struct lane *l, int64_t horizon_ms);

void lanes_fini(struct lanes *ls);

#endif
