/* Rules of the settings of an integration's replies that need more than one
 * of them. */
#include "config.h"

#include "domain/integration.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/uri.h"

static enum err
refuse(struct errinfo *ei, const char *setting, enum err e)
{
	if (ei == NULL)
		return e;
	err_where(ei, "%s", setting);
	return e;
}

/* Both have the same scheme, host and port. */
static bool
same_origin(const char *a, const char *b)
{
	struct uri x = {0}, y = {0};
	bool same = uri_parse(a, &x, NULL) == ERR_OK &&
		    uri_parse(b, &y, NULL) == ERR_OK &&
		    strcmp(x.origin, y.origin) == 0;

	uri_fini(&x);
	uri_fini(&y);
	return same;
}

enum err
integration_set_reply_url(
    struct integration *i, const char *url, struct errinfo *ei)
{
	static const char setting[] = "reply-url";
	char *bare = NULL, *userinfo = NULL;
	enum err e = ERR_OK;

	if (*url == '\0')
		bare = mem_strdup("");
	else
		e = uri_split_userinfo(url, &bare, &userinfo, ei);
	if (e == ERR_OK && userinfo != NULL &&
	    strlen(userinfo) > REPLY_CREDENTIALS_MAX)
		e = err_set(ei, ERR_UNPROCESSABLE,
		    "user and password have more than %d characters",
		    REPLY_CREDENTIALS_MAX);
	if (e == ERR_OK)
		e = integration_check_reply_url(bare, ei);
	if (e == ERR_OK) {
		/* no other server may learn them */
		if (userinfo != NULL || !same_origin(bare, i->reply_url))
			reply_secrets_set(
			    &i->reply_secrets, REPLY_CREDENTIALS, userinfo);
		free(i->reply_url);
		i->reply_url = bare;
		bare = NULL;
	}
	free(bare);
	mem_free_secret(userinfo);
	return e == ERR_OK ? ERR_OK : refuse(ei, setting, e);
}

enum err
integration_check_reply(const struct integration *i, struct errinfo *ei)
{
	if (reply_secrets_find(&i->reply_secrets, REPLY_CREDENTIALS, 0) == NULL)
		return ERR_OK;
	for (size_t n = 0; n < i->header_count; n++)
		if (strcasecmp(i->headers[n].name, "Authorization") == 0)
			return refuse(ei, "reply-header",
			    err_set(ei, ERR_UNPROCESSABLE,
				"the reply URL has a user and password, which "
				"are sent as Authorization; leave out the "
				"header of that name, or them"));
	return ERR_OK;
}
