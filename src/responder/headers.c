#include "config.h"

#include "responder/headers.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "responder/auth.h"

#define VALUE_MAX 2048
#define SHORT_MAX 256 /* content type, address, request id */

char *
headers_text(const struct fcgi_request *r, const char *param)
{
	const char *s = fcgi_param(r, param);
	size_t n;

	if (s == NULL || *s == '\0')
		return NULL;
	n = strnlen(s, SHORT_MAX);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return NULL;
	return utf8_valid(s, n, NULL) ? mem_strndup(s, n) : NULL;
}

/* "HTTP_X_REQUEST_ID" as "x-request-id", in quotes. */
static void
add_header_name(struct buf *b, const char *cgi, size_t n)
{
	char name[128];
	size_t len = 0;

	for (size_t i = 5; i < n && len < sizeof(name); i++) {
		char c = cgi[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		name[len++] = c == '_' ? '-' : c;
	}
	buf_add_json_str(b, name, len);
}

void
headers_keep(struct arrival *a, const struct integration *i)
{
	const char *const *p = fcgi_params(a->request);
	struct buf *b = &a->headers;

	buf_addc(b, '{');
	for (; *p != NULL; p++) {
		size_t n = strcspn(*p, "=");
		size_t before = b->len;
		char name[128];
		const char *value;

		if (n < 6 || n >= sizeof(name) || strncmp(*p, "HTTP_", 5) != 0)
			continue;
		memcpy(name, *p, n);
		name[n] = '\0';
		if (!auth_keeps_header(name, i))
			continue;
		value = *p + n + 1;
		if (before > 1)
			buf_addc(b, ',');
		add_header_name(b, name, n);
		buf_addc(b, ':');
		buf_add_json_str(b, value, strnlen(value, VALUE_MAX));
		if (b->len >= ARRIVAL_HEADERS_MAX) { /* this one has no room */
			b->len = before;
			b->data[before] = '\0';
		}
	}
	buf_addc(b, '}');
}
