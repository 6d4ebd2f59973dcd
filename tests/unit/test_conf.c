#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"

#include "tap.h"
#include "tmpfile.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PREFIX "UNITCONF"

struct target {
	char *name;
	char *password;
	int64_t workers;
	int64_t wait_ms;
	int64_t memory;
	bool on;
	int level;
};

static enum err
no_spaces(const char *value, struct errinfo *ei)
{
	return strchr(value, ' ') == NULL
		   ? ERR_OK
		   : err_set(ei, ERR_INVALID, "must not hold spaces");
}

static const char *const levels[] = {"low", "middle", "high", NULL};

/* clang-format off */
static const struct conf_key table[] = {
	{"name", CONF_STR, offsetof(struct target, name), "ewa",
	    .check = no_spaces, .help = "what it is called"},
	{"password", CONF_STR, offsetof(struct target, password), "",
	    .secret = true, .help = "never shown"},
	{"workers", CONF_INT, offsetof(struct target, workers), "8",
	    .min = 1, .max = 64},
	{"database_wait", CONF_DURATION, offsetof(struct target, wait_ms),
	    "3s", .min = 0, .max = 3600000},
	{"memory_max", CONF_SIZE, offsetof(struct target, memory), "64M",
	    .min = 1024, .max = INT64_C(1) << 40},
	{"on", CONF_BOOL, offsetof(struct target, on), "no",
	    .help = "a switch"},
	{"level", CONF_CHOICE, offsetof(struct target, level), "middle",
	    .choices = levels},
	{NULL}
};
/* clang-format on */

static struct target t;

static int
setup(void **state)
{
	static const char *const vars[] = {"NAME", "PASSWORD", "WORKERS",
	    "DATABASE_WAIT", "MEMORY_MAX", "ON", "LEVEL"};
	char var[64];

	for (size_t i = 0; i < COUNT(vars); i++) {
		snprintf(var, sizeof(var), PREFIX "_%s", vars[i]);
		unsetenv(var);
	}
	return tmp_setup(state);
}

static int
teardown(void **state)
{
	conf_free(table, &t);
	return tmp_teardown(state);
}

#define conf_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void
load(const char *text)
{
	struct errinfo ei;

	tmp_write_str(text, 0600);
	if (conf_load(table, tmp_path, PREFIX, &t, &ei) != ERR_OK)
		fail_msg("%s: %s", ei.where, ei.detail);
}

static void
refused_bytes(const char *text, size_t n, int line, const char *why)
{
	struct errinfo ei = {.where = ""};
	char where[96];

	tmp_write(text, n, 0600);
	if (conf_load(table, tmp_path, PREFIX, &t, &ei) != ERR_INVALID)
		fail_msg("taken: %s", text);
	snprintf(where, sizeof(where), "%s:%d", tmp_path, line);
	assert_string_equal(ei.where, where);
	assert_string_equal(ei.detail, why);
	assert_int_equal(
	    conf_load(table, tmp_path, PREFIX, &t, NULL), ERR_INVALID);
}

static void
refused(const char *text, int line, const char *why)
{
	refused_bytes(text, strlen(text), line, why);
}

static void
without_a_file_the_defaults_hold(void **state)
{
	(void)state;
	assert_int_equal(conf_load(table, NULL, PREFIX, &t, NULL), ERR_OK);
	assert_string_equal(t.name, "ewa");
	assert_string_equal(t.password, "");
	assert_int_equal(t.workers, 8);
	assert_int_equal(t.wait_ms, 3000);
	assert_int_equal(t.memory, 64 << 20);
	assert_false(t.on);
	assert_int_equal(t.level, 1);
}

static void
the_file_goes_over_the_defaults(void **state)
{
	(void)state;
	load("\xef\xbb\xbf# a comment\r\n"
	     "; another\n"
	     "\n"
	     "  name = some-thing;no#comment  \r\n"
	     "password=p = w; x\n"
	     "workers: 64\n"
	     "database_wait = 500ms\n"
	     "memory_max = 2g\n"
	     "on = Yes\n"
	     "level = high");
	assert_string_equal(t.name, "some-thing;no#comment");
	assert_string_equal(t.password, "p = w; x");
	assert_int_equal(t.workers, 64);
	assert_int_equal(t.wait_ms, 500);
	assert_true(t.memory == INT64_C(2) << 30);
	assert_true(t.on);
	assert_int_equal(t.level, 2);
}

static void
the_environment_goes_over_the_file(void **state)
{
	(void)state;
	setenv(PREFIX "_WORKERS", "3", 1);
	setenv(PREFIX "_NAME", "", 1);
	load("workers = 5\nname = file\non = yes\n");
	assert_int_equal(t.workers, 3);
	assert_string_equal(t.name, "");
	assert_true(t.on);
	setenv(PREFIX "_UNKNOWN", "x", 1); /* other programs' variables */
	load("workers = 5\n");
	unsetenv(PREFIX "_UNKNOWN");
}

static void
an_old_struct_can_be_loaded_again(void **state)
{
	(void)state;
	load("name = one\nworkers = 2\n");
	load("name = two\n");
	assert_string_equal(t.name, "two");
	assert_int_equal(t.workers, 8);
}

static void
units_of_time_and_size_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} times[] = {
	    {"0",   0      },
            {"0s",  0      },
            {"1ms", 1      },
            {"1s",  1000   },
            {"2m",  120000 },
	    {"1h",  3600000},
            {"1H",  3600000},
            {"2M",  120000 },
            {"7MS", 7      }
        };
	static const struct {
		const char *text;
		int64_t bytes;
	} sizes[] = {
	    {"1024", 1024   },
            {"1k",   1024   },
            {"1K",   1024   },
            {"3M",   3 << 20},
	    {"3m",   3 << 20},
            {"1G",   1 << 30}
        };

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		setenv(PREFIX "_DATABASE_WAIT", times[i].text, 1);
		load("");
		assert_int_equal(t.wait_ms, times[i].ms);
	}
	for (size_t i = 0; i < COUNT(sizes); i++) {
		setenv(PREFIX "_MEMORY_MAX", sizes[i].text, 1);
		load("");
		assert_int_equal(t.memory, sizes[i].bytes);
	}
}

static void
yes_and_no_have_three_spellings_in_any_case(void **state)
{
	static const char *const yes[] = {"yes", "true", "on", "YES", "On"};
	static const char *const no[] = {"no", "false", "off", "FALSE"};

	(void)state;
	for (size_t i = 0; i < COUNT(yes); i++) {
		setenv(PREFIX "_ON", yes[i], 1);
		load("");
		assert_true(t.on);
	}
	for (size_t i = 0; i < COUNT(no); i++) {
		setenv(PREFIX "_ON", no[i], 1);
		load("on = yes");
		assert_false(t.on);
	}
}

static void
a_wrong_key_names_its_line_and_the_nearest(void **state)
{
	(void)state;
	refused("workers = 1\n\n# c\nworker = 2\n", 4,
	    "unknown key 'worker'; did you mean 'workers'?");
	refused("databse_wait = 2s\n", 1,
	    "unknown key 'databse_wait'; did you mean 'database_wait'?");
	refused("\nnmae = x\n", 2, "unknown key 'nmae'; did you mean 'name'?");
	refused("\nWORKERS = 1\n", 2, "unknown key 'WORKERS'");
	refused("zzzzzz = 1\n", 1, "unknown key 'zzzzzz'");
	refused("= 1\n", 1, "unknown key ''");
}

static void
a_wrong_value_names_its_line_and_key(void **state)
{
	static const char *const numbers[] = {
	    "", "x", "1x", "+1", " ", "0x10", "1.5", "1 2", "8 ; eight", "1k"};

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		char text[64], why[128];

		snprintf(
		    text, sizeof(text), "on = yes\nworkers = %s", numbers[i]);
		snprintf(why, sizeof(why),
		    "workers: '%s' is not a whole number",
		    numbers[i][0] == ' ' ? "" : numbers[i]);
		refused(text, 2, why);
	}
	refused("database_wait = 3", 1,
	    "database_wait: '3' is not a number with its unit, such as "
	    "500ms, 3s, 5m, 24h or 30d");
	refused("database_wait = PT3S", 1,
	    "database_wait: 'PT3S' is not a number with its unit, such as "
	    "500ms, 3s, 5m, 24h or 30d");
	refused("memory_max = 1kb", 1,
	    "memory_max: '1kb' is not a number of bytes, such as 65536, 64k "
	    "or 16M");
	refused("on = maybe", 1, "on: 'maybe' is neither yes nor no");
	refused("level = higher", 1,
	    "level: 'higher' is none of low, middle, high");
	refused("name = two words", 1, "name: must not hold spaces");
	refused("name = \xff", 1, "name: the value is not UTF-8");
}

static void
a_number_out_of_range_is_told_the_range_in_its_unit(void **state)
{
	static const char *const wide[] = {
	    "0", "65", "-1", "99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < COUNT(wide); i++) {
		char text[64], why[128];

		snprintf(text, sizeof(text), "workers = %s", wide[i]);
		snprintf(why, sizeof(why),
		    "workers: '%s' is out of range; it must be from 1 to 64",
		    wide[i]);
		refused(text, 1, why);
	}
	refused("database_wait = 61m", 1,
	    "database_wait: '61m' is out of range; it must be from 0ms to "
	    "1h");
	refused("database_wait = 9223372036854775807d", 1,
	    "database_wait: '9223372036854775807d' is out of range; it must "
	    "be from 0ms to 1h");
	refused("memory_max = 1023", 1,
	    "memory_max: '1023' is out of range; it must be from 1k to "
	    "1024G");
}

static void
a_key_that_comes_twice_is_refused(void **state)
{
	(void)state;
	refused("workers = 1\non = no\nworkers = 1\n", 3,
	    "workers: set already in line 1");
}

static void
sections_and_other_lines_are_refused(void **state)
{
	(void)state;
	refused("[main]\nworkers = 1\n", 2,
	    "there are no sections; leave out [main]");
	refused("workers = 1\njust words\n", 2,
	    "not a line of the form name = value");
	refused("[main\n", 1, "not a line of the form name = value");
	refused_bytes("name = a\0b\n", 11, 1, "the line holds a NUL byte");
}

static void
a_line_of_4096_bytes_is_taken_and_4097_refused(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 8192);
	buf_adds(&b, "name = ");
	while (b.len < CONF_LINE_MAX)
		buf_addc(&b, 'x');
	b.data[CONF_LINE_MAX - 1] = '\n';
	load(b.data);
	assert_int_equal(strlen(t.name), CONF_LINE_MAX - 8);
	b.data[CONF_LINE_MAX - 1] = 'x';
	buf_adds(&b, "\nworkers = 3\n");
	refused(b.data, 1, "the line is longer than 4096 bytes");
	buf_fini(&b);
}

static void
a_long_file_is_refused(void **state)
{
	struct buf b;
	struct errinfo ei;

	(void)state;
	buf_init(&b, CONF_FILE_MAX + 8192);
	while (b.len <= CONF_FILE_MAX + 4096)
		buf_adds(&b, "# comment\n");
	tmp_write(b.data, b.len, 0600);
	assert_int_equal(
	    conf_load(table, tmp_path, PREFIX, &t, &ei), ERR_INVALID);
	assert_string_equal(ei.where, tmp_path);
	assert_string_equal(ei.detail, "the file has more than 262144 bytes");
	buf_fini(&b);
}

static void
a_file_that_cannot_be_read_is_named(void **state)
{
	struct errinfo ei;

	(void)state;
	assert_int_equal(
	    conf_load(table, tmp_path, PREFIX, &t, &ei), ERR_INVALID);
	assert_string_equal(ei.where, tmp_path);
	assert_string_equal(
	    ei.detail, "the file cannot be read: No such file or directory");
	assert_int_equal(
	    conf_load(table, tmp_dir, PREFIX, &t, &ei), ERR_INVALID);
	assert_string_equal(ei.where, tmp_dir);
	assert_string_equal(ei.detail, "it is a directory, no file");
}

static void
a_wrong_variable_is_named(void **state)
{
	struct errinfo ei;

	(void)state;
	setenv(PREFIX "_WORKERS", "many", 1);
	assert_int_equal(conf_load(table, NULL, PREFIX, &t, &ei), ERR_INVALID);
	assert_string_equal(ei.where, PREFIX "_WORKERS");
	assert_string_equal(ei.detail, "workers: 'many' is not a whole number");
	assert_int_equal(conf_load(table, NULL, PREFIX, &t, NULL), ERR_INVALID);
}

static char *
shown(void)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	conf_show(table, tmp_path, PREFIX, &t, f);
	fclose(f);
	return text;
}

static void
values_are_shown_with_where_they_came_from(void **state)
{
	char want[1024], *text;

	(void)state;
	setenv(PREFIX "_MEMORY_MAX", "131072", 1);
	load("# c\npassword = hunter2\n\ndatabase_wait = 90000ms\non = true\n");
	text = shown();
	snprintf(want, sizeof(want),
	    "# what it is called (from default)\nname = ewa\n"
	    "# never shown (from %s:2)\n# password = (set)\n"
	    "#  (from default)\nworkers = 8\n"
	    "#  (from %s:4)\ndatabase_wait = 90s\n"
	    "#  (from " PREFIX "_MEMORY_MAX)\nmemory_max = 128k\n"
	    "# a switch (from %s:5)\non = yes\n"
	    "#  (from default)\nlevel = middle\n",
	    tmp_path, tmp_path, tmp_path);
	assert_string_equal(text, want);
	free(text);
}

static void
what_is_shown_can_be_the_file(void **state)
{
	char *first, *second;

	(void)state;
	load(
	    "password = x\nworkers = 7\ndatabase_wait = 1500ms\nlevel = low\n");
	first = shown();
	load(first);
	assert_int_equal(t.workers, 7);
	assert_int_equal(t.wait_ms, 1500);
	assert_int_equal(t.level, 0);
	second = shown();
	assert_string_equal(t.password, ""); /* never shown, so not there */
	assert_null(strstr(second, "default)\nworkers"));
	free(second);
	free(first);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    conf_test(without_a_file_the_defaults_hold),
	    conf_test(the_file_goes_over_the_defaults),
	    conf_test(the_environment_goes_over_the_file),
	    conf_test(an_old_struct_can_be_loaded_again),
	    conf_test(units_of_time_and_size_are_read),
	    conf_test(yes_and_no_have_three_spellings_in_any_case),
	    conf_test(a_wrong_key_names_its_line_and_the_nearest),
	    conf_test(a_wrong_value_names_its_line_and_key),
	    conf_test(a_number_out_of_range_is_told_the_range_in_its_unit),
	    conf_test(a_key_that_comes_twice_is_refused),
	    conf_test(sections_and_other_lines_are_refused),
	    conf_test(a_line_of_4096_bytes_is_taken_and_4097_refused),
	    conf_test(a_long_file_is_refused),
	    conf_test(a_file_that_cannot_be_read_is_named),
	    conf_test(a_wrong_variable_is_named),
	    conf_test(values_are_shown_with_where_they_came_from),
	    conf_test(what_is_shown_can_be_the_file)};

	return tap_run(tests);
}
