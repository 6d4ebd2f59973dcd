#include "config.h"

#include "dispatcher/lane.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "base/mem.h"
#include "store/queue.h"

struct lane *
lane_get(struct lanes *ls, int32_t integration_id)
{
	struct lane *l;

	HASH_FIND(hh, ls->by_id, &integration_id, sizeof(integration_id), l);
	if (l != NULL)
		return l;
	l = mem_zalloc(sizeof(*l));
	l->integration_id = integration_id;
	l->due_ms = LANE_NEVER;
	l->mark_us = QUEUE_FROM_START;
	window_init(&l->window);
	HASH_ADD(hh, ls->by_id, integration_id, sizeof(l->integration_id), l);
	return l;
}

static bool
same_destination(const struct uri *a, const struct uri *b)
{
	if (a->origin == NULL || b->origin == NULL)
		return a->origin == b->origin;
	return strcmp(a->origin, b->origin) == 0;
}

/* What was seen of a receiver says nothing about another. */
static void
forget_certificate(struct lane_replies *s)
{
	free(s->certificate_subject);
	s->certificate_subject = NULL;
	s->certificate_expires_us = 0;
	s->certificate_dirty = false;
	s->certificate_log_ms = 0;
}

void
lane_set_settings(struct lane *l, struct integration *settings)
{
	struct uri uri = {NULL, NULL, 0, NULL};

	if (*settings->reply_url != '\0' &&
	    uri_parse(settings->reply_url, &uri, NULL) != ERR_OK)
		uri = (struct uri){NULL, NULL, 0, NULL};
	if (!same_destination(&uri, &l->uri)) {
		int active = l->window.active;

		window_init(&l->window);
		l->window.active = active;
		forget_certificate(&l->replies);
	}
	uri_fini(&l->uri);
	l->uri = uri;
	integration_unref(l->settings);
	l->settings = integration_ref(settings);
}

void
lane_set_due(struct lanes *ls, struct lane *l, int64_t due_ms)
{
	l->due_ms = due_ms;
	if (due_ms != LANE_NEVER && !l->queued) {
		DL_APPEND(ls->queued, l);
		l->queued = true;
	} else if (due_ms == LANE_NEVER && l->queued) {
		DL_DELETE(ls->queued, l);
		l->queued = false;
	}
}

int64_t
lane_timeout_ms(const struct lane *l, int64_t horizon_ms)
{
	int64_t timeout_ms = l->settings->request_timeout_ms;

	return timeout_ms != 0 ? timeout_ms : horizon_ms;
}

void
lanes_fini(struct lanes *ls)
{
	struct lane *l, *tmp;

	HASH_ITER (hh, ls->by_id, l, tmp) {
		HASH_DELETE(hh, ls->by_id, l);
		integration_unref(l->settings);
		uri_fini(&l->uri);
		free(l->replies.cause);
		free(l->replies.certificate_subject);
		free(l);
	}
	ls->queued = NULL;
}
