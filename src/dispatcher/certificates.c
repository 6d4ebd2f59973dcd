#include "config.h"

#include "dispatcher/certificates.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/pem.h"
#include "domain/reply_secret.h"

#define DAY_MS ((int64_t)86400 * 1000)

static bool
soon(int64_t expires_us)
{
	return expires_us - clock_wall_us() <= CERTIFICATE_NOTICE_US;
}

static void
warn(const struct lane *l, const char *whose, const char *subject,
    int64_t expires_us)
{
	char when[CLOCK_TEXT_MAX];

	clock_format(expires_us, when);
	log_warning(F_STR("msg", expires_us > clock_wall_us()
				     ? "a certificate expires soon"
				     : "a certificate has expired"),
	    F_STR("integration", l->settings->key), F_STR("of", whose),
	    F_STR("subject", subject), F_STR("expires", when));
}

/* A certificate may name its hosts only in an extension. */
static const char *
name_of(const struct lane *l, const struct pem_certificate *c)
{
	if (c->subject[0] != '\0' || l->uri.host == NULL)
		return c->subject;
	return l->uri.host;
}

static void
look_at_theirs(struct lane *l, const char *pem)
{
	struct lane_replies *s = &l->replies;
	int64_t now_ms = clock_mono_ms();
	struct pem_certificate c;
	int64_t expires_us;
	const char *name;

	if (!pem_read_certificate(pem, &c))
		return;
	name = name_of(l, &c);
	expires_us = c.expires_s * 1000000;
	if (s->certificate_subject == NULL ||
	    strcmp(s->certificate_subject, name) != 0 ||
	    s->certificate_expires_us != expires_us) {
		free(s->certificate_subject);
		s->certificate_subject = mem_strdup(name);
		s->certificate_expires_us = expires_us;
		s->certificate_dirty = true;
		s->dirty = true;
	}
	if (now_ms < s->certificate_log_ms || !soon(expires_us))
		return;
	s->certificate_log_ms = now_ms + DAY_MS;
	warn(l, "the receiver", name, expires_us);
}

static void
look_at_ours(struct lane *l)
{
	struct lane_replies *s = &l->replies;
	int64_t now_ms = clock_mono_ms();
	const struct reply_secret *r;
	struct pem_certificate c;

	if (now_ms < s->own_look_ms)
		return;
	r = reply_secrets_find(
	    &l->settings->reply_secrets, REPLY_CERTIFICATE, 0);
	if (r == NULL || r->value == NULL)
		return;
	s->own_look_ms = now_ms + DAY_MS;
	if (pem_read_certificate(r->value, &c) && soon(c.expires_s * 1000000))
		warn(l, "us", c.subject, c.expires_s * 1000000);
}

void
certificates_look(struct lane *l, const char *pem)
{
	if (pem != NULL)
		look_at_theirs(l, pem);
	look_at_ours(l);
}
