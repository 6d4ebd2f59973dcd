#include "config.h"

#include "dispatcher/proxy.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "domain/address.h"

#define CREDENTIALS_MAX 1024
#define OTHERS 0007 /* may do nothing with it */

/* The first line of the file, new; NULL if it can't be had. */
static char *
read_credentials(const char *path, struct errinfo *ei)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[CREDENTIALS_MAX + 1];
	char *line = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) != 0) {
		err_set(ei, ERR_INVALID, "%m");
	} else if ((st.st_mode & OTHERS) != 0) {
		err_set(ei, ERR_INVALID,
		    "others can get at it; make its mode 0640 or 0600");
	} else if ((n = read(fd, text, CREDENTIALS_MAX)) < 0) {
		err_set(ei, ERR_INVALID, "%m");
	} else {
		text[n] = '\0';
		text[strcspn(text, "\r\n")] = '\0';
		line = mem_strdup(text);
	}
	if (fd >= 0)
		close(fd);
	mem_wipe(text, sizeof(text));
	return line;
}

void
proxy_configure(struct proxy *p, const struct settings *conf)
{
	const char *path = conf->reply_proxy_credentials;
	struct errinfo ei;

	proxy_fini(p);
	if (*conf->reply_proxy == '\0')
		return;
	if (uri_parse(conf->reply_proxy, &p->uri, &ei) != ERR_OK)
		fatal(F_STR("msg", "reply_proxy can't be used"),
		    F_STR("reason", ei.detail));
	p->except = mem_strdup(conf->reply_no_proxy);
	if (*path == '\0')
		return;
	p->credentials = read_credentials(path, &ei);
	if (p->credentials == NULL)
		log_error(F_STR("msg", "reply_proxy_credentials can't be read"),
		    F_STR("file", path), F_STR("reason", ei.detail));
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
