#include "config.h"

#include "ctl/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

void
table_init(struct table *t, size_t columns)
{
	BUG_ON(columns < 1 || columns > TABLE_COLUMNS_MAX);
	t->columns = columns;
	t->cells = NULL;
	t->count = 0;
}

void
table_fini(struct table *t)
{
	for (size_t n = 0; n < t->count; n++)
		free(t->cells[n]);
	free(t->cells);
	t->cells = NULL;
	t->count = 0;
}

/* ASCII controls, DEL, and U+0080 to U+009F; also what is not UTF-8. */
static void
make_harmless(char *s)
{
	size_t n = strlen(s), width;

	for (; n > 0; s += width, n -= width) {
		width = utf8_width(s, n);
		if (width == 0)
			width = 1;
		else if ((unsigned char)*s >= 0x20 && *s != 0x7f &&
			 !((unsigned char)s[0] == 0xc2 &&
			     (unsigned char)s[1] < 0xa0))
			continue;
		memset(s, '?', width);
	}
}

void
table_add(struct table *t, const char *cell)
{
	char *copy = mem_strndup(cell != NULL ? cell : "", TABLE_CELL_MAX);

	make_harmless(copy);
	t->cells = mem_grow(t->cells, t->count + 1, sizeof(*t->cells));
	t->cells[t->count++] = copy;
}

void
table_addf(struct table *t, const char *fmt, ...)
{
	char cell[TABLE_CELL_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cell, sizeof(cell), fmt, ap);
	va_end(ap);
	table_add(t, cell);
}

void
table_print(const struct table *t, const char *indent, FILE *out)
{
	int widths[TABLE_COLUMNS_MAX] = {0};
	size_t last;

	BUG_ON(t->count % t->columns != 0);
	for (size_t n = 0; n < t->count; n++) {
		int w = (int)utf8_length(t->cells[n]);

		if (w > widths[n % t->columns])
			widths[n % t->columns] = w;
	}
	for (size_t row = 0; row < t->count; row += t->columns) {
		/* no blanks at the end of a line */
		for (last = t->columns; last > 1; last--)
			if (*t->cells[row + last - 1] != '\0')
				break;
		fputs(indent, out);
		for (size_t c = 0; c < last; c++) {
			const char *cell = t->cells[row + c];
			int pad = c + 1 == last
				      ? 0
				      : widths[c] - (int)utf8_length(cell) + 2;

			fprintf(out, "%s%*s", cell, pad, "");
		}
		fputc('\n', out);
	}
}
