#include "config.h"

#include "store/event_page.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/event_rows.h"
#include "store/pgval.h"
#include "store/scope.h"

#define SKEW_US ((int64_t)61 * 1000000) /* of an id's time */
#define SUBJECT_RARE 5000

/*
 * $1, $2 scope, $3 integration or 0, $4 team or NULL, $5 anchor, $6 least and
 * $7 greatest id, $8 events looked at, $9 limit, $10 states or NULL, $11 reply
 * states or NULL, $12 subject or NULL, $13 test or NULL, $14 from, $15 to,
 * $16 text or NULL, $17 bytes of bodies looked at.
 *
 * Where the candidates come from: all events; those of an integration, by its
 * outcomes and its queue rows; those in trouble; those that wait; those whose
 * subject begins so.
 */
#define RANGE(column, cmp) \
	column " " cmp " $5 and " column " >= $6 and " column " <= $7"

/* By index: from the least to the greatest text that begins so. */
#define SUBJECT(x)                                                 \
	"subject is not null and lower(subject) ~>=~ lower(" x ")" \
	" and lower(subject) ~<=~ (lower(" x ") || chr(1114111))"

#define FROM_ALL(cmp, way)                                                     \
	"select id from ewa.event where " RANGE("id", cmp) " order by id " way \
							   " limit $8"
#define FROM_ONE(cmp, way)                                                     \
	"select id from ((select event_id as id from ewa.outcome"              \
	" where integration_id = $3 and " RANGE("event_id",                    \
	    cmp) " order by event_id " way " limit $8) union"                  \
		 " (select event_id from ewa.queue where integration_id = $3 " \
		 "and " RANGE("event_id", cmp) " order by event_id " way       \
					       " limit $8)) u"                 \
					       " order by id " way " limit $8"
#define FROM_TROUBLE(cmp, way)                                    \
	"select distinct event_id as id from ewa.outcome"         \
	" where (state = 'failed'"                                \
	"  or reply_state in ('failed', 'expired', 'cancelled'))" \
	" and ($3 = 0 or integration_id = $3) and " RANGE(        \
	    "event_id", cmp) " order by id " way " limit $8"
#define FROM_QUEUE(cmp, way)                                 \
	"select event_id as id from ewa.queue"               \
	" where ($3 = 0 or integration_id = $3) and " RANGE( \
	    "event_id", cmp) " order by id " way " limit $8"
/* Not in the order of ids before all are found: they are few. */
#define FROM_SUBJECT(cmp, way)                                             \
	"select distinct id from (select event_id as id from ewa.outcome"  \
	" where " SUBJECT("$12") " and ($3 = 0 or integration_id = $3)"    \
				 " and event_id >= $6 and event_id <= $7 " \
				 "offset 0) s where id " cmp               \
				 " $5 order by id " way " limit $8"

/* Each candidate is looked up by its key. */
#define LOOK_UP                                                        \
	" cross join lateral (select * from ewa.event where id = c.id" \
	" and ($3 = 0 or integration_id = $3)"                         \
	" and ($13::boolean is null or test = $13)"                    \
	" and received_at >= $14 and received_at < $15 limit 1) e"

#define FITS                                                                  \
	" where ($1 or i.team = any($2))"                                     \
	" and ($4::text is null or i.team = $4)"                              \
	" and ($10::text[] is null or coalesce(o.state, q.state, 'accepted')" \
	"  = any($10))"                                                       \
	" and ($11::text[] is null or coalesce(o.reply_state,"                \
	"  case when q.step = 1 or i.reply_url <> '' then 'pending'"          \
	"   else 'none' end) = any($11))"                                     \
	" and ($12::text is null or starts_with(lower(o.subject),"            \
	"  lower($12)))"

/* The candidates' bodies, the first ones up to a number of bytes. */
#define BOUNDED(from, way)                                                  \
	"select id from (select c.id, sum(e.body_length)"                   \
	" over (order by c.id " way ") - e.body_length as before"           \
	" from (" from ") c cross join lateral (select body_length"         \
	" from ewa.event where id = c.id limit 1) e) b where before <= $17" \
	" order by id " way

/* A body of these kinds is UTF-8; without NUL it is a text.  convert_from's
 * collation is that of its second argument, a name: "C".  The case of other
 * letters than ASCII's takes ten times as long, so it is looked at only where
 * there are some to be found. */
#define HOLDS                                                     \
	" and case when e.kind = 'binary' then false"             \
	" when position('\\x00'::bytea in e.body) > 0 then false" \
	" when octet_length($16) = length($16)"                   \
	"  then position(lower($16 collate \"C\") in lower("      \
	"  convert_from(e.body, 'UTF8') collate \"C\")) > 0"      \
	" else position(lower($16) in lower("                     \
	"  convert_from(e.body, 'UTF8') collate \"default\")) > 0 end"

#define PLAIN " and $16::text is null and $17::bigint is not null"

#define LIST(from, way, text)                                        \
	EVENT_COLUMNS("null::text")                                  \
	" from (" from ") c" LOOK_UP EVENT_LOOKUPS("c.id") FITS text \
	    " order by c.id " way " limit $9"
#define COUNT(from)                                \
	"select count(*) from (select from (" from \
	") c" LOOK_UP EVENT_LOOKUPS("c.id") FITS PLAIN " limit $9) n"
/* How many candidates there are, and the last of them. */
#define REACHED(from, way, back)                                              \
	"with c as materialized (" from ") select count(*),"                  \
	" (select id from c order by id " back " limit 1) from c"             \
	" where $1 is not null and $2 is not null and ($4::text is null or"   \
	" true) and $9::bigint is not null and ($10::text[] is null or true)" \
	" and ($11::text[] is null or true) and ($12::text is null or true)"  \
	" and ($13::boolean is null or true) and ($3 = $3)"                   \
	" and ($14 = $14::timestamptz) and ($15 = $15::timestamptz)"          \
	" and ($16::text is null or true) and $17::bigint is not null"

enum source {
	SOURCE_ALL,
	SOURCE_ONE,
	SOURCE_TROUBLE,
	SOURCE_QUEUE,
	SOURCE_SUBJECT,
	SOURCES
};

/* clang-format off */
#define PAIR(name, from, cmp, way)                                           \
	{{"events_" name, LIST(from(cmp, way), way, PLAIN)},                 \
	 {"events_text_" name, LIST(BOUNDED(from(cmp, way), way), way, HOLDS)}}
#define ENDS(name, from, cmp, way, back)                                     \
	{{"reached_" name, REACHED(from(cmp, way), way, back)},              \
	 {"reached_text_" name,                                              \
	    REACHED(BOUNDED(from(cmp, way), way), way, back)}}
#define SET(name, from)                                                      \
	{{PAIR(name "_older", from, "<", "desc"),                            \
	  PAIR(name "_newer", from, ">", "asc")},                            \
	 {ENDS(name "_older", from, "<", "desc", "asc"),                     \
	  ENDS(name "_newer", from, ">", "asc", "desc")},                    \
	 {"count_" name, COUNT(from("<", "desc"))}}
/* clang-format on */

/* [newer][text] */
static const struct {
	struct pg_stmt list[2][2], reached[2][2], count;
} statements[SOURCES] = {
    [SOURCE_ALL] = SET("all", FROM_ALL),
    [SOURCE_ONE] = SET("one", FROM_ONE),
    [SOURCE_TROUBLE] = SET("trouble", FROM_TROUBLE),
    [SOURCE_QUEUE] = SET("queue", FROM_QUEUE),
    [SOURCE_SUBJECT] = SET("subject", FROM_SUBJECT),
};

/* ---- parameters ------------------------------------------------------------
 */

static void
id_at(int64_t us, uint8_t fill, struct uuid *out)
{
	int64_t ms = us > 0 ? us / 1000 : 0;

	memset(out, fill, sizeof(*out));
	for (int n = 5; n >= 0; n--, ms >>= 8)
		out->b[n] = (uint8_t)ms;
}

static void
range_of(const struct event_query *q, struct uuid *least, struct uuid *most)
{
	memset(least, 0, sizeof(*least));
	memset(most, 0xff, sizeof(*most));
	if (q->from_us != EVENT_NO_TIME)
		id_at(q->from_us - SKEW_US, 0, least);
	if (q->to_us != EVENT_NO_TIME)
		id_at(q->to_us + SKEW_US, 0xff, most);
	if (q->by_id)
		*least = *most = q->anchor;
}

static void
add_range(struct pg_params *p, const struct event_query *q)
{
	struct uuid least, most, none;

	range_of(q, &least, &most);
	memset(&none, q->newer ? 0 : 0xff, sizeof(none));
	pg_add_uuid(p, q->anchored && !q->by_id ? &q->anchor : &none);
	pg_add_uuid(p, &least);
	pg_add_uuid(p, &most);
}

static void
add_words(struct pg_params *p, bool given, const bool *set, int n,
    const char *(*name)(int))
{
	size_t count = 0;

	if (!given) {
		pg_add_null(p, PG_TEXT_ARRAY);
		return;
	}
	for (int k = 0; k < n; k++)
		count += set[k];
	pg_array_begin(p, PG_TEXT, count);
	for (int k = 0; k < n; k++)
		if (set[k])
			pg_elem_text(p, name(k));
	pg_array_end(p);
}

static const char *
state_word(int k)
{
	return event_state_name((enum event_state)k);
}

static const char *
reply_word(int k)
{
	return reply_state_name((enum reply_state)k);
}

static bool
is_ascii(const char *s)
{
	for (; s != NULL && *s != '\0'; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

static void
add_all(struct pg_params *p, const struct event_query *q, int64_t limit)
{
	pg_params_init(p);
	scope_add(p, q->grants, q->role);
	pg_add_int4(p, q->integration_id);
	pg_add_text(p, q->team);
	add_range(p, q);
	pg_add_int8(p, q->text != NULL ? EVENT_SEARCH : EVENT_SCAN);
	pg_add_int8(p, limit);
	add_words(p, q->by_state, q->states, EVENT_STATES, state_word);
	add_words(p, q->by_reply_state, q->reply_states, EVENT_REPLY_STATES,
	    reply_word);
	pg_add_text(p, q->subject);
	if (q->test < 0)
		pg_add_null(p, PG_BOOL);
	else
		pg_add_bool(p, q->test != 0);
	pg_add_time(p, q->from_us != EVENT_NO_TIME ? q->from_us : INT64_MIN);
	pg_add_time(p, q->to_us != EVENT_NO_TIME ? q->to_us : INT64_MAX);
	pg_add_text(p, q->text);
	pg_add_int8(p,
	    is_ascii(q->text) ? EVENT_SEARCH_BYTES : EVENT_SEARCH_BYTES_WIDE);
}

/* ---- which way is the shortest ---------------------------------------------
 */

/* $1 subject, $2 least and $3 greatest id, $4 how far it is counted */
static const struct pg_stmt count_subject = {"events_with_subject",
    "select count(*) from (select from ewa.outcome where " SUBJECT(
	"$1") " and event_id >= $2 and event_id <= $3 limit $4) x"};

static bool
only(const bool *set, size_t n, unsigned allowed)
{
	for (size_t k = 0; k < n; k++)
		if (set[k] && !(allowed & 1U << k))
			return false;
	return true;
}

static bool
is_waiting(const struct event_query *q)
{
	return (q->by_state &&
		   only(q->states, EVENT_STATES,
		       1U << EVENT_ACCEPTED | 1U << EVENT_HANDLING)) ||
	       (q->by_reply_state && only(q->reply_states, EVENT_REPLY_STATES,
					 1U << REPLY_PENDING));
}

static bool
is_trouble(const struct event_query *q)
{
	return (q->by_state &&
		   only(q->states, EVENT_STATES, 1U << EVENT_FAILED)) ||
	       (q->by_reply_state &&
		   only(q->reply_states, EVENT_REPLY_STATES,
		       1U << REPLY_FAILED | 1U << REPLY_EXPIRED |
			   1U << REPLY_CANCELLED));
}

/* Few events have such a subject.  (If many have, the newest are not far.) */
static enum err
is_rare(struct pg *pg, const struct event_query *q, int64_t deadline_ms,
    bool *rare, struct errinfo *ei)
{
	struct uuid least, most;
	struct pg_params p;
	PGresult *r;
	enum err e;

	*rare = false;
	if (q->subject == NULL)
		return ERR_OK;
	range_of(q, &least, &most);
	pg_params_init(&p);
	pg_add_text(&p, q->subject);
	pg_add_uuid(&p, &least);
	pg_add_uuid(&p, &most);
	pg_add_int8(&p, SUBJECT_RARE + 1);
	e = pg_query(pg, &count_subject, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	*rare = pg_int8(r, 0, 0) <= SUBJECT_RARE;
	PQclear(r);
	return ERR_OK;
}

static enum err
choose(struct pg *pg, const struct event_query *q, int64_t deadline_ms,
    enum source *out, struct errinfo *ei)
{
	bool rare;
	enum err e;

	*out = SOURCE_QUEUE;
	if (is_waiting(q))
		return ERR_OK;
	e = is_rare(pg, q, deadline_ms, &rare, ei);
	if (rare)
		*out = SOURCE_SUBJECT;
	else if (is_trouble(q))
		*out = SOURCE_TROUBLE;
	else
		*out = q->integration_id != 0 ? SOURCE_ONE : SOURCE_ALL;
	return e;
}

/* ---- reading ---------------------------------------------------------------
 */

static void
reverse(struct event_page *p)
{
	for (size_t a = 0, z = p->count; a + 1 < z; a++, z--) {
		struct event e = p->items[a];

		p->items[a] = p->items[z - 1];
		p->items[z - 1] = e;
	}
}

/* Fewer were found than asked for: have all events been looked at? */
static enum err
look_further(struct pg *pg, const struct event_query *q, enum source source,
    int64_t deadline_ms, struct event_page *out, struct errinfo *ei)
{
	int64_t most = q->text != NULL ? EVENT_SEARCH : EVENT_SCAN;
	struct pg_params p;
	PGresult *r;
	enum err e;

	add_all(&p, q, 1);
	e = pg_query(pg, &statements[source].reached[q->newer][q->text != NULL],
	    &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	out->searched = pg_int8(r, 0, 0);
	if (!pg_null(r, 0, 1))
		pg_uuid(r, 0, 1, &out->reached);
	/* bodies may have ended it before the number did */
	out->more =
	    out->searched != 0 && (out->searched == most || q->text != NULL);
	PQclear(r);
	return ERR_OK;
}

enum err
event_page_read(struct pg *pg, const struct event_query *q, int64_t deadline_ms,
    struct event_page *out, struct errinfo *ei)
{
	struct pg_params p;
	enum source source;
	PGresult *r;
	enum err e;

	memset(out, 0, sizeof(*out));
	e = choose(pg, q, deadline_ms, &source, ei);
	if (e != ERR_OK)
		return e;
	add_all(&p, q, q->limit + 1);
	e = pg_query(pg, &statements[source].list[q->newer][q->text != NULL],
	    &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	out->count = (size_t)PQntuples(r);
	out->more = out->count > (size_t)q->limit;
	if (out->more)
		out->count--;
	out->items = mem_array(out->count, sizeof(*out->items));
	for (size_t n = 0; n < out->count; n++)
		event_take_row(&out->items[n], r, (int)n);
	PQclear(r);
	out->searched = (int64_t)out->count;
	if (out->more)
		out->reached = out->items[out->count - 1].id;
	else
		e = look_further(pg, q, source, deadline_ms, out, ei);
	if (e != ERR_OK)
		event_page_fini(out);
	else if (q->newer)
		reverse(out);
	return e;
}

void
event_page_fini(struct event_page *p)
{
	for (size_t n = 0; n < p->count; n++)
		event_fini(&p->items[n]);
	free(p->items);
	p->items = NULL;
	p->count = 0;
}

enum err
event_page_count(struct pg *pg, const struct event_query *q,
    int64_t deadline_ms, int64_t *count, bool *more, struct errinfo *ei)
{
	struct event_page page = {0};
	struct pg_params p;
	enum source source;
	PGresult *r;
	enum err e;

	e = choose(pg, q, deadline_ms, &source, ei);
	if (e != ERR_OK)
		return e;
	add_all(&p, q, EVENT_COUNT_MAX + 1);
	e = pg_query(pg, &statements[source].count, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	*count = pg_int8(r, 0, 0);
	PQclear(r);
	*more = *count > EVENT_COUNT_MAX;
	if (*more)
		*count = EVENT_COUNT_MAX;
	else
		e = look_further(pg, q, source, deadline_ms, &page, ei);
	*more |= page.more;
	return e;
}
