#include "config.h"

#include "base/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/log.h"
#include "base/mem.h"

#define KEY_LEN 32
#define FILE_MODE_BAD 0027 /* written by group, anything by others */

#define SEAL_VERSION 1
#define HEAD_LEN 2 /* version, length of the id */
#define NONCE_LEN 12
#define TAG_LEN 16

struct ring_key {
	char id[CRYPTO_KEY_ID_MAX + 1];
	struct crypto_hmac *mac;
	uint8_t seal[KEY_LEN];
};

struct keyring {
	size_t count;
	struct ring_key keys[CRYPTO_KEYS_MAX];
};

/* libcrypto fails here only without memory. */
static void
must(bool ok)
{
	if (!ok)
		fatal(F_STR("msg", "libcrypto failed"));
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool
is_id(const char *s, size_t n)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

	if (n == 0 || n > CRYPTO_KEY_ID_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (s[i] == '\0' || strchr(letters, s[i]) == NULL)
			return false;
	return true;
}

static const struct ring_key *
find_key(const struct keyring *k, const char *id, size_t n)
{
	for (size_t i = 0; i < k->count; i++)
		if (strlen(k->keys[i].id) == n &&
		    memcmp(k->keys[i].id, id, n) == 0)
			return &k->keys[i];
	return NULL;
}

static bool
decode_key(const char *s, size_t n, uint8_t key[KEY_LEN])
{
	struct buf raw;
	bool ok;

	buf_init(&raw, KEY_LEN + 2);
	ok = crypto_base64_decode(s, n, &raw) && raw.len == KEY_LEN;
	if (ok)
		memcpy(key, raw.data, KEY_LEN);
	mem_wipe(raw.data, raw.cap);
	buf_fini(&raw);
	return ok;
}

static void
add_key(struct keyring *k, const char *id, size_t len, const uint8_t *key)
{
	struct ring_key *r = &k->keys[k->count++];
	uint8_t mac[KEY_LEN];

	memcpy(r->id, id, len);
	r->id[len] = '\0';
	crypto_hkdf_sha256(key, KEY_LEN, "seal", r->seal, KEY_LEN);
	crypto_hkdf_sha256(key, KEY_LEN, "mac", mac, KEY_LEN);
	r->mac = crypto_hmac_new(mac, sizeof(mac));
	mem_wipe(mac, sizeof(mac));
}

/* Add the key of "ID BASE64"; NULL or what is wrong with the line. */
static const char *
add_line(struct keyring *k, const char *s, size_t n)
{
	uint8_t key[KEY_LEN];
	size_t id = 0, text;

	while (id < n && !is_blank(s[id]))
		id++;
	for (text = id; text < n && is_blank(s[text]);)
		text++;
	if (!is_id(s, id))
		return "a key's id is 1 to 16 of a-z, 0-9, _ and -";
	if (find_key(k, s, id) != NULL)
		return "this key's id stands in the file already";
	if (k->count == CRYPTO_KEYS_MAX)
		return "the file holds too many keys (at most 16)";
	if (!decode_key(s + text, n - text, key))
		return "behind a key's id stand its 32 bytes in base64";
	add_key(k, s, id, key);
	mem_wipe(key, sizeof(key));
	return NULL;
}

static enum err
parse_lines(struct keyring *k, const char *path, const char *s, size_t n,
    struct errinfo *ei)
{
	const char *end = s + n, *why;
	int line = 0;

	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		const char *last = nl != NULL ? nl : end;

		line++;
		while (last > s && is_blank(last[-1]))
			last--;
		while (s < last && is_blank(*s))
			s++;
		if (s < last && *s != '#' &&
		    (why = add_line(k, s, (size_t)(last - s))) != NULL) {
			err_set(ei, ERR_INVALID, "%s", why);
			err_at_file(ei, path, line);
			return ERR_INVALID;
		}
		s = nl != NULL ? nl + 1 : end;
	}
	if (k->count == 0) {
		err_set(ei, ERR_INVALID, "the key file holds no key");
		err_at_file(ei, path, 0);
		return ERR_INVALID;
	}
	return ERR_OK;
}

static enum err
check_file(int fd, struct errinfo *ei)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_set(ei, ERR_INVALID, "the key file: %m");
	if (!S_ISREG(st.st_mode))
		return err_set(ei, ERR_INVALID, "the key file is no file");
	if ((st.st_mode & FILE_MODE_BAD) != 0)
		return err_set(ei, ERR_INVALID,
		    "the key file has mode %04o, so others can get at it; "
		    "make it 0640 or 0600",
		    (unsigned)st.st_mode & 07777);
	return ERR_OK;
}

/* At most `room` bytes of the file; over that is an error. */
static enum err
read_file(
    const char *path, char *text, size_t room, size_t *len, struct errinfo *ei)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = 0;
	enum err e;

	*len = 0;
	if (fd < 0)
		return err_set(
		    ei, ERR_INVALID, "the key file cannot be read: %m");
	e = check_file(fd, ei);
	while (e == ERR_OK && *len < room &&
	       (n = read(fd, text + *len, room - *len)) > 0)
		*len += (size_t)n;
	if (n < 0)
		e = err_set(ei, ERR_INVALID, "the key file: %m");
	else if (*len == room)
		e = err_set(ei, ERR_INVALID,
		    "the key file has more than %d bytes", KEYRING_FILE_MAX);
	close(fd);
	return e;
}

enum err
keyring_load(const char *path, struct keyring **out, struct errinfo *ei)
{
	char text[KEYRING_FILE_MAX + 1];
	struct keyring *k = mem_zalloc(sizeof(*k));
	size_t len;
	enum err e;

	*out = NULL;
	e = read_file(path, text, sizeof(text), &len, ei);
	if (e == ERR_OK)
		e = parse_lines(k, path, text, len, ei);
	else
		err_at_file(ei, path, 0);
	mem_wipe(text, sizeof(text));
	if (e == ERR_OK)
		*out = k;
	else
		keyring_free(k);
	return e;
}

void
keyring_free(struct keyring *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < k->count; i++)
		crypto_hmac_free(k->keys[i].mac);
	mem_wipe(k, sizeof(*k));
	free(k);
}

static bool
write_all(int fd, const char *s, size_t n)
{
	ssize_t done;

	while (n > 0) {
		done = write(fd, s, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		s += done;
		n -= (size_t)done;
	}
	return true;
}

/* "ID BASE64\n" of a fresh key. */
static void
make_line(struct buf *line)
{
	uint8_t key[KEY_LEN];
	char id[9];

	crypto_random(key, sizeof(key));
	crypto_random_base32(id, sizeof(id) - 1);
	buf_addf(line, "%s ", id);
	crypto_base64(key, sizeof(key), line);
	buf_addc(line, '\n');
	mem_wipe(key, sizeof(key));
}

enum err
keyring_create(const char *path, struct errinfo *ei)
{
	struct buf line;
	enum err e = ERR_OK;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0) {
		e = errno == EEXIST
			? err_set(ei, ERR_CONFLICT,
			      "the key file is there already; it is never "
			      "overwritten")
			: err_set(ei, ERR_INVALID,
			      "the key file cannot be made: %m");
		err_at_file(ei, path, 0);
		return e;
	}
	buf_init(&line, 128);
	make_line(&line);
	if (!write_all(fd, line.data, line.len) || fchmod(fd, 0640) != 0 ||
	    fsync(fd) != 0) {
		e = err_set(
		    ei, ERR_INVALID, "the key file cannot be written: %m");
		err_at_file(ei, path, 0);
		unlink(path);
	}
	close(fd);
	mem_wipe(line.data, line.len);
	buf_fini(&line);
	return e;
}

size_t
keyring_count(const struct keyring *k)
{
	return k->count;
}

const char *
keyring_id(const struct keyring *k, size_t i)
{
	BUG_ON(i >= k->count);
	return k->keys[i].id;
}

void
keyring_mac(const struct keyring *k, size_t i, const void *data, size_t n,
    uint8_t out[CRYPTO_MAC_LEN])
{
	BUG_ON(i >= k->count);
	crypto_hmac_sum(k->keys[i].mac, data, n, out);
}

/*
 * A sealed value: version, length of the id, id, nonce, ciphertext, tag.
 * What stands before the nonce and the context are authenticated with it.
 */
static EVP_CIPHER_CTX *
start_gcm(const struct ring_key *r, bool seal, const uint8_t *nonce,
    const uint8_t *head, size_t head_len, const char *context)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	size_t context_len = strlen(context);
	int n;

	BUG_ON(context_len > INT_MAX);
	must(ctx != NULL &&
	     EVP_CipherInit_ex2(
		 ctx, EVP_aes_256_gcm(), r->seal, nonce, seal, NULL) == 1 &&
	     EVP_CipherUpdate(ctx, NULL, &n, head, (int)head_len) == 1 &&
	     EVP_CipherUpdate(ctx, NULL, &n, (const uint8_t *)context,
		 (int)context_len) == 1);
	return ctx;
}

void
keyring_seal(const struct keyring *k, const char *context, const void *data,
    size_t n, struct buf *out)
{
	const struct ring_key *r = &k->keys[0];
	size_t id_len = strlen(r->id), head_len = HEAD_LEN + id_len;
	size_t len = head_len + NONCE_LEN + n + TAG_LEN;
	uint8_t *p = (uint8_t *)buf_room(out, len), *text, *nonce;
	EVP_CIPHER_CTX *ctx;
	int done, rest;

	BUG_ON(n > INT_MAX);
	if (p == NULL)
		return;
	p[0] = SEAL_VERSION;
	p[1] = (uint8_t)id_len;
	memcpy(p + HEAD_LEN, r->id, id_len);
	nonce = p + head_len;
	text = nonce + NONCE_LEN;
	crypto_random(nonce, NONCE_LEN);
	ctx = start_gcm(r, true, nonce, p, head_len, context);
	must(EVP_CipherUpdate(ctx, text, &done, data, (int)n) == 1 &&
	     EVP_CipherFinal_ex(ctx, text + done, &rest) == 1 &&
	     EVP_CIPHER_CTX_ctrl(
		 ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, text + n) == 1);
	EVP_CIPHER_CTX_free(ctx);
	buf_grew(out, len);
}

/* The key that a sealed value names, or NULL; *head_len is set. */
static const struct ring_key *
sealed_key(
    const struct keyring *k, const uint8_t *p, size_t n, size_t *head_len)
{
	if (n < HEAD_LEN || n > INT_MAX || p[0] != SEAL_VERSION)
		return NULL;
	*head_len = HEAD_LEN + (size_t)p[1];
	if (n < *head_len + NONCE_LEN + TAG_LEN)
		return NULL;
	return find_key(k, (const char *)p + HEAD_LEN, p[1]);
}

enum err
keyring_open(const struct keyring *k, const char *context, const void *sealed,
    size_t n, struct buf *out, struct errinfo *ei)
{
	const uint8_t *p = sealed, *text;
	size_t head_len, len;
	const struct ring_key *r = sealed_key(k, p, n, &head_len);
	uint8_t tag[TAG_LEN], *room;
	EVP_CIPHER_CTX *ctx;
	int done, rest;
	bool ok;

	if (r == NULL)
		return err_set(ei, ERR_INVALID,
		    "sealed under a key that is not in the key file, or not "
		    "a sealed value");
	text = p + head_len + NONCE_LEN;
	len = n - head_len - NONCE_LEN - TAG_LEN;
	room = (uint8_t *)buf_room(out, len);
	if (room == NULL)
		return err_set(ei, ERR_INVALID, "longer than it may be");
	memcpy(tag, text + len, TAG_LEN);
	ctx = start_gcm(r, false, p + head_len, p, head_len, context);
	ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) ==
		 1 &&
	     EVP_CipherUpdate(ctx, room, &done, text, (int)len) == 1 &&
	     EVP_CipherFinal_ex(ctx, room + done, &rest) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (!ok) {
		mem_wipe(room, len);
		return err_set(ei, ERR_INVALID,
		    "the sealed value was changed, or belongs elsewhere");
	}
	buf_grew(out, len);
	return ERR_OK;
}
