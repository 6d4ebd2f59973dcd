/* ewactl secrets seal, and sealing its text anew. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sealed_text.h"
#include "ctl/ctl.h"
#include "ctl/seal.h"
#include "domain/reply_secret.h"

#define PATH_TEXT_MAX 4096
#define CREDENTIALS_MAX 1024

/* ---- secrets seal ----------------------------------------------------------
 */

static int
refuse(const char *why)
{
	fprintf(stderr, "ewactl: %s\n", why);
	return CTL_REFUSED;
}

static int
seal_line(const struct ctl *c, char *line)
{
	struct buf text;

	line[strcspn(line, "\r\n")] = '\0';
	if (strchr(line, ':') == NULL)
		return refuse("standard input holds no \"user:password\"");
	buf_init(&text, SEALED_TEXT_FILE_MAX);
	sealed_text_make(
	    c->keys, PROXY_CREDENTIALS_CONTEXT, line, strlen(line), &text);
	puts(text.data);
	buf_fini(&text);
	return CTL_OK;
}

int
cmd_secrets_seal(struct ctl *c, const struct args *a)
{
	char line[CREDENTIALS_MAX + 2];
	int status = ctl_keys(c);

	(void)a;
	if (status != CTL_OK)
		return status;
	if (fgets(line, sizeof(line), stdin) == NULL)
		status = refuse("standard input is empty");
	else if (strlen(line) > CREDENTIALS_MAX)
		status = refuse("that is longer than 1,024 bytes");
	else
		status = seal_line(c, line);
	mem_wipe(line, sizeof(line));
	return status;
}

/* ---- secrets rekey ---------------------------------------------------------
 */

/* In the old file's place at once, with its owner and mode. */
static enum err
replace(const char *path, const struct buf *text, struct errinfo *ei)
{
	char fresh[PATH_TEXT_MAX];
	struct stat st;
	bool ok;
	int fd;

	snprintf(fresh, sizeof(fresh), "%s.new", path);
	if (stat(path, &st) != 0)
		return err_set(ei, ERR_INVALID, "%m");
	fd = open(
	    fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_set(ei, ERR_INVALID, "%m");
	ok = write(fd, text->data, text->len) == (ssize_t)text->len &&
	     fchown(fd, st.st_uid, st.st_gid) == 0 &&
	     fchmod(fd, st.st_mode & 0777) == 0 && fsync(fd) == 0;
	ok = close(fd) == 0 && ok && rename(fresh, path) == 0;
	if (ok)
		return ERR_OK;
	err_set(ei, ERR_INVALID, "%m");
	unlink(fresh);
	return ERR_INVALID;
}

static enum err
seal_anew(const struct ctl *c, struct seal_file *f, struct errinfo *ei)
{
	const char *path = c->settings.reply_proxy_credentials;
	struct buf text, value;
	enum err e;

	buf_init(&text, SEALED_TEXT_FILE_MAX);
	buf_init(&value, SEALED_TEXT_MAX);
	e = sealed_text_read(path, &text, ei);
	if (e == ERR_OK)
		e = sealed_text_open(c->keys, PROXY_CREDENTIALS_CONTEXT,
		    text.data, &value, f->key_id, ei);
	if (e == ERR_OK && strcmp(f->key_id, keyring_id(c->keys, 0)) != 0) {
		buf_reset(&text);
		sealed_text_make(c->keys, PROXY_CREDENTIALS_CONTEXT, value.data,
		    value.len, &text);
		buf_addc(&text, '\n');
		e = replace(path, &text, ei);
		f->resealed = e == ERR_OK;
	}
	mem_wipe(value.data, value.len);
	buf_fini(&value);
	buf_fini(&text);
	return e;
}

void
seal_file_anew(const struct ctl *c, struct seal_file *f,
    void (*said)(const char *what, const char *why))
{
	struct errinfo ei;

	memset(f, 0, sizeof(*f));
	if (*c->settings.reply_proxy_credentials == '\0')
		return;
	if (seal_anew(c, f, &ei) != ERR_OK) {
		f->failed = true;
		said("reply_proxy_credentials", ei.detail);
	} else if (f->resealed) {
		snprintf(
		    f->key_id, sizeof(f->key_id), "%s", keyring_id(c->keys, 0));
	}
}
