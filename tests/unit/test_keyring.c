#include "config.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "base/keyring.h"
#include "base/mem.h"

#include "hex.h"
#include "tap.h"
#include "tmpfile.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define KEY1 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" /* 0, 1, 2 ... */
#define KEY2 "//////////////////////////////////////////8="

static struct keyring *
ring(const char *text)
{
	struct keyring *k = NULL;
	struct errinfo ei;

	tmp_write_str(text, 0640);
	if (keyring_load(tmp_path, &k, &ei) != ERR_OK)
		fail_msg("%s: %s", ei.where, ei.detail);
	return k;
}

static void
keys_are_read_in_order_around_blanks_and_comments(void **state)
{
	struct keyring *k =
	    ring("# keys\n\n  new-2 \t" KEY2 " \r\n#old\nk1 " KEY1);

	(void)state;
	assert_int_equal(keyring_count(k), 2);
	assert_string_equal(keyring_id(k, 0), "new-2");
	assert_string_equal(keyring_id(k, 1), "k1");
	keyring_free(k);
}

/* Made by another implementation of HKDF and HMAC. */
static void
macs_are_those_of_the_derived_key(void **state)
{
	struct keyring *k = ring("k2 " KEY2 "\nk1 " KEY1 "\n");
	uint8_t mac[CRYPTO_MAC_LEN];

	(void)state;
	keyring_mac(k, 1, "token", 5, mac);
	assert_hex(mac, sizeof(mac),
	    "565e97b92553a44918131c56ebcadb57c328a9189c20c491e9e4bf12c6650680");
	keyring_mac(k, 0, "token", 5, mac);
	assert_int_not_equal(mac[0], 0x56);
	keyring_free(k);
}

/* Made by another implementation of HKDF and AES-256-GCM. */
static void
the_sealed_form_is_pinned(void **state)
{
	static const char sealed[] =
	    "\x01\x02k1defghijklmno\xca\x82\x7e\x9d\x53\xb0\x31\x98\x55\x07"
	    "\x09\xae\xce\x28\xc3\xba\x41\x57\x82\x85\x15\x17\x03\x5a\x24\xda"
	    "\x58\x00\x5b";
	struct keyring *k = ring("k2 " KEY2 "\nk1 " KEY1 "\n");
	struct errinfo ei;
	struct buf out;

	(void)state;
	buf_init(&out, 64);
	if (keyring_open(k, "reply-header:17", sealed, sizeof(sealed) - 1, &out,
		&ei) != ERR_OK)
		fail_msg("%s", ei.detail);
	assert_string_equal(out.data, "Bearer secret");
	buf_fini(&out);
	keyring_free(k);
}

static void
what_was_sealed_opens_again(void **state)
{
	static const char secret[] = "s3cret \0 and more";
	struct keyring *k = ring("k1 " KEY1 "\n");
	struct buf sealed, again, out;

	(void)state;
	buf_init(&sealed, 256);
	buf_init(&again, 256);
	buf_init(&out, 256);
	for (size_t n = 0; n <= sizeof(secret); n++) {
		buf_reset(&sealed);
		buf_reset(&again);
		buf_reset(&out);
		keyring_seal(k, "ctx", secret, n, &sealed);
		keyring_seal(k, "ctx", secret, n, &again);
		assert_true(sealed.len - n <= CRYPTO_SEALED_OVERHEAD);
		assert_memory_not_equal(sealed.data, again.data, sealed.len);
		assert_int_equal(
		    keyring_open(k, "ctx", sealed.data, sealed.len, &out, NULL),
		    ERR_OK);
		assert_int_equal(out.len, n);
		assert_memory_equal(out.data, secret, n);
	}
	buf_fini(&out);
	buf_fini(&again);
	buf_fini(&sealed);
	keyring_free(k);
}

static void
does_not_open(
    const struct keyring *k, const char *context, const void *data, size_t n)
{
	struct errinfo ei = {.detail = ""};
	struct buf out;

	buf_init(&out, 256);
	assert_int_equal(
	    keyring_open(k, context, data, n, &out, &ei), ERR_INVALID);
	assert_int_equal(out.len, 0);
	assert_string_not_equal(ei.detail, "");
	buf_fini(&out);
}

static void
every_changed_bit_and_every_cut_is_noticed(void **state)
{
	struct keyring *k = ring("k1 " KEY1 "\n");
	struct buf sealed;

	(void)state;
	buf_init(&sealed, 256);
	keyring_seal(k, "ctx", "secret", 6, &sealed);
	for (size_t i = 0; i < sealed.len * 8; i++) {
		sealed.data[i / 8] ^= (char)(1 << (i % 8));
		does_not_open(k, "ctx", sealed.data, sealed.len);
		sealed.data[i / 8] ^= (char)(1 << (i % 8));
	}
	for (size_t n = 0; n < sealed.len; n++) {
		void *copy = malloc(n > 0 ? n : 1);

		memcpy(copy, sealed.data, n);
		does_not_open(k, "ctx", copy, n);
		free(copy);
	}
	buf_addc(&sealed, 'x');
	does_not_open(k, "ctx", sealed.data, sealed.len);
	buf_fini(&sealed);
	keyring_free(k);
}

static void
another_context_does_not_open_it(void **state)
{
	struct keyring *k = ring("k1 " KEY1 "\n");
	struct buf sealed;

	(void)state;
	buf_init(&sealed, 256);
	keyring_seal(k, "reply-header:17", "secret", 6, &sealed);
	does_not_open(k, "reply-header:18", sealed.data, sealed.len);
	does_not_open(k, "reply-header:1", sealed.data, sealed.len);
	does_not_open(k, "", sealed.data, sealed.len);
	buf_fini(&sealed);
	keyring_free(k);
}

static void
old_keys_open_and_missing_ones_do_not(void **state)
{
	struct keyring *old = ring("k1 " KEY1 "\n"), *both, *other, *same_id;
	struct buf sealed, out;

	(void)state;
	both = ring("k2 " KEY2 "\nk1 " KEY1 "\n");
	other = ring("k2 " KEY2 "\n");
	same_id = ring("k1 " KEY2 "\n");
	buf_init(&sealed, 256);
	buf_init(&out, 256);
	keyring_seal(old, "ctx", "secret", 6, &sealed);
	assert_int_equal(
	    keyring_open(both, "ctx", sealed.data, sealed.len, &out, NULL),
	    ERR_OK);
	assert_string_equal(out.data, "secret");
	does_not_open(other, "ctx", sealed.data, sealed.len);
	does_not_open(same_id, "ctx", sealed.data, sealed.len);
	buf_reset(&sealed);
	keyring_seal(both, "ctx", "secret", 6, &sealed);
	does_not_open(old, "ctx", sealed.data, sealed.len); /* by k2 */
	buf_fini(&out);
	buf_fini(&sealed);
	keyring_free(same_id);
	keyring_free(other);
	keyring_free(both);
	keyring_free(old);
}

static void
a_buffers_maximum_is_kept(void **state)
{
	struct keyring *k = ring("k1 " KEY1 "\n");
	struct buf sealed, small;

	(void)state;
	buf_init(&sealed, 256);
	buf_init(&small, 5);
	keyring_seal(k, "ctx", "secret", 6, &sealed);
	assert_int_equal(
	    keyring_open(k, "ctx", sealed.data, sealed.len, &small, NULL),
	    ERR_INVALID);
	buf_reset(&small);
	keyring_seal(k, "ctx", "secret", 6, &small);
	assert_true(buf_failed(&small));
	buf_fini(&small);
	buf_fini(&sealed);
	keyring_free(k);
}

static void
refused(const char *where, const char *why)
{
	struct keyring *k = (struct keyring *)&k;
	struct errinfo ei = {.where = ""};
	char full[96];

	assert_int_equal(keyring_load(tmp_path, &k, &ei), ERR_INVALID);
	assert_null(k);
	snprintf(full, sizeof(full), "%s%s", tmp_path, where);
	assert_string_equal(ei.where, full);
	if (strstr(ei.detail, why) == NULL)
		fail_msg("%s", ei.detail);
	assert_null(strstr(ei.detail, "AAEC"));
	assert_int_equal(keyring_load(tmp_path, &k, NULL), ERR_INVALID);
}

static void
a_wrong_line_is_named_but_never_shown(void **state)
{
	static const char *const files[][3] = {
	    {"",						"",   "holds no key"       },
            {"# only this\n\n",                                 "",   "holds no key"       },
	    {"k1\n",					    ":1", "32 bytes in base64" },
	    {KEY1 "\n",					 ":1", "id is 1 to 16"      },
	    {"K1 " KEY1 "\n",				   ":1", "id is 1 to 16"      },
	    {"abcdefghijklmnopq " KEY1 "\n",                    ":1", "id is 1 to 16"      },
	    {"k1 AAECAwQFBgcICQoLDA0ODw==\n",                   ":1", "32 bytes in base64" },
	    {"k1 " KEY1 "AAAA\n",                               ":1", "32 bytes in base64" },
	    {"k1 " KEY1 " x\n",				 ":1", "32 bytes in base64" },
	    {"k1 !AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", ":1",
             "32 bytes in base64"							  },
	    {"#\nk1 " KEY1 "\n\nk1 " KEY2,                      ":4", "in the file already"}
        };

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		tmp_write_str(files[i][0], 0600);
		refused(files[i][1], files[i][2]);
	}
}

static void
sixteen_keys_are_taken_and_seventeen_refused(void **state)
{
	struct keyring *k;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (int i = 0; i < CRYPTO_KEYS_MAX; i++)
		buf_addf(&b, "k%d %s\n", i, KEY1);
	k = ring(b.data);
	assert_int_equal(keyring_count(k), CRYPTO_KEYS_MAX);
	keyring_free(k);
	buf_adds(&b, "more " KEY1);
	tmp_write_str(b.data, 0600);
	refused(":17", "too many keys");
	buf_fini(&b);
}

static void
a_file_that_others_can_read_or_write_is_refused(void **state)
{
	static const mode_t bad[] = {0644, 0604, 0602, 0601, 0660, 0620, 0666};
	static const mode_t good[] = {0640, 0600, 0400, 0440, 0740};
	struct keyring *k;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		tmp_write_str("k1 " KEY1 "\n", bad[i]);
		refused("", "others can get at it");
	}
	for (size_t i = 0; i < COUNT(good); i++) {
		tmp_write_str("k1 " KEY1 "\n", good[i]);
		assert_int_equal(keyring_load(tmp_path, &k, NULL), ERR_OK);
		keyring_free(k);
	}
}

static void
what_is_no_readable_small_file_is_refused(void **state)
{
	char big[KEYRING_FILE_MAX + 1];

	(void)state;
	refused("", "cannot be read: No such file");
	assert_int_equal(mkdir(tmp_path, 0700), 0);
	refused("", "is no file");
	assert_int_equal(rmdir(tmp_path), 0);
	assert_int_equal(mkfifo(tmp_path, 0600), 0); /* and does not hang */
	refused("", "is no file");
	memset(big, '\n', sizeof(big));
	tmp_write(big, sizeof(big), 0600);
	refused("", "more than 8192 bytes");
	tmp_write(big, sizeof(big) - 1, 0600);
	refused("", "holds no key");
}

static void
a_fresh_file_has_one_key_and_its_mode(void **state)
{
	struct keyring *k;
	struct errinfo ei;
	struct stat st;
	mode_t mask = umask(0);

	(void)state;
	assert_int_equal(keyring_create(tmp_path, &ei), ERR_OK);
	umask(mask);
	assert_int_equal(stat(tmp_path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(keyring_load(tmp_path, &k, &ei), ERR_OK);
	assert_int_equal(keyring_count(k), 1);
	assert_int_equal(strlen(keyring_id(k, 0)), 8);
	keyring_free(k);
}

static void
a_file_is_never_overwritten(void **state)
{
	struct errinfo ei;
	struct keyring *k;

	(void)state;
	tmp_write_str("k1 " KEY1 "\n", 0600);
	assert_int_equal(keyring_create(tmp_path, &ei), ERR_CONFLICT);
	assert_string_equal(ei.where, tmp_path);
	assert_int_equal(keyring_load(tmp_path, &k, NULL), ERR_OK);
	assert_string_equal(keyring_id(k, 0), "k1");
	keyring_free(k);
	assert_int_equal(keyring_create("/nonexistent/keys", &ei), ERR_INVALID);
	assert_string_equal(ei.where, "/nonexistent/keys");
}

/* Is it in memory that this process can write to? */
static bool
in_memory(const uint8_t *mask, size_t n)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	static uint8_t chunk[1 << 20];
	bool found = false;
	char line[512];

	assert_non_null(maps);
	assert_true(fd >= 0);
	while (!found && fgets(line, sizeof(line), maps) != NULL) {
		char *p;
		unsigned long from = strtoul(line, &p, 16);
		unsigned long to = strtoul(p + 1, &p, 16);

		/* the sanitizers' shadows are larger than any heap of ours */
		if (strncmp(p, " rw", 3) != 0 || to - from > 1ul << 28)
			continue;
		for (; !found && from < to; from += sizeof(chunk) - n) {
			size_t want = to - from;
			ssize_t got = pread(fd, chunk,
			    want < sizeof(chunk) ? want : sizeof(chunk),
			    (off_t)from);

			for (ssize_t i = 0; i + (ssize_t)n <= got; i++) {
				size_t j = 0;

				while (j < n && (chunk[i + (ssize_t)j] ^
						    0x5a) == mask[j])
					j++;
				found = found || j == n;
			}
			mem_wipe(chunk, sizeof(chunk));
		}
	}
	fclose(maps);
	close(fd);
	return found;
}

/* Write a fresh key to tmp_path; what is looked for is kept masked. */
static void
write_masked_key(uint8_t raw[32], uint8_t text[32])
{
	struct buf line;
	uint8_t key[32];
	int fd;

	buf_init(&line, 200);
	crypto_random(key, sizeof(key));
	buf_adds(&line, "k1 ");
	crypto_base64(key, sizeof(key), &line);
	for (size_t i = 0; i < 32; i++) {
		raw[i] = key[i] ^ 0x5a;
		text[i] = (uint8_t)line.data[3 + i] ^ 0x5a;
	}
	assert_true(in_memory(raw + 16, 16)); /* the search itself works */
	fd = open(tmp_path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_equal(write(fd, line.data, line.len), line.len);
	close(fd);
	mem_wipe(key, sizeof(key));
	mem_wipe(line.data, line.cap);
	buf_fini(&line);
}

static void
the_files_keys_are_nowhere_in_memory_after_loading(void **state)
{
	uint8_t raw[32], text[32], mac[CRYPTO_MAC_LEN];
	struct keyring *k = NULL;

	(void)state;
	write_masked_key(raw, text);
	assert_int_equal(keyring_load(tmp_path, &k, NULL), ERR_OK);
	keyring_mac(k, 0, "x", 1, mac);
	/* free() writes over a piece's first bytes, so the last are told */
	assert_false(in_memory(raw + 16, 16));
	assert_false(in_memory(text + 16, 16));
	keyring_free(k);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    tmp_test(keys_are_read_in_order_around_blanks_and_comments),
	    tmp_test(macs_are_those_of_the_derived_key),
	    tmp_test(the_sealed_form_is_pinned),
	    tmp_test(what_was_sealed_opens_again),
	    tmp_test(every_changed_bit_and_every_cut_is_noticed),
	    tmp_test(another_context_does_not_open_it),
	    tmp_test(old_keys_open_and_missing_ones_do_not),
	    tmp_test(a_buffers_maximum_is_kept),
	    tmp_test(a_wrong_line_is_named_but_never_shown),
	    tmp_test(sixteen_keys_are_taken_and_seventeen_refused),
	    tmp_test(a_file_that_others_can_read_or_write_is_refused),
	    tmp_test(what_is_no_readable_small_file_is_refused),
	    tmp_test(a_fresh_file_has_one_key_and_its_mode),
	    tmp_test(a_file_is_never_overwritten),
	    tmp_test(the_files_keys_are_nowhere_in_memory_after_loading)};

	keyring_free(NULL);
	return tap_run(tests);
}
