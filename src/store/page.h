/*
 * One page of a list: behind or before an item that the cursor names.
 */
#ifndef EWA_STORE_PAGE_H
#define EWA_STORE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_LIMIT_MAX 200

struct page {
	int64_t anchor; /* id of an item; 0: from the list's beginning */
	bool back;      /* the page before the anchor, not behind it */
	int limit;
};

/* What the list says of its ends. */
struct page_ends {
	bool more_before, more_behind;
};

/* One more than the page was read, on the side that it goes to: if it is
 * there (true), it comes to stand behind the others, at items[*count], and is
 * the caller's to free. */
bool page_cut(const struct page *page, void *items, size_t *count, size_t size,
    struct page_ends *ends);

#endif
