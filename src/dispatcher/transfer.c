#include "config.h"

#include "dispatcher/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dispatcher/proxy.h"
#include "domain/handled.h"
#include "domain/retry_after.h"

#define KEEP_BYTES 131072 /* of a request's buffer, for the next one */
#define RECEIVE_BUFFER 8192L
#define CONNECTION_AGE_S 120L
#define PINS_AGE_S 600L
#define PROXY_URL_MAX 128

/* ---- receiving -------------------------------------------------------------
 */

/* The value of "NAME: value\r\n", if the line is that header's. */
static void
take_value(const char *line, size_t n, const char *name,
    char value[TRANSFER_RETRY_AFTER_MAX])
{
	size_t skip = strlen(name);

	if (n <= skip || line[skip] != ':' ||
	    strncasecmp(line, name, skip) != 0)
		return;
	for (skip++; skip < n && (line[skip] == ' ' || line[skip] == '\t');)
		skip++;
	while (n > skip && strchr(" \t\r\n", line[n - 1]) != NULL)
		n--;
	snprintf(value, TRANSFER_RETRY_AFTER_MAX, "%.*s", (int)(n - skip),
	    line + skip);
}

static size_t
on_header(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	size_t n = size * count;
	size_t room;

	t->header_bytes += n;
	if (t->header_bytes > SENDER_HEADERS_MAX)
		return 0;
	/* an interim answer's header is not the answer's */
	if (n > 5 && memcmp(data, "HTTP/", 5) == 0) {
		buf_reset(&t->answer_headers);
		t->retry_after[0] = '\0';
		t->date[0] = '\0';
	}
	take_value(data, n, "Retry-After", t->retry_after);
	take_value(data, n, "Date", t->date);
	room = SENDER_HEADERS_KEPT - t->answer_headers.len;
	buf_add(&t->answer_headers, data, n < room ? n : room);
	return n;
}

static size_t
on_body(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	size_t n = size * count;
	size_t room = t->answer_body.max - t->answer_body.len;

	if (n <= room) {
		buf_add(&t->answer_body, data, n);
		return n;
	}
	buf_add(&t->answer_body, data, room);
	t->cut = true;
	return 0; /* enough: it counts as its status says */
}

/* ---- making ----------------------------------------------------------------
 */

#define SET(t, option, value)                                               \
	do {                                                                \
		if (curl_easy_setopt((t)->easy, option, value) != CURLE_OK) \
			fatal(F_STR("msg", "libcurl refuses an option"),    \
			    F_STR("option", #option));                      \
	} while (0)

static void
set_callbacks(struct transfer *t)
{
	SET(t, CURLOPT_PRIVATE, t);
	SET(t, CURLOPT_ERRORBUFFER, t->error);
	SET(t, CURLOPT_HEADERFUNCTION, on_header);
	SET(t, CURLOPT_HEADERDATA, t);
	SET(t, CURLOPT_WRITEFUNCTION, on_body);
	SET(t, CURLOPT_WRITEDATA, t);
}

static void
set_rules(struct transfer *t, const struct settings *conf)
{
	SET(t, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(t, CURLOPT_FOLLOWLOCATION, 0L);
	SET(t, CURLOPT_PROXY, "");
	SET(t, CURLOPT_NOPROXY, ""); /* nor by the environment */
	SET(t, CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
	SET(t, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	SET(t, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(t, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(t, CURLOPT_NOSIGNAL, 1L);
	/* a window counts attempts, not streams of one connection */
	SET(t, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(t, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
	SET(t, CURLOPT_TCP_KEEPALIVE, 1L);
	SET(t, CURLOPT_MAXLIFETIME_CONN, CONNECTION_AGE_S);
	/* names of pinned addresses come with each transfer (route.h) */
	SET(t, CURLOPT_DNS_CACHE_TIMEOUT, PINS_AGE_S);
	SET(t, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(t, CURLOPT_CERTINFO, 1L); /* costs only at a TLS handshake */
	SET(t, CURLOPT_USERAGENT, "ewa/" PACKAGE_VERSION);
	if (*conf->reply_ca_file != '\0')
		SET(t, CURLOPT_CAINFO, conf->reply_ca_file);
}

struct transfer *
transfer_new(struct sender *s, const struct settings *conf)
{
	struct transfer *t = mem_zalloc(sizeof(*t));

	t->sender = s;
	t->easy = curl_easy_init();
	if (t->easy == NULL)
		fatal(F_STR("msg", "libcurl has no memory"));
	buf_init(&t->request, HANDLED_MAX);
	buf_init(&t->answer_headers, SENDER_HEADERS_KEPT);
	buf_init(&t->answer_body, SENDER_BODY_MAX);
	set_callbacks(t);
	set_rules(t, conf);
	return t;
}

void
transfer_free(struct transfer *t)
{
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	route_unref(t->route);
	route_unref(t->proxy_route);
	buf_fini(&t->request);
	buf_fini(&t->answer_headers);
	buf_fini(&t->answer_body);
	free(t);
}

void
transfer_reset(struct transfer *t)
{
	curl_slist_free_all(t->headers);
	t->headers = NULL;
	if (t->request.cap > KEEP_BYTES) {
		buf_fini(&t->request);
		buf_init(&t->request, HANDLED_MAX);
	}
	buf_reset(&t->request);
	buf_reset(&t->answer_headers);
	transfer_take_most(t, SENDER_BODY_MAX);
	buf_reset(&t->answer_body);
	route_unref(t->route);
	route_unref(t->proxy_route);
	t->route = NULL;
	t->proxy_route = NULL;
	if (t->proxied) {
		SET(t, CURLOPT_PROXY, "");
		SET(t, CURLOPT_PROXYUSERPWD, NULL);
		t->proxied = false;
	}
	t->header_bytes = 0;
	t->retry_after[0] = '\0';
	t->date[0] = '\0';
	t->cut = false;
	if (t->certified) {
		SET(t, CURLOPT_SSLCERT_BLOB, NULL);
		SET(t, CURLOPT_SSLKEY_BLOB, NULL);
		t->certified = false;
	}
	t->stage = STAGE_IDLE;
	t->error[0] = '\0';
	t->address[0] = '\0';
}

struct buf *
transfer_body(struct transfer *t)
{
	return &t->request;
}

void
transfer_take_most(struct transfer *t, size_t bytes)
{
	if (t->answer_body.max == bytes)
		return;
	buf_fini(&t->answer_body);
	buf_init(&t->answer_body, bytes);
}

static void
add_line(struct transfer *t, const char *line)
{
	struct curl_slist *l = curl_slist_append(t->headers, line);

	if (l == NULL)
		fatal(F_STR("msg", "libcurl has no memory"));
	t->headers = l;
}

void
transfer_header(struct transfer *t, const char *name, const char *value)
{
	char line[512];
	struct buf b;
	size_t n = strlen(name), v = strlen(value);

	if (n + v + 3 <= sizeof(line)) {
		/* an empty value must be written as "Name;" */
		snprintf(line, sizeof(line), v != 0 ? "%s: %s" : "%s;%s", name,
		    value);
		add_line(t, line);
		return;
	}
	buf_init(&b, n + v + 2);
	buf_addf(&b, "%s: %s", name, value);
	add_line(t, b.data);
	mem_wipe(b.data, b.len);
	buf_fini(&b);
}

void
transfer_certificate(struct transfer *t, const char *pem)
{
	struct curl_blob blob = {.len = strlen(pem), .flags = CURL_BLOB_COPY};

	blob.data = mem_dup(pem, blob.len);
	SET(t, CURLOPT_SSLCERT_BLOB, &blob);
	SET(t, CURLOPT_SSLKEY_BLOB, &blob);
	t->certified = true;
	mem_wipe(blob.data, blob.len);
	free(blob.data);
}

void
transfer_prepare(struct transfer *t, const char *url, const char *method)
{
	add_line(t, "Expect:"); /* waiting for a 100 costs a second */
	SET(t, CURLOPT_URL, url);
	SET(t, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->request.len);
	SET(t, CURLOPT_POSTFIELDS, t->request.data);
	SET(t, CURLOPT_CUSTOMREQUEST, method);
	SET(t, CURLOPT_HTTPHEADER, t->headers);
}

static void
set_times(struct transfer *t, int64_t now_ms)
{
	int64_t spent_ms = now_ms - t->began_ms;
	int64_t left_ms = t->timeout_ms - spent_ms;
	int64_t connect_ms = t->connect_timeout_ms - spent_ms;

	/* 0 would be no limit */
	left_ms = left_ms > 0 ? left_ms : 1;
	connect_ms = connect_ms > 0 ? connect_ms : 1;
	SET(t, CURLOPT_TIMEOUT_MS, (long)left_ms);
	SET(t, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)(connect_ms < left_ms ? connect_ms : left_ms));
}

void
transfer_pin(struct transfer *t, struct route *route, int64_t now_ms)
{
	set_times(t, now_ms);
	SET(t, CURLOPT_CONNECT_TO, route->connect_to);
	SET(t, CURLOPT_RESOLVE, route->resolve);
}

void
transfer_pin_proxy(struct transfer *t, const struct proxy *p, int64_t now_ms)
{
	char url[PROXY_URL_MAX];

	/* from now on its way is the proxy's */
	route_unref(t->route);
	t->route = t->proxy_route;
	t->proxy_route = NULL;
	set_times(t, now_ms);
	snprintf(url, sizeof(url), "http://%s:%d", t->route->host, p->uri.port);
	SET(t, CURLOPT_PROXY, url);
	SET(t, CURLOPT_PROXYUSERPWD, p->credentials);
	SET(t, CURLOPT_CONNECT_TO, NULL);
	SET(t, CURLOPT_RESOLVE, t->route->resolve);
}

/* ---- ending ----------------------------------------------------------------
 */

/* In TLS 1.3 a server refuses our certificate, or that there is none, after
 * the handshake: the alert is read where the answer should begin. */
static bool
refused_by_tls(const struct transfer *t, CURLcode code)
{
	return (code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR) &&
	       t->answer_headers.len == 0 &&
	       strstr(t->error, "SSL routines") != NULL &&
	       strstr(t->error, " alert ") != NULL;
}

static enum transfer_end
end_of(const struct transfer *t, CURLcode code)
{
	if (t->route == NULL)
		return TRANSFER_UNUSABLE;
	if (t->route->kind == ROUTE_BLOCKED)
		return TRANSFER_BLOCKED;
	if (t->route->kind == ROUTE_NO_NAME)
		return TRANSFER_NO_NAME;
	if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && t->cut))
		return TRANSFER_ANSWERED;
	if (refused_by_tls(t, code))
		return TRANSFER_NO_TLS;
	switch ((int)code) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_INTERFACE_FAILED:
		return TRANSFER_NO_CONNECT;
	case CURLE_OPERATION_TIMEDOUT:
		return TRANSFER_TIMEOUT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_ENGINE_INITFAILED:
	case CURLE_USE_SSL_FAILED:
		return TRANSFER_NO_TLS;
	case CURLE_URL_MALFORMAT:
		return TRANSFER_UNUSABLE;
	default:
		return TRANSFER_BROKEN;
	}
}

static long
info_long(struct transfer *t, CURLINFO info)
{
	long v = 0;

	curl_easy_getinfo(t->easy, info, &v);
	return v;
}

static void
take_address(struct transfer *t)
{
	char *ip = NULL;
	long port = info_long(t, CURLINFO_PRIMARY_PORT);

	curl_easy_getinfo(t->easy, CURLINFO_PRIMARY_IP, &ip);
	if (ip == NULL || *ip == '\0')
		return;
	snprintf(t->address, sizeof(t->address),
	    strchr(ip, ':') != NULL ? "[%s]:%ld" : "%s:%ld", ip, port);
}

/* Of the server, if the connection is a new one. */
static const char *
certificate_of(struct transfer *t)
{
	static const char name[] = "Cert:";
	struct curl_certinfo *info = NULL;

	if (info_long(t, CURLINFO_NUM_CONNECTS) == 0 ||
	    curl_easy_getinfo(t->easy, CURLINFO_CERTINFO, &info) != CURLE_OK ||
	    info == NULL || info->num_of_certs < 1)
		return NULL;
	for (struct curl_slist *l = info->certinfo[0]; l != NULL; l = l->next)
		if (strncmp(l->data, name, strlen(name)) == 0)
			return l->data + strlen(name);
	return NULL;
}

static const char *
text_of(const struct transfer *t, CURLcode code)
{
	if (t->route == NULL)
		return "";
	if (t->route->kind != ROUTE_OPEN)
		return t->route->why;
	return t->error[0] != '\0' ? t->error : curl_easy_strerror(code);
}

/* By the receiver's clock, if it tells it. */
static int64_t
asked_wait_ms(const struct transfer *t)
{
	int64_t now_s = clock_wall_us() / 1000000, theirs_s;

	if (t->retry_after[0] == '\0')
		return 0;
	if (retry_after_date(t->date, now_s, &theirs_s))
		now_s = theirs_s;
	return retry_after_ms(t->retry_after, now_s);
}

void
transfer_judge(struct transfer *t, CURLcode code, struct transfer_result *r)
{
	curl_off_t ready_us = 0;
	bool ran = t->route != NULL && t->route->kind == ROUTE_OPEN;

	*r = (struct transfer_result){
	    .end = end_of(t, code),
	    .retry_after_ms = asked_wait_ms(t),
	    .took_ms = clock_mono_ms() - t->began_ms,
	    .text = text_of(t, code),
	    .address = t->address,
	    .headers = &t->answer_headers,
	    .body = &t->answer_body,
	    .cut = t->cut,
	};
	if (!ran)
		return;
	take_address(t);
	/* of a kept connection too, which was not connected anew */
	curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
	r->status = (int)info_long(t, CURLINFO_RESPONSE_CODE);
	r->connected = ready_us > 0;
	r->os_errno = (int)info_long(t, CURLINFO_OS_ERRNO);
	/* of one that is not believed nothing is told */
	if (r->end != TRANSFER_NO_TLS)
		r->certificate = certificate_of(t);
}
