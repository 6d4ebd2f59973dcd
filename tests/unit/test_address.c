#include "config.h"

#include <stdio.h>
#include <string.h>

#include "domain/address.h"

#include "tap.h"

static struct address_rules
rules(const char *text)
{
	struct address_rules r;
	struct errinfo ei;

	if (address_rules_parse(text, &r, &ei) != ERR_OK)
		fail_msg("%s: %s", text, ei.detail);
	return r;
}

static void
expect(const char *text, bool allowed, const char *const *addresses)
{
	struct address_rules r = rules(text);
	char why[ADDRESS_WHY_MAX];

	for (; *addresses != NULL; addresses++) {
		why[0] = '\0';
		if (address_allowed(&r, *addresses, why) != allowed)
			fail_msg("%s: %s: expected %s", text, *addresses,
			    allowed ? "allowed" : "refused");
		if (!allowed)
			assert_non_null(strstr(why, "reply_networks"));
	}
}

static const char *const outside[] = {"1.1.1.1", "8.8.8.8", "11.0.0.0",
    "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0",
    "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
    "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
    "100.63.255.255", "100.128.0.0", "2606:4700::1111", "2001:4860::8888",
    "2a00::1", "::ffff:8.8.8.8", NULL};

static const char *const inside[] = {"10.0.0.0", "10.255.255.255", "172.16.0.0",
    "172.31.255.255", "192.168.0.1", "fc00::1", "fd12:3456::1",
    "::ffff:10.1.2.3", NULL};

/* PLATFORM's table, first and last of each, and their other spellings. */
static const char *const special[] = {"0.0.0.0", "0.255.255.255", "100.64.0.0",
    "100.127.255.255", "127.0.0.0", "127.0.0.1", "127.255.255.255",
    "169.254.0.0", "169.254.169.254", "169.254.255.255", "192.0.0.0",
    "192.0.0.255", "192.0.2.1", "192.88.99.1", "198.18.0.0", "198.19.255.255",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::127.0.0.1", "::10.0.0.1",
    "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254",
    "0:0:0:0:0:ffff:a9fe:a9fe", "64:ff9b::1", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1",
    "2001:db8::1", "2002::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "3fff::1",
    "3fff:fff:ffff::1", "5f00::1", "fd00:ec2::254", "fe80::1", "febf:ffff::1",
    "fec0::1", "ff00::1", "ff02::1", "ffff::1", NULL};

static void
private_calls_public_and_private_networks(void **state)
{
	(void)state;
	expect("private", true, outside);
	expect("private", true, inside);
	expect("private", false, special);
}

static void
public_calls_no_private_network(void **state)
{
	(void)state;
	expect("public", true, outside);
	expect("public", false, inside);
	expect("public", false, special);
}

static void
a_list_calls_its_networks_only(void **state)
{
	static const char *const in[] = {
	    "127.0.0.1", "::ffff:127.0.0.1", "127.9.9.9", "::1", NULL};

	(void)state;
	expect("127.0.0.0/8, ::1/128", true, in);
	expect("127.0.0.0/8, ::1/128", false, outside);
	expect("127.0.0.0/8, ::1/128", false, inside);
}

static void
words_and_networks_add_up(void **state)
{
	static const char *const in[] = {
	    "127.0.0.1", "8.8.8.8", "10.1.1.1", NULL};
	static const char *const not [] = {"10.2.1.1", "169.254.169.254", NULL};

	(void)state;
	expect("private 127.0.0.1", true, in);
	expect("public, 10.1.0.0/16,127.0.0.0/8", true, in);
	expect("public,10.1.0.0/16", false, not );
}

static void
an_address_within_an_address_is_judged_too(void **state)
{
	static const char *const in[] = {"64:ff9b::808:808", NULL};
	static const char *const not [] = {
	    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", NULL};
	static const char *const sixto4[] = {"2002:7f00:1::1", NULL};

	(void)state;
	expect("private, 64:ff9b::/96", true, in);
	expect("private, 64:ff9b::/96", false, not );
	expect("private, 2002::/16", false, sixto4);
}

static void
the_reason_names_the_network(void **state)
{
	struct address_rules r = rules("private");
	char why[ADDRESS_WHY_MAX];

	(void)state;
	assert_false(address_allowed(&r, "169.254.169.254", why));
	assert_string_equal(why,
	    "169.254.169.254 is not called (link-local, where clouds keep "
	    "credentials): the setting reply_networks would have to name its "
	    "network, 169.254.0.0/16");
	assert_false(address_allowed(&r, "localhost", why));
	assert_false(address_allowed(&r, "127.1", why));
}

static void
wrong_lists_are_refused(void **state)
{
	static const char *const lists[] = {"", " , ", "privat",
	    "private;public", "10.0.0.0/33", "10.0.0.1/8", "example.com",
	    "PRIVATE", NULL};
	struct errinfo ei;

	(void)state;
	for (const char *const *s = lists; *s != NULL; s++)
		if (address_check_networks(*s, &ei) != ERR_INVALID)
			fail_msg("\"%s\" was taken", *s);
	assert_int_equal(
	    address_check_networks("private,10.0.0.0/8 ::1", &ei), ERR_OK);
}

static void
more_networks_than_there_is_room_for_are_refused(void **state)
{
	char list[ADDRESS_NETWORKS_MAX * 12 + 32] = "";
	struct errinfo ei;
	size_t n = 0;

	(void)state;
	for (int i = 0; i <= ADDRESS_NETWORKS_MAX; i++)
		n += (size_t)snprintf(
		    list + n, sizeof(list) - n, "10.0.0.%d ", i);
	assert_int_equal(address_check_networks(list, &ei), ERR_INVALID);
}

static void
exceptions_of_the_proxy(void **state)
{
	static const char list[] = "example.com, .corp,10.0.0.0/8 ::1";

	(void)state;
	assert_true(address_excepted(list, "example.com"));
	assert_true(address_excepted(list, "example.com."));
	assert_true(address_excepted(list, "a.example.com"));
	assert_false(address_excepted(list, "badexample.com"));
	assert_false(address_excepted(list, "example.com.evil.net"));
	assert_true(address_excepted(list, "tickets.corp"));
	assert_true(address_excepted(list, "corp"));
	assert_true(address_excepted(list, "10.1.2.3"));
	assert_false(address_excepted(list, "11.1.2.3"));
	assert_true(address_excepted(list, "::1"));
	assert_true(address_excepted("*", "anything"));
	assert_false(address_excepted("", "anything"));
	assert_false(address_excepted(".", "anything"));
}

static void
name_servers_are_addresses(void **state)
{
	struct errinfo ei;

	(void)state;
	assert_int_equal(address_check_servers("", &ei), ERR_OK);
	assert_int_equal(address_check_servers("10.0.0.53", &ei), ERR_OK);
	assert_int_equal(
	    address_check_servers("127.0.0.1:5353,[::1]:53, ::1", &ei), ERR_OK);
	assert_int_equal(address_check_servers("ns.example", &ei), ERR_INVALID);
	assert_int_equal(address_check_servers("1.1.1.1:0", &ei), ERR_INVALID);
	assert_int_equal(
	    address_check_servers("1.1.1.1:70000", &ei), ERR_INVALID);
	assert_int_equal(address_check_servers("[::1]", &ei), ERR_INVALID);
	assert_int_equal(address_check_servers("[::1:53", &ei), ERR_INVALID);
}

static void
a_proxy_is_a_host_and_a_port(void **state)
{
	static const char *const wrong[] = {"proxy", "proxy:3128",
	    "https://proxy:3128", "socks5://proxy:1080", "http://",
	    "http://proxy:3128/path", "http://proxy:3128/?q",
	    "http://u:p@proxy:3128", "http://proxy:0", NULL};
	struct errinfo ei;

	(void)state;
	assert_int_equal(address_check_proxy("", &ei), ERR_OK);
	assert_int_equal(address_check_proxy("http://proxy:3128", &ei), ERR_OK);
	assert_int_equal(address_check_proxy("http://[::1]:8/", &ei), ERR_OK);
	for (const char *const *s = wrong; *s != NULL; s++)
		if (address_check_proxy(*s, &ei) == ERR_OK)
			fail_msg("%s was taken", *s);
	assert_int_not_equal(
	    address_check_proxy("http://u:secret@proxy", &ei), ERR_OK);
	assert_null(strstr(ei.detail, "secret"));
	assert_non_null(strstr(ei.detail, "reply_proxy_credentials"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(private_calls_public_and_private_networks),
	    cmocka_unit_test(public_calls_no_private_network),
	    cmocka_unit_test(a_list_calls_its_networks_only),
	    cmocka_unit_test(words_and_networks_add_up),
	    cmocka_unit_test(an_address_within_an_address_is_judged_too),
	    cmocka_unit_test(the_reason_names_the_network),
	    cmocka_unit_test(wrong_lists_are_refused),
	    cmocka_unit_test(more_networks_than_there_is_room_for_are_refused),
	    cmocka_unit_test(exceptions_of_the_proxy),
	    cmocka_unit_test(name_servers_are_addresses),
	    cmocka_unit_test(a_proxy_is_a_host_and_a_port),
	};

	return tap_run(tests);
}
