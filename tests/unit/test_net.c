#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "base/net.h"

#include "tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct net_cidr
cidr(const char *s)
{
	struct net_cidr n;
	struct errinfo ei;

	if (net_cidr_parse(s, &n, &ei) != ERR_OK)
		fail_msg("%s: %s", s, ei.detail);
	return n;
}

static void
networks_and_bare_addresses_are_taken(void **state)
{
	struct net_cidr n;

	(void)state;
	n = cidr("10.0.0.0/8");
	assert_int_equal(n.family, AF_INET);
	assert_int_equal(n.bits, 8);
	n = cidr("192.0.2.1");
	assert_int_equal(n.bits, 32);
	n = cidr("fd00::/8");
	assert_int_equal(n.family, AF_INET6);
	assert_int_equal(n.bits, 8);
	n = cidr("::1");
	assert_int_equal(n.bits, 128);
	assert_int_equal(cidr("0.0.0.0/0").bits, 0);
	assert_int_equal(cidr("::/0").bits, 0);
}

static void
other_text_is_refused_with_the_reason(void **state)
{
	static const char *const texts[][2] = {
	    {"",		    "not an IPv4 or IPv6 address"},
	    {"/8",                  "not an IPv4 or IPv6 address"},
	    {"10.0.0/8",            "not an IPv4 or IPv6 address"},
	    {"10.0.0.256/8",        "not an IPv4 or IPv6 address"},
	    {"127.1",               "not an IPv4 or IPv6 address"},
	    {" 10.0.0.0/8",         "not an IPv4 or IPv6 address"},
	    {"host/8",              "not an IPv4 or IPv6 address"},
	    {"[::1]",               "not an IPv4 or IPv6 address"},
	    {"fe80::1%eth0",        "not an IPv4 or IPv6 address"},
	    {"10.0.0.0/",           "from 0 to 32"               },
            {"10.0.0.0/33",         "from 0 to 32"               },
	    {"10.0.0.0/-1",         "from 0 to 32"               },
            {"10.0.0.0/+8",         "from 0 to 32"               },
	    {"10.0.0.0/08",         "from 0 to 32"               },
            {"10.0.0.0/8 ",         "from 0 to 32"               },
	    {"10.0.0.0/4294967304", "from 0 to 32"               },
	    {"fd00::/129",          "from 0 to 128"              },
	    {"::ffff:10.0.0.0/8",   "from 96 to 128"             },
	    {"10.0.0.1/8",          "bits are set behind"        },
	    {"10.128.0.0/8",        "bits are set behind"        },
	    {"128.0.0.0/0",         "bits are set behind"        },
	    {"fd00::1/8",           "bits are set behind"        },
	    {"2001:db8:8000::/32",  "bits are set behind"        }
        };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct net_cidr n;
		struct errinfo ei;

		if (net_cidr_parse(texts[i][0], &n, &ei) != ERR_INVALID)
			fail_msg("taken: %s", texts[i][0]);
		if (strstr(ei.detail, texts[i][1]) == NULL)
			fail_msg("%s: %s", texts[i][0], ei.detail);
	}
}

struct inside {
	const char *net, *addr;
	bool yes;
};

static void
an_address_is_inside_or_not(void **state)
{
	static const struct inside cases[] = {
	    {"10.0.0.0/8",           "10.255.255.255",   true },
	    {"10.0.0.0/8",           "11.0.0.0",         false},
	    {"10.0.0.0/8",           "9.255.255.255",    false},
	    {"172.16.0.0/12",        "172.31.255.255",   true },
	    {"172.16.0.0/12",        "172.32.0.0",       false},
	    {"192.0.2.1",            "192.0.2.1",        true },
            {"192.0.2.1",            "192.0.2.2",        false},
	    {"0.0.0.0/0",            "203.0.113.9",      true },
            {"0.0.0.0/0",            "::1",              false},
	    {"::/0",                 "127.0.0.1",        false},
            {"::/0",                 "2001:db8::1",      true },
	    {"fe80::/10",            "febf::1",          true },
            {"fe80::/10",            "fec0::1",          false},
	    {"fe80::/10",            "fe80::1%eth0",     true },
            {"::1",                  "::1",              true },
	    {"::1",                  "::2",              false},
            {"127.0.0.0/8",          "::ffff:127.0.0.1", true },
	    {"127.0.0.0/8",          "::ffff:7f00:1",    true },
	    {"::ffff:127.0.0.0/104", "127.1.2.3",        true },
	    {"::ffff:127.0.0.0/104", "::ffff:127.1.2.3", true },
	    {"::ffff:127.0.0.0/104", "128.1.2.3",        false},
	    {"10.0.0.0/8",           "10.0.0.1:80",      false},
            {"10.0.0.0/8",           "",                 false},
	    {"10.0.0.0/8",           "10.1",             false}
        };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct net_cidr n = cidr(cases[i].net);

		if (net_cidr_contains(&n, cases[i].addr) != cases[i].yes)
			fail_msg("%s in %s", cases[i].addr, cases[i].net);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(networks_and_bare_addresses_are_taken),
	    cmocka_unit_test(other_text_is_refused_with_the_reason),
	    cmocka_unit_test(an_address_is_inside_or_not)};

	return tap_run(tests);
}
