/*
 * Keeps the integrations' settings: reads what has changed, on a worker
 * thread with a connection of its own, when told so and once a second.  The
 * same thread says every 5 s that this dispatcher is alive.
 */
#ifndef EWA_DISPATCHER_CACHE_H
#define EWA_DISPATCHER_CACHE_H

struct cache;
struct dispatcher;

struct cache *cache_new(struct dispatcher *d);

/* Read what has changed; again, if that is being done already. */
void cache_refresh(struct cache *c);

/* Read everything anew: the keys have changed. */
void cache_reload(struct cache *c);

/* Says that this dispatcher leaves.  Freed when the loop lets go of it. */
void cache_close(struct cache *c); /* NULL is fine */

#endif
