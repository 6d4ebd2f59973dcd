/*
 * Whatever a web server writes on a connection, fcgi.c gives a request whose
 * parameters are found by their names, a body within its limit or an error with
 * words, and an answer that is whole FastCGI records with an end; and the
 * connection is closed in the end.
 *
 * The first byte is the greatest body in units of 64 bytes; the rest are the
 * bytes on the wire.
 */
#include "config.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "responder/fcgi.h"

#include "fuzz.h"

#define WIRE_MAX 65536 /* what a socket takes without a reader */
#define VALUE_MAX (1u << 20)
#define TIMEOUT_MS 2000
#define HEADER 8
#define STDOUT 6
#define END_REQUEST 3
#define COMPLETE 0 /* its protocol status */

/* ---- libfcgi asks for as much memory as a length says ----------------------
 */

/* A length that ends the process (PLATFORM, 13) is a supervisor's affair:
 * nothing that could be read as one. */
static bool
known_limit(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t v = p[i] & 0x7fu;

		for (size_t k = 1; k < 4; k++)
			v = v << 8 | (i + k < n ? p[i + k] : 0xffu);
		if (p[i] >= 0x80 && v > VALUE_MAX)
			return true;
	}
	return false;
}

/* It forgets 48 bytes of each FCGI_GET_VALUES record, which no web server
 * sends. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:libfcgi";
}

/* ---- what must hold --------------------------------------------------------
 */

static void
check_params(const struct fcgi_request *r)
{
	const char *const *p = fcgi_params(r);

	for (; *p != NULL; p++) {
		const char *eq = strchr(*p, '=');
		char *name;

		if (eq == NULL)
			continue; /* a NUL in its name: serve.c's 400 */
		name = strndup(*p, (size_t)(eq - *p));
		CHECK(name != NULL);
		if (*name != '\0')
			CHECK(fcgi_param(r, name) != NULL);
		free(name);
	}
}

static void
check_body(struct fcgi_request *r, size_t max)
{
	struct errinfo ei = {.detail = ""};
	struct buf body;
	enum err e;

	buf_init(&body, max + 1);
	e = fcgi_body(r, max, &body, &ei);
	if (e == ERR_OK) {
		const char *length = fcgi_param(r, "CONTENT_LENGTH");

		CHECK(body.len <= max);
		if (length != NULL && *length != '\0')
			CHECK(strtoull(length, NULL, 10) == body.len);
	} else {
		CHECK(
		    e == ERR_INVALID || e == ERR_TOO_LARGE || e == ERR_TIMEOUT);
		CHECK(*ei.detail != '\0');
	}
	buf_fini(&body);
}

/* Records to their end: output, and one end of the request as the last. */
static void
check_answer(int fd)
{
	static uint8_t got[WIRE_MAX];
	size_t n = 0, at = 0;
	bool ended = false, said = false;
	ssize_t k;

	while ((k = read(fd, got + n, sizeof(got) - n)) > 0)
		n += (size_t)k;
	while (at + HEADER <= n) {
		size_t len = (size_t)got[at + 4] << 8 | got[at + 5];

		CHECK(!ended);
		CHECK(got[at] == 1);
		/* others that came on the same connection are refused */
		ended = got[at + 1] == END_REQUEST &&
			got[at + HEADER + 4] == COMPLETE;
		if (got[at + 1] == STDOUT && len >= 7 && !said) {
			CHECK(memcmp(got + at + HEADER, "Status:", 7) == 0);
			said = true;
		}
		at += HEADER + len + got[at + 6];
	}
	CHECK(at == n);
	CHECK(ended && said);
}

static void
serve(struct fcgi_request *r, size_t max, int peer)
{
	struct http_answer a;
	struct errinfo ei;

	check_params(r);
	check_body(r, max);
	http_answer_init(&a);
	err_set(&ei, ERR_INVALID, "fuzzed");
	http_problem(&a, &ei, NULL);
	fcgi_answer(r, &a);
	http_answer_fini(&a);
	check_answer(peer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fcgi_request *r;
	int pair[2], before, after;

	if (size < 2 || size > WIRE_MAX || known_limit(data + 1, size - 1))
		return 0;
	before = dup(STDERR_FILENO);
	close(before);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	CHECK(write(pair[1], data + 1, size - 1) == (ssize_t)(size - 1));
	CHECK(shutdown(pair[1], SHUT_WR) == 0);
	r = fcgi_take(pair[0], TIMEOUT_MS);
	if (r != NULL)
		serve(r, (size_t)data[0] * 64, pair[1]);
	close(pair[1]);
	after = dup(STDERR_FILENO);
	close(after);
	CHECK(before == after); /* the connection is closed, whatever it was */
	return 0;
}
