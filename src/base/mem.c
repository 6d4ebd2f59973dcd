#include "config.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"

static void *
checked(void *p)
{
	if (p == NULL)
		fatal(F_STR("msg", "out of memory"));
	return p;
}

void *
mem_alloc(size_t size)
{
	return checked(malloc(size != 0 ? size : 1));
}

void *
mem_zalloc(size_t size)
{
	return mem_array(1, size);
}

void *
mem_array(size_t count, size_t size)
{
	return checked(calloc(count != 0 ? count : 1, size != 0 ? size : 1));
}

void *
mem_grow(void *p, size_t count, size_t size)
{
	size_t total;

	BUG_ON(__builtin_mul_overflow(count, size, &total));
	return checked(realloc(p, total != 0 ? total : 1));
}

char *
mem_strdup(const char *s)
{
	return s != NULL ? checked(strdup(s)) : NULL;
}

char *
mem_strndup(const char *s, size_t n)
{
	return s != NULL ? checked(strndup(s, n)) : NULL;
}

void *
mem_dup(const void *p, size_t n)
{
	void *copy = mem_alloc(n);

	if (n != 0)
		memcpy(copy, p, n);
	return copy;
}

void
mem_wipe(void *p, size_t n)
{
	if (p != NULL)
		explicit_bzero(p, n);
}

void
mem_free_secret(char *s)
{
	if (s != NULL)
		explicit_bzero(s, strlen(s));
	free(s);
}
