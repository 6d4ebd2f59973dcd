#include "config.h"

#include "store/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The first one to the end. */
static void
rotate(void *items, size_t count, size_t size)
{
	char *first = mem_alloc(size), *bytes = items;

	memcpy(first, bytes, size);
	memmove(bytes, bytes + size, (count - 1) * size);
	memcpy(bytes + (count - 1) * size, first, size);
	free(first);
}

bool
page_cut(const struct page *page, void *items, size_t *count, size_t size,
    struct page_ends *ends)
{
	bool more = *count > (size_t)page->limit;

	if (more && page->back)
		rotate(items, *count, size);
	*count -= more;
	ends->more_before = page->back ? more : page->anchor != 0;
	ends->more_behind = page->back || more;
	return more;
}
