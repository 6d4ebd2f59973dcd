/*
 * ewa-responder: answers FastCGI requests.  Threads: this one waits for
 * signals, `workers` read and check requests, a committer stores events and
 * answers them, a watcher follows changed settings.
 */
#include "config.h"

#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/sched.h"
#include "responder/app.h"
#include "responder/desk.h"

#define POOL_SIZE 4
#define FILES_MAX 16384
#define EXIT_USAGE 2

struct options {
	const char *config;
	const char *socket;
	bool show_config;
};

static void
usage(FILE *out)
{
	fputs(
	    "usage: ewa-responder [--config FILE] [--socket PATH]\n"
	    "       ewa-responder [--config FILE] --show-config\n"
	    "\n"
	    "Answers FastCGI requests.  Without --socket the listening socket\n"
	    "is descriptor 0, as lighttpd, spawn-fcgi and systemd give it.\n",
	    out);
}

static void
parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
	    {"config",      required_argument, NULL, 'c'},
	    {"socket",      required_argument, NULL, 's'},
	    {"show-config", no_argument,       NULL, 'C'},
	    {"version",     no_argument,       NULL, 'V'},
	    {"help",        no_argument,       NULL, 'h'},
            {NULL,          0,                 NULL, 0  }
        };
	int c;

	memset(o, 0, sizeof(*o));
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case 's':
			o->socket = optarg;
			break;
		case 'C':
			o->show_config = true;
			break;
		case 'V':
			puts("ewa-responder " PACKAGE_VERSION);
			exit(EXIT_SUCCESS);
		case 'h':
			usage(stdout);
			exit(EXIT_SUCCESS);
		default:
			usage(stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "ewa-responder: unexpected argument: %s\n",
		    argv[optind]);
		exit(EXIT_USAGE);
	}
}

/* A configuration that can't be used ends the program. */
static void
must(enum err e, const struct errinfo *ei)
{
	if (e != ERR_OK)
		fatal(F_STR("msg", "cannot start"), F_STR("where", ei->where),
		    F_STR("reason", ei->detail));
}

static void *
worker(void *arg)
{
	struct app *app = arg;
	struct http_answer answer;
	struct fcgi_request *r;

	/* a connection must not interrupt the web server that makes it */
	sched_batch();
	http_answer_init(&answer);
	while ((r = fcgi_next(app->fcgi)) != NULL)
		serve(app, r, &answer);
	http_answer_fini(&answer);
	return NULL;
}

static sigset_t
block_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1); /* libfcgi's word for stopping */
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return set;
}

static void
wait_for_stop(const sigset_t *set)
{
	int sig;

	do {
		BUG_ON(sigwait(set, &sig) != 0);
	} while (sig == SIGHUP); /* settings of integrations follow anyway */
	log_notice(F_STR("msg", "stopping"), F_INT("signal", sig));
}

/* A descriptor for each request that waits, and some. */
static void
raise_files(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= FILES_MAX)
		return;
	r.rlim_cur = r.rlim_max < FILES_MAX ? r.rlim_max : FILES_MAX;
	if (setrlimit(RLIMIT_NOFILE, &r) != 0)
		log_warning(F_STR("msg", "the limit of files stays low"));
}

static void
start(struct app *app, const struct options *o)
{
	struct errinfo ei;

	raise_files();
	must(keyring_load(app->settings.key_file, &app->keys, &ei), &ei);
	must(fcgi_open(
		 o->socket, app->settings.body_timeout_ms, &app->fcgi, &ei),
	    &ei);
	http_answer_init(&app->stored);
	app->cache = cache_new(app->keys);
	app->rate = rate_new();
	app->refusals = refusals_new();
	app->watch = watch_start(&app->settings, app->cache, app->refusals);
	app->committer = committer_start(&app->settings, app->watch);
	app->pool = pool_new(app->settings.database,
	    app->settings.responder_user, "ewa-responder look-up", POOL_SIZE);
	app->waiters = waiters_start(&app->settings, app->pool);
	app->desk = desk_start(app);
}

static pthread_t *
start_workers(struct app *app)
{
	size_t n = (size_t)app->settings.workers;
	pthread_t *threads = mem_array(n, sizeof(*threads));

	for (size_t i = 0; i < n; i++)
		if (pthread_create(&threads[i], NULL, worker, app) != 0)
			fatal(F_STR("msg", "cannot start a worker thread"));
	return threads;
}

/* A worker may be held by a web server that dribbles a body: it is not waited
 * for longer than this. */
#define WORKERS_STOP_MS 700

static bool
join_workers(const struct app *app, pthread_t *threads)
{
	struct timespec until;
	bool all = true;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += WORKERS_STOP_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	for (int64_t i = 0; i < app->settings.workers; i++)
		if (pthread_clockjoin_np(
			threads[i], NULL, CLOCK_MONOTONIC, &until) != 0)
			all = false;
	free(threads);
	return all;
}

static void
stop(struct app *app, pthread_t *threads)
{
	bool all;

	fcgi_stop(app->fcgi);
	all = waiters_stop(app->waiters); /* late ones don't wait */
	all = join_workers(app, threads) && all;
	all = desk_stop(app->desk) && all;
	committer_stop(app->committer);
	watch_stop(app->watch);
	if (!all) /* a thread still uses the rest; the process ends anyway */
		_exit(EXIT_SUCCESS);
	waiters_free(app->waiters);
	desk_free(app->desk);
	committer_free(app->committer);
	http_answer_fini(&app->stored);
	watch_free(app->watch);
	refusals_free(app->refusals);
	pool_free(app->pool);
	cache_free(app->cache);
	rate_free(app->rate);
	fcgi_close(app->fcgi);
	keyring_free(app->keys);
	settings_free(&app->settings);
}

int
main(int argc, char **argv)
{
	struct app app = {0};
	struct options o;
	struct errinfo ei;
	pthread_t *threads;
	sigset_t signals;

	log_init("ewa-responder", LOG_INFO);
	parse_options(argc, argv, &o);
	must(settings_load(o.config, &app.settings, &ei), &ei);
	if (o.show_config) {
		settings_show(o.config, &app.settings);
		settings_free(&app.settings);
		return EXIT_SUCCESS;
	}
	settings_note_file(&app.settings);
	signals = block_signals();
	start(&app, &o);
	block_signals(); /* FCGX_Init has set its own handlers */
	threads = start_workers(&app);
	log_notice(
	    F_STR("msg", "ready"), F_INT("workers", app.settings.workers));
	wait_for_stop(&signals);
	stop(&app, threads);
	return EXIT_SUCCESS;
}
