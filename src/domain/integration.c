#include "config.h"

#include "domain/integration.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "domain/automation.h"

struct integration *
integration_new(void)
{
	struct integration *i = mem_zalloc(sizeof(*i));

	i->refs = 1;
	i->paused_until_us = INTEGRATION_NOT_PAUSED;
	i->name = mem_strdup("");
	i->description = mem_strdup("");
	i->contact = mem_strdup("");
	i->team = mem_strdup("");
	i->token_header = mem_strdup(INTEGRATION_TOKEN_HEADER);
	i->max_body_bytes = INTEGRATION_BODY_DEFAULT;
	i->repeat_window_ms = INTEGRATION_REPEAT_DEFAULT_MS;
	i->signature_header = mem_strdup("");
	i->reply_url = mem_strdup("");
	i->subject = mem_strdup("");
	i->reply_method = mem_strdup("POST");
	i->created_by = mem_strdup("");
	i->modified_by = mem_strdup("");
	return i;
}

struct integration *
integration_ref(struct integration *i)
{
	__atomic_add_fetch(&i->refs, 1, __ATOMIC_RELAXED);
	return i;
}

void
integration_unref(struct integration *i)
{
	int left;

	if (i == NULL)
		return;
	left = __atomic_sub_fetch(&i->refs, 1, __ATOMIC_ACQ_REL);
	BUG_ON(left < 0);
	if (left > 0)
		return;
	integration_clear_headers(i);
	reply_secrets_fini(&i->reply_secrets);
	automation_list_free(i->automations);
	free(i->subject);
	free(i->name);
	free(i->description);
	free(i->contact);
	free(i->team);
	free(i->token_header);
	free(i->signature_header);
	for (size_t n = 0; n < i->signing_count; n++)
		mem_free_secret(i->signing[n].secret);
	free(i->reply_url);
	free(i->reply_method);
	free(i->created_by);
	free(i->modified_by);
	mem_wipe(i->tokens, sizeof(i->tokens));
	free(i);
}

void
integration_add_header(
    struct integration *i, const char *name, const char *value, bool secret)
{
	struct integration_header *h;

	BUG_ON(i->header_count == INTEGRATION_HEADERS_MAX);
	i->headers =
	    mem_grow(i->headers, i->header_count + 1, sizeof(*i->headers));
	h = &i->headers[i->header_count++];
	h->name = mem_strdup(name);
	h->value = mem_strdup(value);
	h->secret = secret;
}

void
integration_clear_headers(struct integration *i)
{
	for (size_t n = 0; n < i->header_count; n++) {
		free(i->headers[n].name);
		mem_free_secret(i->headers[n].value);
	}
	free(i->headers);
	i->headers = NULL;
	i->header_count = 0;
}

void
integration_set_signing(struct integration *i, const char *secret)
{
	for (size_t n = 0; n < i->signing_count; n++)
		mem_free_secret(i->signing[n].secret);
	memset(i->signing, 0, sizeof(i->signing));
	i->signing_count = secret != NULL;
	i->signing_fresh = true;
	if (secret == NULL)
		return;
	i->signing[0].secret = mem_strdup(secret);
	i->signing[0].expires_us = INT64_MAX;
}

bool
integration_paused(const struct integration *i, int64_t now_us)
{
	return i->paused_until_us > now_us;
}

bool
integration_runs(const struct integration *i, int64_t now_us)
{
	return i->enabled && !i->deleted && !integration_paused(i, now_us);
}

const char *
integration_system_name(const struct integration *i)
{
	return i->sync ? "Event Webhook Sync" : "Event Webhook Async";
}
