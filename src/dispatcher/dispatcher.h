/*
 * The dispatcher: what its parts share.
 *
 * One thread, one libuv loop; nothing blocks it.  What can only be done
 * blocking (connecting, reading settings, house-keeping) runs on libuv's
 * worker threads, each with a connection of its own.
 *
 *	listener  hears that there is something new
 *	cache     knows the integrations' settings
 *	claimer   decides what is claimed, and what becomes of it
 *	round     talks to the queue, everything of a moment in one pipeline
 *	handler   handles an event
 *	reply     makes an attempt at its reply, over the sender (curl)
 *	keeper    makes and drops partitions
 *
 * The parts call each other through their headers and own their state; the
 * events in memory are struct work, what is known of an integration is
 * struct lane.
 */
#ifndef EWA_DISPATCHER_DISPATCHER_H
#define EWA_DISPATCHER_DISPATCHER_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "base/uuid7.h"
#include "dispatcher/lane.h"
#include "dispatcher/work.h"
#include "domain/settings.h"

/* Since the last summary. */
struct counts {
	int64_t claimed, sent, retried, failed, expired, quiet, cancelled;
	int64_t given_back, lost;
};

struct dispatcher {
	uv_loop_t loop;
	struct settings conf; /* replaced by SIGHUP */
	const char *conf_path;
	struct uuid owner; /* of this start of this process */
	struct works works;
	struct lanes lanes;
	struct listener *listener;
	struct cache *cache;
	struct claimer *claimer;
	struct round *round;
	struct sender *sender;
	struct keeper *keeper;
	struct slots *slots;
	struct conditions *conditions;   /* NULL: not needed yet */
	struct sql_actions *sql_actions; /* NULL: not needed yet */
	struct counts counts;
	int64_t clock_us; /* the database's clock less our monotonic one */
	bool draining;
};

/* The database's clock, as far as we know it. */
int64_t dispatcher_now_us(const struct dispatcher *d);

/* Runs until SIGTERM or SIGINT has been obeyed.  conf becomes ours. */
int dispatcher_run(struct settings *conf, const char *conf_path);

#endif
