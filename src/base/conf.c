#include "config.h"

#include "base/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ini.h>

#include "base/buf.h"
#include "base/confval.h"
#include "base/mem.h"

#define NAME_MAX_BYTES 80 /* of a key or a variable */

/* ---- the file ------------------------------------------------------------ */

/* What libinih's two callbacks share.  Without a target only the lines of
 * the keys are noted. */
struct source {
	const struct conf_key *table;
	const char *path;
	void *target;
	const char *text, *end; /* what is left to read */
	int line;               /* the last one read */
	int lines[CONF_KEYS_MAX];
	enum err failed;
	struct errinfo *ei;
};

static size_t
distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_BYTES + 1], n = strlen(b);

	if (n > NAME_MAX_BYTES)
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < n; j++) {
			size_t best = corner + (a[i] != b[j]);

			corner = row[j + 1];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (corner + 1 < best)
				best = corner + 1;
			row[j + 1] = best;
		}
	}
	return row[n];
}

static enum err
unknown_key(const struct conf_key *table, const char *name, struct errinfo *ei)
{
	const char *near = NULL;
	size_t least = strlen(name) / 2 + 1;

	for (const struct conf_key *k = table; k->name != NULL; k++) {
		size_t d = distance(name, k->name);

		if (d < least) {
			least = d;
			near = k->name;
		}
	}
	if (near == NULL)
		return err_set(ei, ERR_INVALID, "unknown key '%.64s'", name);
	return err_set(ei, ERR_INVALID,
	    "unknown key '%.64s'; did you mean '%s'?", name, near);
}

static enum err
take(struct source *s, const char *name, const char *value)
{
	const struct conf_key *k = s->table;

	while (k->name != NULL && strcmp(k->name, name) != 0)
		k++;
	if (k->name == NULL)
		return unknown_key(s->table, name, s->ei);
	if (s->lines[k - s->table] != 0)
		return err_set(s->ei, ERR_INVALID, "%s: set already in line %d",
		    name, s->lines[k - s->table]);
	s->lines[k - s->table] = s->line;
	return s->target != NULL ? confval_set(k, value, s->target, s->ei)
				 : ERR_OK;
}

static int
on_pair(void *user, const char *section, const char *name, const char *value)
{
	struct source *s = user;

	if (*section != '\0')
		s->failed = err_set(s->ei, ERR_INVALID,
		    "there are no sections; leave out [%.64s]", section);
	else
		s->failed = take(s, name, value);
	return s->failed == ERR_OK;
}

/* fgets on the text; libinih asks for whole lines (CONF_LINE_MAX). */
static char *
next_line(char *out, int room, void *user)
{
	struct source *s = user;
	const char *nl;
	size_t n, left = (size_t)(s->end - s->text);

	if (left == 0 || s->failed != ERR_OK)
		return NULL;
	s->line++;
	nl = memchr(s->text, '\n', left);
	n = nl != NULL ? (size_t)(nl - s->text) + 1 : left;
	if (n > CONF_LINE_MAX || n >= (size_t)room)
		s->failed = err_set(s->ei, ERR_INVALID,
		    "the line is longer than %d bytes", CONF_LINE_MAX);
	else if (memchr(s->text, '\0', n) != NULL)
		s->failed =
		    err_set(s->ei, ERR_INVALID, "the line holds a NUL byte");
	if (s->failed != ERR_OK)
		return NULL;
	memcpy(out, s->text, n);
	out[n] = '\0';
	s->text += n;
	return out;
}

static enum err
parse_text(struct source *s)
{
	int rc;

	ini_allow_multiline = false;
	ini_allow_inline_comments = false;
	ini_allow_no_value = false;
	ini_allow_bom = true;
	ini_stop_on_first_error = true;
	ini_use_stack = false;
	ini_allow_realloc = false;
	ini_max_line = ini_initial_alloc = CONF_LINE_MAX + 3;
	rc = ini_parse_stream(next_line, s, on_pair, s);
	if (s->failed == ERR_OK && rc != 0)
		s->failed = err_set(
		    s->ei, ERR_INVALID, "not a line of the form name = value");
	if (s->failed != ERR_OK)
		err_at_file(s->ei, s->path, s->line);
	return s->failed;
}

static enum err
read_fd(int fd, struct buf *text, struct errinfo *ei)
{
	struct stat st;
	ssize_t n = 1;
	char *room;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return err_set(ei, ERR_INVALID, "it is a directory, no file");
	while (n != 0) {
		room = buf_room(text, 4096);
		if (room == NULL)
			return err_set(ei, ERR_INVALID,
			    "the file has more than %d bytes", CONF_FILE_MAX);
		n = read(fd, room, 4096);
		if (n < 0 && errno != EINTR)
			return err_set(
			    ei, ERR_INVALID, "the file cannot be read: %m");
		if (n > 0)
			buf_grew(text, (size_t)n);
	}
	return ERR_OK;
}

static enum err
read_source(struct source *s)
{
	struct buf text;
	int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum err e;

	if (fd < 0) {
		e = err_set(s->ei, ERR_INVALID, "the file cannot be read: %m");
		err_at_file(s->ei, s->path, 0);
		return e;
	}
	buf_init(&text, CONF_FILE_MAX + 4096);
	e = read_fd(fd, &text, s->ei);
	close(fd);
	s->text = text.data;
	s->end = text.data + text.len;
	if (e == ERR_OK)
		e = parse_text(s);
	else
		err_at_file(s->ei, s->path, 0);
	mem_wipe(text.data, text.cap);
	buf_fini(&text);
	return e;
}

/* ---- all sources --------------------------------------------------------- */

static void
env_name(const char *prefix, const struct conf_key *k, char *out)
{
	snprintf(out, NAME_MAX_BYTES, "%s_%s", prefix, k->name);
	for (char *p = out; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
}

static enum err
load_environment(const struct conf_key *table, const char *prefix, void *target,
    struct errinfo *ei)
{
	char name[NAME_MAX_BYTES];
	const char *value;

	for (const struct conf_key *k = table; k->name != NULL; k++) {
		env_name(prefix, k, name);
		value = getenv(name);
		if (value == NULL ||
		    confval_set(k, value, target, ei) == ERR_OK)
			continue;
		if (ei != NULL)
			err_where(ei, "%s", name);
		return ERR_INVALID;
	}
	return ERR_OK;
}

enum err
conf_load(const struct conf_key *table, const char *path,
    const char *env_prefix, void *target, struct errinfo *ei)
{
	struct source s = {
	    .table = table, .path = path, .target = target, .ei = ei};
	enum err e;

	for (const struct conf_key *k = table; k->name != NULL; k++) {
		BUG_ON(k - table >= CONF_KEYS_MAX);
		/* a fallback that breaks its own rule is our bug */
		BUG_ON(confval_set(k, k->fallback, target, NULL) != ERR_OK);
	}
	if (path != NULL && (e = read_source(&s)) != ERR_OK)
		return e;
	return load_environment(table, env_prefix, target, ei);
}

void
conf_show(const struct conf_key *table, const char *path,
    const char *env_prefix, const void *target, FILE *out)
{
	struct source s = {.table = table, .path = path};
	char name[NAME_MAX_BYTES];

	if (path != NULL)
		read_source(&s); /* for its lines */
	for (const struct conf_key *k = table; k->name != NULL; k++) {
		int line = s.lines[k - table];

		env_name(env_prefix, k, name);
		fprintf(out, "# %s (from ", k->help != NULL ? k->help : "");
		if (getenv(name) != NULL)
			fprintf(out, "%s)\n", name);
		else if (line != 0)
			fprintf(out, "%s:%d)\n", path, line);
		else
			fprintf(out, "default)\n");
		confval_show(k, target, out);
	}
}

void
conf_free(const struct conf_key *table, void *target)
{
	for (const struct conf_key *k = table; k->name != NULL; k++)
		confval_free(k, target);
}
