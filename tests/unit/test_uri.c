#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/uri.h"

#include "tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct good {
	const char *text, *scheme, *host;
	int port;
	const char *origin;
};

static void
scheme_host_port_and_origin_are_taken(void **state)
{
	static const struct good goods[] = {
	    {"http://h",                      "http",  "h",                     80,    "http://h:80"                    },
	    {"https://h/p?q=1",               "https", "h",                     443,   "https://h:443"                  },
	    {"HTTPS://Example.COM:8443",      "https", "example.com",           8443,
             "https://example.com:8443"										 },
	    {"http://h:65535/",               "http",  "h",                     65535, "http://h:65535"                 },
	    {"http://h:/x",                   "http",  "h",                     80,    "http://h:80"                    },
	    {"http://[2001:DB8::1]:81/",      "http",  "2001:db8::1",           81,
             "http://[2001:db8::1]:81"										  },
	    {"http://127.1/",                 "http",  "127.0.0.1",             80,    "http://127.0.0.1:80"            },
	    {"http://0x7f.1/",                "http",  "127.0.0.1",             80,    "http://127.0.0.1:80"            },
	    {"http://xn--bcher-kva.example/", "http",  "xn--bcher-kva.example",
             80,								       "http://xn--bcher-kva.example:80"},
	    {"http://h?x=http://user@other/", "http",  "h",                     80,    "http://h:80"                    }
        };

	(void)state;
	for (size_t i = 0; i < COUNT(goods); i++) {
		const struct good *g = &goods[i];
		struct errinfo ei;
		struct uri u;

		if (uri_parse(g->text, &u, &ei) != ERR_OK)
			fail_msg("%s: %s", g->text, ei.detail);
		assert_string_equal(u.scheme, g->scheme);
		assert_string_equal(u.host, g->host);
		assert_int_equal(u.port, g->port);
		assert_string_equal(u.origin, g->origin);
		uri_fini(&u);
	}
}

static void
refused(const char *text, const char *why)
{
	struct errinfo ei;
	struct uri u;

	if (uri_parse(text, &u, &ei) != ERR_UNPROCESSABLE)
		fail_msg("taken: %s", text);
	if (strstr(ei.detail, why) == NULL)
		fail_msg("%s: %s", text, ei.detail);
	assert_null(u.scheme);
	assert_null(u.host);
	assert_null(u.origin);
	assert_int_equal(uri_parse(text, &u, NULL), ERR_UNPROCESSABLE);
}

static void
other_text_is_refused_with_the_reason(void **state)
{
	static const char *const texts[][2] = {
	    {"",			 "begins with http"        },
            {"h",                        "begins with http"        },
	    {"//h/",		     "begins with http"        },
            {"ftp://h/",                 "begins with http"        },
	    {"file:///etc/passwd",       "begins with http"        },
	    {"http:/h",                  "begins with http"        },
            {"http:h",                   "begins with http"        },
	    {" http://h/",               "no blanks"               },
            {"http://h/a b",             "no blanks"               },
	    {"http://h/\r\nX: y",        "no blanks"               },
            {"http://h/\x7f",            "no blanks"               },
	    {"http://h/\xc3\xa4",        "no blanks"               },
	    {"http://b\xc3\xbc.example", "no blanks"               },
            {"http://",                  "no host"                 },
	    {"http:///h",                "no host"                 },
            {"http://?q",                "not a URL"               },
	    {"http://:80/",              "not a URL"               },
            {"http://a%2fb/",            "not a URL"               },
	    {"http://a%00b/",            "not a URL"               },
            {"http://a\\b/",             "not a URL"               },
	    {"http://[::1/",             "not a URL"               },
            {"http://[1.2.3.4]/",        "not a URL"               },
	    {"http://h:65536/",          "not a URL"               },
            {"http://h:x/",              "not a URL"               },
	    {"http://h:-1/",             "not a URL"               },
	    {"http://%31.2.3/",          "without percent-encoding"},
	    {"http://%88/",              "without percent-encoding"},
	    {"http://h:0/",              "port must be from 1"     },
	    {"http://user@h/",           "no user or password"     },
	    {"http://user:pw@h/",        "no user or password"     },
	    {"http://:pw@h/",            "no user or password"     },
	    {"http://@h/",               "no user or password"     },
	    {"http://a\\@h/",            "no user or password"     },
	    {"http://h/#x",              "fragment"                },
            {"http://h#",                "fragment"                },
	    {"http://[fe80::1%25eth0]/", "name an interface"       }
        };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		refused(texts[i][0], texts[i][1]);
}

static void
the_reason_never_shows_the_url(void **state)
{
	struct errinfo ei;
	struct uri u;

	(void)state;
	uri_parse("http://user:hunter2@h/", &u, &ei);
	assert_null(strstr(ei.detail, "hunter2"));
	assert_null(strstr(ei.where, "hunter2"));
}

static void
length_2048_is_taken_and_2049_refused(void **state)
{
	char text[URI_MAX + 2];
	struct uri u;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "http://h/", 9);
	text[URI_MAX] = '\0';
	assert_int_equal(uri_parse(text, &u, NULL), ERR_OK);
	uri_fini(&u);
	text[URI_MAX] = 'a';
	text[URI_MAX + 1] = '\0';
	refused(text, "at most 2048 characters");
}

static void
a_host_of_253_characters_is_taken_and_254_refused(void **state)
{
	char text[300] = "http://";
	struct uri u;

	(void)state;
	memset(text + 7, 'a', 254);
	refused(text, "at most 253 characters");
	text[7 + 253] = '\0';
	assert_int_equal(uri_parse(text, &u, NULL), ERR_OK);
	uri_fini(&u);
}

static void
fini_may_be_called_twice(void **state)
{
	struct uri u;

	(void)state;
	assert_int_equal(uri_parse("http://h", &u, NULL), ERR_OK);
	uri_fini(&u);
	assert_null(u.host);
	uri_fini(&u);
	uri_fini(NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(scheme_host_port_and_origin_are_taken),
	    cmocka_unit_test(other_text_is_refused_with_the_reason),
	    cmocka_unit_test(the_reason_never_shows_the_url),
	    cmocka_unit_test(length_2048_is_taken_and_2049_refused),
	    cmocka_unit_test(a_host_of_253_characters_is_taken_and_254_refused),
	    cmocka_unit_test(fini_may_be_called_twice)};

	return tap_run(tests);
}
