#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "base/log.h"
#include "domain/settings.h"

#include "tap.h"
#include "tmpfile.h"

static struct settings s;

static int
setup(void **state)
{
	/* EWA_ variables of the session that runs the tests */
	for (char **e = environ; *e != NULL;) {
		char name[128];

		if (strncmp(*e, SETTINGS_ENV_PREFIX "_", 4) != 0) {
			e++;
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(*e, "="), *e);
		unsetenv(name);
		e = environ;
	}
	return tmp_setup(state);
}

static int
teardown(void **state)
{
	settings_free(&s);
	return tmp_teardown(state);
}

#define settings_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void
load(const char *text)
{
	struct errinfo ei;

	settings_free(&s);
	tmp_write_str(text, 0600);
	if (settings_load(tmp_path, &s, &ei) != ERR_OK)
		fail_msg("%s: %s", ei.where, ei.detail);
}

static void
an_empty_file_gives_the_defaults(void **state)
{
	(void)state;
	load("");
	assert_string_equal(s.database, "dbname=ewa");
	assert_string_equal(s.responder_user, "ewa_responder");
	assert_string_equal(s.dispatcher_user, "ewa_dispatcher");
	assert_string_equal(s.ctl_user, "ewa_owner");
	assert_string_equal(s.public_url, "");
	assert_int_equal(s.database_wait_ms, 3000);
	assert_int_equal(s.connect_timeout_ms, 5000);
	assert_int_equal(s.attempt_timeout_ms, 30000);
	assert_int_equal(s.reply_horizon_ms, 24 * 3600 * 1000);
	assert_int_equal(s.lease_ms, 20000);
	assert_true(s.retention_ms == INT64_C(30) * 86400 * 1000);
	assert_string_equal(s.reply_networks, "private");
}

static void
a_wrong_key_names_its_line(void **state)
{
	struct errinfo ei;
	char where[96];

	(void)state;
	tmp_write_str("# ours\ndatabse = dbname=x\n", 0600);
	assert_int_equal(settings_load(tmp_path, &s, &ei), ERR_INVALID);
	snprintf(where, sizeof(where), "%s:2", tmp_path);
	assert_string_equal(ei.where, where);
	assert_string_equal(
	    ei.detail, "unknown key 'databse'; did you mean 'database'?");
}

static void
a_wrong_value_names_its_line_and_key(void **state)
{
	struct errinfo ei;
	char where[96];

	(void)state;
	tmp_write_str("database = dbname=x\n\nlease = 20\n", 0600);
	assert_int_equal(settings_load(tmp_path, &s, &ei), ERR_INVALID);
	snprintf(where, sizeof(where), "%s:3", tmp_path);
	assert_string_equal(ei.where, where);
	assert_int_equal(strncmp(ei.detail, "lease: '20' is not", 18), 0);
}

static void
the_environment_goes_over_the_file(void **state)
{
	struct errinfo ei;

	(void)state;
	setenv("EWA_LEASE", "40s", 1);
	load("lease = 30s\npoll = 2s\n");
	assert_int_equal(s.lease_ms, 40000);
	assert_int_equal(s.poll_ms, 2000);
	setenv("EWA_LEASE", "soon", 1);
	settings_free(&s);
	assert_int_equal(settings_load(tmp_path, &s, &ei), ERR_INVALID);
	assert_string_equal(ei.where, "EWA_LEASE");
}

static void
ewa_config_names_the_file_unless_the_caller_does(void **state)
{
	(void)state;
	tmp_write_str("workers = 7\n", 0600);
	setenv("EWA_CONFIG", tmp_path, 1);
	assert_int_equal(settings_load(NULL, &s, NULL), ERR_OK);
	assert_int_equal(s.workers, 7);
	settings_free(&s);
	setenv("EWA_CONFIG", "/nonexistent/ewa.conf", 1);
	assert_int_equal(settings_load(tmp_path, &s, NULL), ERR_OK);
	settings_free(&s);
	assert_int_equal(settings_load(NULL, &s, NULL), ERR_INVALID);
}

/* Each key's name is taken from the table by the variable and the file. */
static void
every_key_can_be_set_to_its_default(void **state)
{
	static char text[8192];
	size_t len = 0;

	(void)state;
	for (const struct conf_key *k = settings_table; k->name != NULL; k++) {
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s = %s\n", k->name, k->fallback);
		assert_true(k->help != NULL && *k->help != '\0');
	}
	assert_true(len < sizeof(text));
	load(text);
	assert_string_equal(s.database, "dbname=ewa");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    settings_test(an_empty_file_gives_the_defaults),
	    settings_test(a_wrong_key_names_its_line),
	    settings_test(a_wrong_value_names_its_line_and_key),
	    settings_test(the_environment_goes_over_the_file),
	    settings_test(ewa_config_names_the_file_unless_the_caller_does),
	    settings_test(every_key_can_be_set_to_its_default)};

	return tap_run(tests);
}
