/*
 * Allocation that does not return NULL: no memory is fatal (err.h).
 * Sizes that come from outside are bounded by a named maximum before they
 * get here.
 */
#ifndef EWA_BASE_MEM_H
#define EWA_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);               /* uninitialised */
void *mem_zalloc(size_t size);              /* zeroed */
void *mem_array(size_t count, size_t size); /* zeroed, overflow checked */
void *mem_grow(void *p, size_t count, size_t size); /* realloc, checked */
char *mem_strdup(const char *s);                    /* NULL gives NULL */
char *mem_strndup(const char *s, size_t n);         /* NULL gives NULL */
void *mem_dup(const void *p, size_t n);
void mem_wipe(void *p, size_t n); /* for secrets; never optimised away */
void mem_free_secret(char *s);    /* wipe a C string, then free; NULL is fine */

#endif
