#include "config.h"

#include "base/sealed_text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#define PREFIX "sealed:"
#define RAW_MAX (SEALED_TEXT_MAX + CRYPTO_SEALED_OVERHEAD)
#define OTHERS 0007 /* may do nothing with the file */

void
sealed_text_make(const struct keyring *k, const char *context,
    const void *value, size_t n, struct buf *out)
{
	struct buf raw;

	BUG_ON(n > SEALED_TEXT_MAX);
	buf_init(&raw, RAW_MAX);
	keyring_seal(k, context, value, n, &raw);
	buf_adds(out, PREFIX);
	crypto_base64(raw.data, raw.len, out);
	buf_fini(&raw);
}

/* As keyring_seal writes it: version, length of the id, id. */
static void
take_key_id(const struct buf *raw, char key_id[CRYPTO_KEY_ID_MAX + 1])
{
	size_t n = raw->len >= 2 ? (unsigned char)raw->data[1] : 0;

	key_id[0] = '\0';
	if (n > CRYPTO_KEY_ID_MAX || raw->len < 2 + n)
		return;
	memcpy(key_id, raw->data + 2, n);
	key_id[n] = '\0';
}

enum err
sealed_text_open(const struct keyring *k, const char *context, const char *text,
    struct buf *out, char key_id[CRYPTO_KEY_ID_MAX + 1], struct errinfo *ei)
{
	const char *s = text + strlen(PREFIX);
	struct buf raw;
	enum err e;

	key_id[0] = '\0';
	if (strncmp(text, PREFIX, strlen(PREFIX)) != 0)
		return err_set(ei, ERR_INVALID,
		    "it is not sealed: make it with \"ewactl secrets seal\"");
	buf_init(&raw, RAW_MAX);
	if (crypto_base64_decode(s, strlen(s), &raw)) {
		take_key_id(&raw, key_id);
		e = keyring_open(k, context, raw.data, raw.len, out, ei);
	} else {
		e = err_set(ei, ERR_INVALID,
		    "behind \"sealed:\" stands no base64: it was changed");
	}
	buf_fini(&raw);
	return e;
}

static enum err
read_line(int fd, struct buf *out, struct errinfo *ei)
{
	char text[SEALED_TEXT_FILE_MAX];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) != 0)
		return err_set(ei, ERR_INVALID, "%m");
	if ((st.st_mode & OTHERS) != 0)
		return err_set(ei, ERR_INVALID,
		    "others can get at it; make its mode 0640 or 0600");
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return err_set(ei, ERR_INVALID, "%m");
	text[n] = '\0';
	buf_add(out, text, strcspn(text, "\r\n"));
	mem_wipe(text, sizeof(text));
	return ERR_OK;
}

enum err
sealed_text_read(const char *path, struct buf *out, struct errinfo *ei)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err e;

	if (fd < 0)
		return err_set(ei, ERR_INVALID, "%m");
	e = read_line(fd, out, ei);
	close(fd);
	return e;
}
