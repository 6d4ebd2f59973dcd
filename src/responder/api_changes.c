/* What has changed since the page looked: a long poll. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <pthread.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "responder/api_ops.h"
#include "store/changes.h"

#define WAIT_S 25
#define WAIT_MAX_S 30
#define RUNG_MS 700  /* between two looks, when there is news */
#define LOOK_MS 5000 /* ... and when there is none (store/changes.h) */
#define LOOKS 32     /* that are kept for RUNG_MS */
#define CURSOR_LEN (CHANGES_KINDS * (CHANGES_MARK_LEN + 1) - 1)

struct watch_state {
	int64_t until_ms;
	int32_t integration_id;
	bool by_event, has_cursor;
	struct uuid event;
	struct changes old;
};

/* Marks by hyphens. */
static bool
parse_cursor(const char *s, struct changes *out)
{
	if (strlen(s) != CURSOR_LEN ||
	    strspn(s, "0123456789abcdef-") != CURSOR_LEN)
		return false;
	for (int k = 0; k < CHANGES_KINDS; k++) {
		memcpy(out->marks[k], s + k * (CHANGES_MARK_LEN + 1),
		    CHANGES_MARK_LEN);
		out->marks[k][CHANGES_MARK_LEN] = '\0';
	}
	return true;
}

static enum err
read_integration(struct call *c, struct watch_state *w)
{
	const char *key = call_param(c, "integration");
	struct integration *i;
	enum err e;

	if (key == NULL)
		return ERR_OK;
	e = call_integration(c, key, ROLE_VIEWER, NULL, &i);
	if (e == ERR_OK)
		w->integration_id = i->id;
	integration_unref(i);
	return e;
}

static enum err
begin(struct call *c)
{
	const char *cursor = call_param(c, "cursor");
	const char *event = call_param(c, "event");
	struct watch_state *w = mem_zalloc(sizeof(*w));
	int64_t wait_s = WAIT_S;

	c->visit->state = w;
	c->visit->free_state = free;
	call_param_int(c, "wait", 0, WAIT_MAX_S, &wait_s);
	w->until_ms = clock_mono_ms() + wait_s * 1000;
	w->has_cursor = cursor != NULL;
	if (cursor != NULL && !parse_cursor(cursor, &w->old))
		call_fault(c, "cursor", "this is no cursor of changes");
	w->by_event = event != NULL;
	if (event != NULL && !uuid_parse(event, &w->event))
		call_fault(c, "event", "this is no Event ID");
	if (c->fault_count != 0)
		return ERR_UNPROCESSABLE;
	return read_integration(c, w);
}

static void
answer(struct call *c, const struct watch_state *w, const struct changes *now)
{
	static const char *const names[] = {
	    "integrations", "events", "refusals", "event"};
	char cursor[CURSOR_LEN + 1];
	struct buf *b = call_json(c, HTTP_OK);

	for (int k = 0; k < CHANGES_KINDS; k++) {
		memcpy(cursor + k * (CHANGES_MARK_LEN + 1), now->marks[k],
		    CHANGES_MARK_LEN);
		cursor[(k + 1) * (CHANGES_MARK_LEN + 1) - 1] = '-';
	}
	cursor[CURSOR_LEN] = '\0';
	jsonw_object(b, NULL);
	jsonw_str(b, "cursor", cursor);
	jsonw_array(b, "changed");
	for (int k = 0; w->has_cursor && k < CHANGES_KINDS; k++)
		if (strcmp(w->old.marks[k], now->marks[k]) != 0)
			jsonw_str(b, NULL, names[k]);
	jsonw_end_array(b);
	jsonw_end_object(b);
}

/* ---- looks -----------------------------------------------------------------
 */

/* Many pages of the same people wait for the same: one look serves all. */
struct look {
	uint8_t of[32];   /* who looks at what */
	int64_t began_ms; /* 0: none */
	uint64_t heard;   /* before it */
	struct changes found;
};

static pthread_mutex_t looks_lock = PTHREAD_MUTEX_INITIALIZER;
static struct look looks[LOOKS];

static void
name_look(const struct call *c, const struct watch_state *w, uint8_t out[32])
{
	const struct grants *g = &c->who.grants;
	struct buf b;

	buf_init(&b, 256 << 10);
	for (size_t n = 0; n < g->count; n++)
		buf_addf(&b, "%d %s\n", (int)g->items[n].role,
		    g->items[n].team != NULL ? g->items[n].team : "");
	buf_addf(&b, "\n%d %d", (int)w->integration_id, w->by_event);
	buf_add(&b, w->event.b, sizeof(w->event.b));
	crypto_sha256(b.data, b.len, out);
	buf_fini(&b);
}

/* One that is not older than RUNG_MS: what has been rung since lets the next
 * look be soon. */
static bool
find_look(struct look *l)
{
	bool found = false;

	pthread_mutex_lock(&looks_lock);
	for (size_t n = 0; n < LOOKS && !found; n++) {
		found = looks[n].began_ms + RUNG_MS > l->began_ms &&
			memcmp(looks[n].of, l->of, sizeof(l->of)) == 0;
		if (found)
			*l = looks[n];
	}
	pthread_mutex_unlock(&looks_lock);
	return found;
}

static void
keep_look(const struct look *l)
{
	struct look *to = &looks[0];

	pthread_mutex_lock(&looks_lock);
	for (size_t n = 0; n < LOOKS; n++) {
		if (memcmp(looks[n].of, l->of, sizeof(l->of)) == 0) {
			to = &looks[n];
			break;
		}
		if (looks[n].began_ms < to->began_ms)
			to = &looks[n];
	}
	if (to->began_ms < l->began_ms)
		*to = *l;
	pthread_mutex_unlock(&looks_lock);
}

static enum err
look(struct call *c, const struct watch_state *w, struct changes *out)
{
	struct look l = {
	    .began_ms = clock_mono_ms(), .heard = desk_rings(c->app->desk)};
	enum err e = ERR_OK;

	name_look(c, w, l.of);
	/* who has just come is told what is so now */
	if (!c->visit->parked || clock_mono_ms() >= w->until_ms ||
	    !find_look(&l)) {
		e = changes_read(c->pg, &c->who.grants, w->integration_id,
		    w->by_event ? &w->event : NULL, c->deadline_ms, &l.found,
		    c->ei);
		if (e == ERR_OK)
			keep_look(&l);
	}
	c->visit->heard = l.heard;
	*out = l.found;
	return e;
}

enum err
api_changes_get(struct call *c)
{
	const struct watch_state *w;
	int64_t now_ms = clock_mono_ms();
	struct changes now;
	enum err e = c->visit->parked ? ERR_OK : begin(c);

	if (e != ERR_OK)
		return e;
	w = c->visit->state;
	e = look(c, w, &now);
	if (e != ERR_OK)
		return e;
	if (!w->has_cursor || now_ms >= w->until_ms ||
	    memcmp(&w->old, &now, sizeof(now)) != 0) {
		answer(c, w, &now);
		return ERR_OK;
	}
	c->visit->rung_ms = now_ms + RUNG_MS;
	call_park(
	    c, now_ms + LOOK_MS < w->until_ms ? now_ms + LOOK_MS : w->until_ms);
	return ERR_OK;
}
