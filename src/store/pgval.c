#include "config.h"

#include "store/pgval.h"

#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#include "base/mem.h"

/* Microseconds from 1970-01-01 to PostgreSQL's 2000-01-01. */
#define PG_EPOCH_US ((int64_t)946684800 * 1000000)
#define ARRAY_HEADER 20

void
pg_params_init(struct pg_params *p)
{
	p->count = 0;
	buf_init(&p->bytes, PG_PARAM_BYTES_MAX);
}

void
pg_params_reset(struct pg_params *p)
{
	p->count = 0;
	buf_reset(&p->bytes);
}

void
pg_params_fini(struct pg_params *p)
{
	buf_fini(&p->bytes);
}

/* ---- parameters ---------------------------------------------------------- */

static void
begin(struct pg_params *p, enum pg_oid type)
{
	BUG_ON(p->count == PG_PARAMS_MAX);
	p->types[p->count] = (Oid)type;
	p->offsets[p->count] = p->bytes.len;
}

static void
end(struct pg_params *p)
{
	BUG_ON(buf_failed(&p->bytes));
	p->lengths[p->count] = (int)(p->bytes.len - p->offsets[p->count]);
	p->count++;
}

static void
add(struct pg_params *p, enum pg_oid type, const void *d, size_t n)
{
	begin(p, type);
	buf_add(&p->bytes, d, n);
	end(p);
}

void
pg_add_null(struct pg_params *p, enum pg_oid type)
{
	begin(p, type);
	p->lengths[p->count++] = -1;
}

void
pg_add_bool(struct pg_params *p, bool v)
{
	add(p, PG_BOOL, &(char){v}, 1);
}

void
pg_add_int2(struct pg_params *p, int16_t v)
{
	add(p, PG_INT2, &(uint16_t){htons((uint16_t)v)}, 2);
}

void
pg_add_int4(struct pg_params *p, int32_t v)
{
	add(p, PG_INT4, &(uint32_t){htonl((uint32_t)v)}, 4);
}

void
pg_add_int8(struct pg_params *p, int64_t v)
{
	add(p, PG_INT8, &(uint64_t){htobe64((uint64_t)v)}, 8);
}

void
pg_add_text(struct pg_params *p, const char *s)
{
	if (s == NULL)
		pg_add_null(p, PG_TEXT);
	else
		add(p, PG_TEXT, s, strlen(s));
}

void
pg_add_bytes(struct pg_params *p, enum pg_oid type, const void *d, size_t n)
{
	add(p, type, d, n);
}

void
pg_add_uuid(struct pg_params *p, const struct uuid *u)
{
	if (u == NULL)
		pg_add_null(p, PG_UUID);
	else
		add(p, PG_UUID, u->b, sizeof(u->b));
}

static uint64_t
time_bits(int64_t unix_us)
{
	int64_t v = unix_us;

	if (v != INT64_MAX && v != INT64_MIN)
		v -= PG_EPOCH_US;
	return htobe64((uint64_t)v);
}

void
pg_add_time(struct pg_params *p, int64_t unix_us)
{
	add(p, PG_TIMESTAMPTZ, &(uint64_t){time_bits(unix_us)}, 8);
}

/* ---- arrays -------------------------------------------------------------- */

static enum pg_oid
array_of(enum pg_oid element)
{
	static const enum pg_oid pairs[][2] = {
	    {PG_BOOL,        PG_BOOL_ARRAY       },
            {PG_BYTEA,       PG_BYTEA_ARRAY      },
	    {PG_INT2,        PG_INT2_ARRAY       },
            {PG_INT4,        PG_INT4_ARRAY       },
	    {PG_INT8,        PG_INT8_ARRAY       },
            {PG_TEXT,        PG_TEXT_ARRAY       },
	    {PG_UUID,        PG_UUID_ARRAY       },
            {PG_TIMESTAMPTZ, PG_TIMESTAMPTZ_ARRAY}
        };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i][0] == element)
			return pairs[i][1];
	BUG_ON(true);
	return element;
}

static void
put32(struct pg_params *p, uint32_t v)
{
	v = htonl(v);
	buf_add(&p->bytes, &v, sizeof(v));
}

/* array_recv: dimensions, has-nulls, element type, length, lower bound */
void
pg_array_begin(struct pg_params *p, enum pg_oid element, size_t count)
{
	begin(p, array_of(element));
	put32(p, count != 0 ? 1 : 0);
	put32(p, 1);
	put32(p, (uint32_t)element);
	if (count != 0) {
		put32(p, (uint32_t)count);
		put32(p, 1);
	}
}

void
pg_array_end(struct pg_params *p)
{
	end(p);
}

static void
elem(struct pg_params *p, const void *d, size_t n)
{
	put32(p, (uint32_t)n);
	buf_add(&p->bytes, d, n);
}

void
pg_elem_null(struct pg_params *p)
{
	put32(p, UINT32_MAX);
}

void
pg_elem_bool(struct pg_params *p, bool v)
{
	elem(p, &(char){v}, 1);
}

void
pg_elem_int2(struct pg_params *p, int16_t v)
{
	elem(p, &(uint16_t){htons((uint16_t)v)}, 2);
}

void
pg_elem_int4(struct pg_params *p, int32_t v)
{
	elem(p, &(uint32_t){htonl((uint32_t)v)}, 4);
}

void
pg_elem_int8(struct pg_params *p, int64_t v)
{
	elem(p, &(uint64_t){htobe64((uint64_t)v)}, 8);
}

void
pg_elem_text(struct pg_params *p, const char *s)
{
	if (s == NULL)
		pg_elem_null(p);
	else
		elem(p, s, strlen(s));
}

void
pg_elem_bytes(struct pg_params *p, const void *d, size_t n)
{
	elem(p, d, n);
}

void
pg_elem_uuid(struct pg_params *p, const struct uuid *u)
{
	elem(p, u->b, sizeof(u->b));
}

void
pg_elem_time(struct pg_params *p, int64_t unix_us)
{
	elem(p, &(uint64_t){time_bits(unix_us)}, 8);
}

/* ---- results ------------------------------------------------------------- */

static const void *
value(const PGresult *r, int row, int col, int len)
{
	BUG_ON(PQgetlength(r, row, col) != len);
	return PQgetvalue(r, row, col);
}

bool
pg_null(const PGresult *r, int row, int col)
{
	return PQgetisnull(r, row, col) != 0;
}

bool
pg_bool(const PGresult *r, int row, int col)
{
	return *(const char *)value(r, row, col, 1) != 0;
}

int16_t
pg_int2(const PGresult *r, int row, int col)
{
	uint16_t v;

	memcpy(&v, value(r, row, col, 2), sizeof(v));
	return (int16_t)ntohs(v);
}

int32_t
pg_int4(const PGresult *r, int row, int col)
{
	uint32_t v;

	memcpy(&v, value(r, row, col, 4), sizeof(v));
	return (int32_t)ntohl(v);
}

int64_t
pg_int8(const PGresult *r, int row, int col)
{
	uint64_t v;

	memcpy(&v, value(r, row, col, 8), sizeof(v));
	return (int64_t)be64toh(v);
}

double
pg_float8(const PGresult *r, int row, int col)
{
	int64_t bits = pg_int8(r, row, col);
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

char *
pg_text(const PGresult *r, int row, int col)
{
	if (pg_null(r, row, col))
		return NULL;
	return mem_strndup(
	    PQgetvalue(r, row, col), (size_t)PQgetlength(r, row, col));
}

const char *
pg_bytes(const PGresult *r, int row, int col, size_t *n)
{
	*n = (size_t)PQgetlength(r, row, col);
	return PQgetvalue(r, row, col);
}

void
pg_uuid(const PGresult *r, int row, int col, struct uuid *out)
{
	memcpy(out->b, value(r, row, col, 16), 16);
}

int64_t
pg_time_of(const char *bytes)
{
	uint64_t bits;
	int64_t v;

	memcpy(&bits, bytes, sizeof(bits));
	v = (int64_t)be64toh(bits);
	if (v == INT64_MAX || v == INT64_MIN)
		return v;
	return v + PG_EPOCH_US;
}

int64_t
pg_time(const PGresult *r, int row, int col)
{
	return pg_time_of(value(r, row, col, 8));
}
