#include "config.h"

#include "store/refusals.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/pgval.h"

static const struct pg_stmt count_stmt = {"refusals_count",
    "select ewa.count_refusals($1::int4[], $2::text[], $3::text[],"
    " $4::int4[], $5::int8[], $6::int8[], $7::int8[], $8::int8[],"
    " $9::text[], $10::text[])"};

static const struct pg_stmt list_stmt = {"refusals_list",
    "select r.integration_id, i.key, i.name, r.source, r.reason, r.status,"
    " r.count, r.first_at, r.last_at, coalesce(r.last_size, -1),"
    " r.last_path, r.last_detail"
    " from ewa.refusal r left join ewa.integration i"
    "  on i.id = r.integration_id"
    " where ($1 = -1 or r.integration_id = $1) and r.last_at >= $2"
    " order by r.last_at desc, r.integration_id, r.source, r.reason"
    " limit $3"};

static const struct pg_stmt drop_stmt = {
    "refusals_drop", "select ewa.drop_refusals($1 * interval '1 millisecond')"};

#define COLUMN(type, add)                                         \
	do {                                                      \
		pg_array_begin(&p, type, n);                      \
		for (size_t i = 0; i < n; i++) {                  \
			const struct refusal_count *r = &rows[i]; \
			add;                                      \
		}                                                 \
		pg_array_end(&p);                                 \
	} while (0)

static void
elem_size(struct pg_params *p, int64_t size)
{
	if (size == REFUSAL_NO_SIZE)
		pg_elem_null(p);
	else
		pg_elem_int8(p, size);
}

enum err
refusals_count(struct pg *pg, const struct refusal_count *rows, size_t n,
    int64_t deadline_ms, struct errinfo *ei)
{
	struct pg_params p;
	enum err e;

	pg_params_init(&p);
	COLUMN(PG_INT4, pg_elem_int4(&p, r->integration_id));
	COLUMN(PG_TEXT, pg_elem_text(&p, r->source));
	COLUMN(PG_TEXT, pg_elem_text(&p, r->reason));
	COLUMN(PG_INT4, pg_elem_int4(&p, r->status));
	COLUMN(PG_INT8, pg_elem_int8(&p, r->count));
	COLUMN(PG_INT8, pg_elem_int8(&p, r->first_ago_ms));
	COLUMN(PG_INT8, pg_elem_int8(&p, r->last_ago_ms));
	COLUMN(PG_INT8, elem_size(&p, r->last_size));
	COLUMN(PG_TEXT, pg_elem_text(&p, r->last_path));
	COLUMN(PG_TEXT, pg_elem_text(&p, r->last_detail));
	e = pg_query(pg, &count_stmt, &p, deadline_ms, NULL, ei);
	pg_params_fini(&p);
	if (e == ERR_OK) /* they are counted, whether it rings or not */
		(void)pg_notify(pg, "ewa_refusal", deadline_ms, NULL);
	return e;
}

static void
take(struct refusal *out, const PGresult *r, int row)
{
	int c = 0;

	out->integration_id = pg_int4(r, row, c++);
	out->key = pg_text(r, row, c++);
	out->name = pg_text(r, row, c++);
	out->source = pg_text(r, row, c++);
	out->reason = pg_text(r, row, c++);
	out->status = pg_int4(r, row, c++);
	out->count = pg_int8(r, row, c++);
	out->first_us = pg_time(r, row, c++);
	out->last_us = pg_time(r, row, c++);
	out->last_size = pg_int8(r, row, c++);
	out->last_path = pg_text(r, row, c++);
	out->last_detail = pg_text(r, row, c);
}

enum err
refusals_list(struct pg *pg, int32_t integration_id, int64_t since_us,
    int64_t deadline_ms, struct refusal_list *out, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r;
	enum err e;

	*out = (struct refusal_list){NULL, 0};
	pg_params_init(&p);
	pg_add_int4(&p, integration_id);
	pg_add_time(&p, since_us);
	pg_add_int8(&p, REFUSALS_LIST_MAX);
	e = pg_query(pg, &list_stmt, &p, deadline_ms, &r, ei);
	pg_params_fini(&p);
	if (e != ERR_OK)
		return e;
	out->count = (size_t)PQntuples(r);
	out->items = mem_array(out->count, sizeof(*out->items));
	for (size_t i = 0; i < out->count; i++)
		take(&out->items[i], r, (int)i);
	PQclear(r);
	return ERR_OK;
}

void
refusal_list_fini(struct refusal_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		struct refusal *r = &l->items[i];

		free(r->key);
		free(r->name);
		free(r->source);
		free(r->reason);
		free(r->last_path);
		free(r->last_detail);
	}
	free(l->items);
	*l = (struct refusal_list){NULL, 0};
}

enum err
refusals_drop(struct pg *pg, int64_t retention_ms, int64_t deadline_ms,
    int *dropped, struct errinfo *ei)
{
	struct pg_params p;
	PGresult *r = NULL;
	enum err e;

	pg_params_init(&p);
	pg_add_int8(&p, retention_ms);
	e = pg_query(pg, &drop_stmt, &p, deadline_ms, &r, ei);
	if (e == ERR_OK)
		*dropped = pg_int4(r, 0, 0);
	PQclear(r);
	pg_params_fini(&p);
	return e;
}
