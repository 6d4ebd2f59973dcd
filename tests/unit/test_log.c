#include "config.h"

#include <string.h>
#include <sys/wait.h>

#include "base/err.h"
#include "base/log.h"

#include "tap.h"
#include "tmpfile.h"

static char got[8192];
static int status;

/* What f writes to stderr, in a child of its own. */
static void
capture(void (*f)(void))
{
	FILE *file = fopen(tmp_path, "w+");
	char want[64];
	size_t n;
	pid_t pid;

	assert_non_null(file);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fileno(file), STDERR_FILENO);
		f();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	rewind(file);
	n = fread(got, 1, sizeof(got) - 1, file);
	got[n] = '\0';
	fclose(file);
	/* every line begins with the program and its pid */
	snprintf(want, sizeof(want), "prog=unit pid=%d ", (int)pid);
	for (char *p = got; (p = strstr(p, want)) != NULL;)
		memmove(p, p + strlen(want), strlen(p + strlen(want)) + 1);
}

static void
some_fields(void)
{
	log_init("unit", LOG_INFO);
	log_info(F_STR("msg", "claimed"), F_INT("events", -7),
	    F_STR("none", NULL), F_STR("empty", ""));
}

static void
a_line_holds_its_fields_in_order(void **state)
{
	(void)state;
	capture(some_fields);
	assert_string_equal(
	    got, "msg=claimed events=-7 none=\"\" empty=\"\"\n");
}

static void
hostile_values(void)
{
	log_init("unit", LOG_INFO);
	log_info(F_STR("a", "two words"), F_STR("b", "x\nprog=forged"),
	    F_STR("c", "say \"hi\"\\"), F_STR("d", "k=v"),
	    F_STR("e", "\x1b[31m\x7f"), F_STR("f", "\xc3\xa4"));
}

static void
no_value_can_forge_a_line_or_a_field(void **state)
{
	(void)state;
	capture(hostile_values);
	assert_string_equal(got,
	    "a=\"two words\" b=\"x\\x0aprog=forged\" "
	    "c=\"say \\\"hi\\\"\\\\\" d=\"k=v\" e=\"\\x1b[31m\\x7f\" "
	    "f=\xc3\xa4\n");
}

static void
all_levels(void)
{
	log_init("unit", LOG_WARNING);
	log_error(F_STR("msg", "e"));
	log_warning(F_STR("msg", "w"));
	log_notice(F_STR("msg", "n"));
	log_set_level(LOG_DEBUG);
	log_debug(F_STR("msg", "d"));
	log_info(F_STR("msg", "i"));
}

static void
less_urgent_levels_are_left_out(void **state)
{
	(void)state;
	capture(all_levels);
	assert_string_equal(got, "msg=e\nmsg=w\nmsg=d\nmsg=i\n");
}

static void
a_long_value(void)
{
	static char text[9000];

	memset(text, '\n', sizeof(text) - 1);
	log_init("unit", LOG_INFO);
	log_info(F_STR("msg", text), F_STR("more", text));
}

static void
a_long_line_is_cut_and_still_ends(void **state)
{
	(void)state;
	capture(a_long_value);
	assert_true(strlen(got) < 4096);
	assert_true(strlen(got) > 4000);
	assert_ptr_equal(strchr(got, '\n'), got + strlen(got) - 1);
}

static void
to_the_journal(void)
{
	struct stat st;
	char stream[64];

	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_init("unit", LOG_INFO);
	log_error(F_STR("msg", "e"));
	log_info(F_STR("msg", "i"));
	/* redirected since: the variable is inherited all the same */
	setenv("JOURNAL_STREAM", "8:999999999", 1);
	log_init("unit", LOG_INFO);
	log_info(F_STR("msg", "plain"));
}

static void
the_journal_gets_priorities_and_nobody_else(void **state)
{
	(void)state;
	capture(to_the_journal);
	assert_string_equal(got, "<3>msg=e\n<6>msg=i\nmsg=plain\n");
}

static void
a_fatal_error(void)
{
	log_init("unit", LOG_ERR);
	fatal(F_STR("msg", "no database configured"));
}

static void
fatal_says_why_and_exits_with_70(void **state)
{
	(void)state;
	capture(a_fatal_error);
	assert_string_equal(got, "msg=\"no database configured\"\n");
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 70);
}

static void
a_bug(void)
{
	log_init("unit", LOG_ERR);
	BUG_ON(1 + 1 == 2);
}

static void
a_bug_says_where_and_aborts(void **state)
{
	(void)state;
	capture(a_bug);
	assert_int_equal(strncmp(got, "msg=bug file=", 13), 0);
	assert_non_null(strstr(got, "test_log.c line="));
	assert_non_null(strstr(got, "condition=\"1 + 1 == 2\"\n"));
	assert_true(WIFSIGNALED(status));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    tmp_test(a_line_holds_its_fields_in_order),
	    tmp_test(no_value_can_forge_a_line_or_a_field),
	    tmp_test(less_urgent_levels_are_left_out),
	    tmp_test(a_long_line_is_cut_and_still_ends),
	    tmp_test(the_journal_gets_priorities_and_nobody_else),
	    tmp_test(fatal_says_why_and_exits_with_70),
	    tmp_test(a_bug_says_where_and_aborts)};

	return tap_run(tests);
}
