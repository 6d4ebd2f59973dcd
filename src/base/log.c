#include "config.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_LINE_MAX 4096

static struct {
	const char *prog;
	enum log_level max;
	bool journal;
} conf = {"ewa", LOG_INFO, false};

struct line {
	char text[LOG_LINE_MAX];
	size_t len;
};

/* JOURNAL_STREAM is "DEVICE:INODE" of what systemd gave us as stderr; a
 * program that has redirected its own still inherits the variable. */
static bool
stderr_is_journal(void)
{
	const char *s = getenv("JOURNAL_STREAM");
	char mine[64];
	struct stat st;

	if (s == NULL || fstat(STDERR_FILENO, &st) != 0)
		return false;
	snprintf(mine, sizeof(mine), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(s, mine) == 0;
}

void
log_init(const char *prog, enum log_level max)
{
	conf.prog = prog;
	conf.max = max;
	conf.journal = stderr_is_journal();
}

void
log_set_level(enum log_level max)
{
	conf.max = max;
}

static void
put(struct line *l, const char *s, size_t n)
{
	size_t room = LOG_LINE_MAX - 1 - l->len; /* keeps one for the newline */

	if (n > room)
		n = room;
	memcpy(l->text + l->len, s, n);
	l->len += n;
}

static void
put_quoted(struct line *l, const char *s)
{
	char esc[8];

	put(l, "\"", 1);
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\') {
			put(l, "\\", 1);
			put(l, s, 1);
		} else if (c < 0x20 || c == 0x7f) {
			snprintf(esc, sizeof(esc), "\\x%02x", c);
			put(l, esc, 4);
		} else {
			put(l, s, 1);
		}
	}
	put(l, "\"", 1);
}

static bool
is_plain(const char *s)
{
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if ((unsigned char)*s <= 0x20 || *s == '"' || *s == '\\' ||
		    *s == '=' || (unsigned char)*s == 0x7f)
			return false;
	return true;
}

static void
put_value(struct line *l, const struct log_field *f)
{
	const char *s = f->str != NULL ? f->str : "";
	char num[24];

	if (f->type == LOG_FIELD_INT) {
		snprintf(num, sizeof(num), "%" PRId64, f->num);
		put(l, num, strlen(num));
	} else if (is_plain(s)) {
		put(l, s, strlen(s));
	} else {
		put_quoted(l, s);
	}
}

void
log_write(enum log_level level, const struct log_field *fields)
{
	struct line l = {.len = 0};
	char head[64];

	if (level > conf.max)
		return;
	if (conf.journal) {
		snprintf(head, sizeof(head), "<%d>", (int)level);
		put(&l, head, strlen(head));
	}
	snprintf(
	    head, sizeof(head), "prog=%s pid=%d", conf.prog, (int)getpid());
	put(&l, head, strlen(head));
	for (; fields->name != NULL; fields++) {
		put(&l, " ", 1);
		put(&l, fields->name, strlen(fields->name));
		put(&l, "=", 1);
		put_value(&l, fields);
	}
	l.text[l.len++] = '\n';
	if (write(STDERR_FILENO, l.text, l.len) < 0)
		return; /* nowhere left to say it */
}

void
log_exit(void)
{
	/* no exit handlers: other threads still use what they tear down */
	_exit(70); /* EX_SOFTWARE */
}
