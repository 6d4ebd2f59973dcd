/*
 * Aligned text for people.  Cells are copied; control characters in them are
 * shown as "?", so that no event can play with a terminal.
 */
#ifndef EWA_CTL_TABLE_H
#define EWA_CTL_TABLE_H

#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 12
#define TABLE_CELL_MAX ((size_t)8192)

struct table {
	size_t columns;
	char **cells;
	size_t count;
};

void table_init(struct table *t, size_t columns);
void table_fini(struct table *t);

/* Cells row by row, from left to right. */
void table_add(struct table *t, const char *cell);
void table_addf(struct table *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Two blanks between columns; `indent` before each row. */
void table_print(const struct table *t, const char *indent, FILE *out);

#endif
