#include "config.h"

#include "responder/refusals.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/refusals.h"

#define SOURCE_MAX 45 /* INET6_ADDRSTRLEN */
#define PATH_MAX_KEPT 200
#define DETAIL_MAX_KEPT 200
#define OTHER "other"
#define OTHERS_MAX 256 /* integrations whose others are told apart */

/* What is counted together; hashed whole, so zeroed first. */
struct kind {
	int32_t integration_id;
	enum err code;
	char source[SOURCE_MAX + 1];
};

struct entry {
	struct kind kind;
	UT_hash_handle hh;
	int64_t count, first_ms, last_ms, last_size;
	char path[PATH_MAX_KEPT + 1];
	char detail[DETAIL_MAX_KEPT + 1];
};

struct refusals {
	pthread_mutex_t lock;
	struct entry *entries;
};

struct refusals *
refusals_new(void)
{
	struct refusals *t = mem_zalloc(sizeof(*t));

	pthread_mutex_init(&t->lock, NULL);
	return t;
}

static void
free_all(struct entry *entries)
{
	struct entry *e, *tmp;

	HASH_ITER (hh, entries, e, tmp) {
		HASH_DEL(entries, e);
		free(e);
	}
}

void
refusals_free(struct refusals *t)
{
	if (t == NULL)
		return;
	free_all(t->entries);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* Printable ASCII of the first n bytes; anything else is "?". */
static void
copy_plain(char *out, size_t max, const char *s, size_t n)
{
	if (n > max)
		n = max;
	for (size_t i = 0; i < n; i++)
		out[i] = s[i] >= ' ' && s[i] <= '~' ? s[i] : '?';
	out[n] = '\0';
}

static void
copy_source(char *out, const char *address)
{
	size_t n = address != NULL ? strlen(address) : 0;

	if (n == 0 || n > SOURCE_MAX ||
	    strspn(address, "0123456789abcdefABCDEF:.") != n)
		address = "unknown";
	memcpy(out, address, strlen(address));
}

static int64_t
size_of(const struct fcgi_request *r)
{
	const char *s = fcgi_param(r, "CONTENT_LENGTH");
	char *end;
	long long n;

	if (s == NULL || *s < '0' || *s > '9')
		return REFUSAL_NO_SIZE;
	n = strtoll(s, &end, 10);
	return *end == '\0' ? n : REFUSAL_NO_SIZE;
}

/* The lock is held.  Room for this kind, or for one that stands for it. */
static struct entry *
entry_for(struct refusals *t, struct kind *k)
{
	struct entry *e;
	size_t limit = REFUSALS_MAX;

	for (int step = 0;; step++) {
		HASH_FIND(hh, t->entries, k, sizeof(*k), e);
		if (e != NULL)
			return e;
		/* a last "other" of each reason has room always */
		if (HASH_COUNT(t->entries) < limit || step == 2)
			break;
		memset(k->source, 0, sizeof(k->source));
		memcpy(k->source, OTHER, strlen(OTHER));
		limit = REFUSALS_MAX + OTHERS_MAX;
		if (step == 1)
			k->integration_id = 0;
	}
	e = mem_zalloc(sizeof(*e));
	e->kind = *k;
	HASH_ADD(hh, t->entries, kind, sizeof(e->kind), e);
	return e;
}

void
refusals_note(struct refusals *t, const struct fcgi_request *r,
    int32_t integration_id, const struct errinfo *why)
{
	const char *uri = fcgi_param(r, "REQUEST_URI");
	int64_t now_ms = clock_mono_ms(), size = size_of(r);
	char detail[sizeof(why->where) + sizeof(why->detail) + 4];
	struct kind k;
	struct entry *e;

	snprintf(detail, sizeof(detail), "%s%s%s", why->where,
	    *why->where != '\0' ? ": " : "", why->detail);
	memset(&k, 0, sizeof(k));
	k.integration_id = integration_id;
	k.code = why->code;
	copy_source(k.source, fcgi_param(r, "REMOTE_ADDR"));
	pthread_mutex_lock(&t->lock);
	e = entry_for(t, &k);
	if (e->count++ == 0)
		e->first_ms = now_ms;
	e->last_ms = now_ms;
	e->last_size = size;
	if (uri != NULL)
		copy_plain(e->path, PATH_MAX_KEPT, uri, strcspn(uri, "?#"));
	copy_plain(e->detail, DETAIL_MAX_KEPT, detail, strlen(detail));
	pthread_mutex_unlock(&t->lock);
}

/* ---- writing ---------------------------------------------------------------
 */

static struct entry *
take_all(struct refusals *t)
{
	struct entry *all;

	pthread_mutex_lock(&t->lock);
	all = t->entries;
	t->entries = NULL;
	pthread_mutex_unlock(&t->lock);
	return all;
}

/* What could not be written, besides what has come meanwhile. */
static void
put_back(struct refusals *t, struct entry *all)
{
	struct entry *old, *e, *tmp;

	pthread_mutex_lock(&t->lock);
	HASH_ITER (hh, all, old, tmp) {
		struct kind k = old->kind;

		e = entry_for(t, &k);
		if (e->count == 0) {
			e->last_ms = old->last_ms;
			e->last_size = old->last_size;
			memcpy(e->path, old->path, sizeof(e->path));
			memcpy(e->detail, old->detail, sizeof(e->detail));
		}
		e->first_ms = e->count == 0 || old->first_ms < e->first_ms
				  ? old->first_ms
				  : e->first_ms;
		e->count += old->count;
	}
	pthread_mutex_unlock(&t->lock);
}

enum err
refusals_flush(
    struct refusals *t, struct pg *pg, int64_t deadline_ms, struct errinfo *ei)
{
	struct entry *all = take_all(t), *en, *tmp;
	int64_t now_ms = clock_mono_ms();
	struct refusal_count *rows;
	size_t n = 0;
	enum err e;

	if (all == NULL)
		return ERR_OK;
	rows = mem_array(HASH_COUNT(all), sizeof(*rows));
	HASH_ITER (hh, all, en, tmp) {
		rows[n++] = (struct refusal_count){
		    .integration_id = en->kind.integration_id,
		    .source = en->kind.source,
		    .reason = err_type(en->kind.code),
		    .status = err_status(en->kind.code),
		    .count = en->count,
		    .first_ago_ms = now_ms - en->first_ms,
		    .last_ago_ms = now_ms - en->last_ms,
		    .last_size = en->last_size,
		    .last_path = en->path,
		    .last_detail = en->detail};
	}
	e = refusals_count(pg, rows, n, deadline_ms, ei);
	if (e != ERR_OK)
		put_back(t, all);
	free_all(all);
	free(rows);
	return e;
}
