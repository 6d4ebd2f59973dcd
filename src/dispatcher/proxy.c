#include "config.h"

#include "dispatcher/proxy.h"

#include <stdlib.h>
#include <string.h>

#include "base/keyring.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sealed_text.h"
#include "domain/address.h"
#include "domain/reply_secret.h"

/* Of the file, opened, new; NULL if it can't be had. */
static char *
read_credentials(
    const struct settings *conf, const struct keyring *keys, struct errinfo *ei)
{
	char key_id[CRYPTO_KEY_ID_MAX + 1];
	struct buf text, value;
	char *s = NULL;

	buf_init(&text, SEALED_TEXT_FILE_MAX);
	buf_init(&value, SEALED_TEXT_MAX);
	if (sealed_text_read(conf->reply_proxy_credentials, &text, ei) ==
		ERR_OK &&
	    sealed_text_open(keys, PROXY_CREDENTIALS_CONTEXT, text.data, &value,
		key_id, ei) == ERR_OK)
		s = mem_strndup(value.data, value.len);
	mem_wipe(value.data, value.len);
	buf_fini(&value);
	buf_fini(&text);
	return s;
}

static void
take_credentials(struct proxy *p, const struct settings *conf)
{
	struct keyring *keys = NULL;
	struct errinfo ei;

	if (keyring_load(conf->key_file, &keys, &ei) == ERR_OK)
		p->credentials = read_credentials(conf, keys, &ei);
	keyring_free(keys);
	if (p->credentials == NULL)
		log_error(F_STR("msg", "reply_proxy_credentials can't be used"),
		    F_STR("file", conf->reply_proxy_credentials),
		    F_STR("reason", ei.detail));
}

void
proxy_configure(struct proxy *p, const struct settings *conf)
{
	struct errinfo ei;

	proxy_fini(p);
	if (*conf->reply_proxy == '\0')
		return;
	if (uri_parse(conf->reply_proxy, &p->uri, &ei) != ERR_OK)
		fatal(F_STR("msg", "reply_proxy can't be used"),
		    F_STR("reason", ei.detail));
	p->except = mem_strdup(conf->reply_no_proxy);
	if (*conf->reply_proxy_credentials != '\0')
		take_credentials(p, conf);
}

void
proxy_fini(struct proxy *p)
{
	uri_fini(&p->uri);
	free(p->except);
	mem_free_secret(p->credentials);
	memset(p, 0, sizeof(*p));
}

bool
proxy_applies(const struct proxy *p, const char *host)
{
	return p->uri.host != NULL && !address_excepted(p->except, host);
}
