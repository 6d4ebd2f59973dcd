/*
 * Command actions: a program of action_dir, started by ewa-action.
 *
 * The event is its standard input, as a file in memory, so a program that
 * doesn't read holds nobody up.  Its output is read to its limit, of its
 * errors the end is kept.
 */
#include "config.h"

#include "dispatcher/action.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

#include "base/mem.h"
#include "dispatcher/automate.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/run.h"

#define EXIT_RETRY 75  /* sysexits: EX_TEMPFAIL */
#define TAIL_MAX 4096  /* bytes kept of standard error */
#define LAST_MS 5000   /* for ewa-action to end, once told */
#define CLOSING_MS 500 /* for the pipes, once it has ended */
#define CPU_SPARE_S 5
#define READ_MAX 65536
#define SEARCH_PATH \
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct command {
	struct dispatcher *d;
	struct run *run; /* NULL: nobody asks any more */
	uv_process_t process;
	uv_pipe_t pipes[2]; /* its output, its errors */
	uv_timer_t timer;
	int handles; /* not closed */
	int open;    /* pipes without an end yet */
	bool exited, told, late, flooded;
	int64_t status;
	int signal;
	struct buf output;
	char tail[TAIL_MAX];
	size_t tail_len;
	bool tail_cut;
	char why[512];
};

/* ---- its end
 * -----------------------------------------------------------------
 */

static void
on_closed(uv_handle_t *h)
{
	struct command *c = h->data;

	if (--c->handles != 0)
		return;
	buf_fini(&c->output);
	free(c);
}

static void
close_one(struct command *c, uv_handle_t *h)
{
	(void)c;
	if (!uv_is_closing(h))
		uv_close(h, on_closed);
}

static void
close_all(struct command *c)
{
	close_one(c, (uv_handle_t *)&c->timer);
	close_one(c, (uv_handle_t *)&c->pipes[0]);
	close_one(c, (uv_handle_t *)&c->pipes[1]);
	if (c->process.data != NULL)
		close_one(c, (uv_handle_t *)&c->process);
}

/* What it said last, in one line. */
static void
add_last_words(struct command *c)
{
	size_t end = c->tail_len, at, used = strlen(c->why);

	while (end > 0 && strchr(" \t\r\n", c->tail[end - 1]) != NULL)
		end--;
	at = end;
	while (at > 0 && c->tail[at - 1] != '\n')
		at--;
	if (at < end)
		snprintf(c->why + used, sizeof(c->why) - used, ": %.*s",
		    (int)(end - at), c->tail + at);
}

static void
judge(struct command *c, struct action_end *e)
{
	const struct automation *a = c->run->automation;

	e->outcome = ATTEMPT_FAILED;
	e->cause = CAUSE_COMMAND;
	e->why = c->why;
	if (c->flooded) {
		e->cause = CAUSE_OUTPUT;
		snprintf(c->why, sizeof(c->why),
		    "its output was longer than %" PRId64 " bytes",
		    c->d->conf.action_output_max);
	} else if (c->late) {
		e->outcome = ATTEMPT_RETRY;
		e->cause = CAUSE_TIMEOUT;
		snprintf(c->why, sizeof(c->why),
		    "killed at its time limit of %g s",
		    (double)a->timeout_ms / 1000);
	} else if (c->signal != 0) {
		snprintf(c->why, sizeof(c->why), "ended by signal %d (%s)",
		    c->signal, strsignal(c->signal));
	} else if (c->status == 0) {
		e->outcome = ATTEMPT_OK;
	} else {
		if (c->status == EXIT_RETRY)
			e->outcome = ATTEMPT_RETRY;
		snprintf(
		    c->why, sizeof(c->why), "exit status %d", (int)c->status);
		add_last_words(c);
	}
}

static void
finish(struct command *c)
{
	struct action_end e = {.output = NULL};
	size_t n = c->output.len;

	uv_timer_stop(&c->timer);
	if (c->run != NULL) {
		struct run *r = c->run;

		if (c->why[0] == '\0')
			judge(c, &e);
		else
			e = (struct action_end){.outcome = ATTEMPT_FAILED,
			    .cause = CAUSE_COMMAND,
			    .why = c->why};
		while (
		    n > 0 && strchr(" \t\r\n", c->output.data[n - 1]) != NULL)
			n--;
		if (n != 0)
			e.output = c->output.data;
		e.output_len = n;
		e.said = c->tail;
		e.said_len = c->tail_len;
		e.cut = c->tail_cut;
		r->action = NULL;
		c->run = NULL;
		automate_acted(c->d, r, &e);
	}
	close_all(c);
}

static void
on_timer(uv_timer_t *t)
{
	struct command *c = t->data;

	if (c->exited || c->process.data == NULL) {
		finish(c);
	} else if (!c->told) {
		c->late = true;
		c->told = true;
		uv_process_kill(&c->process, SIGTERM);
		uv_timer_start(t, on_timer, LAST_MS, 0);
	} else {
		uv_process_kill(&c->process, SIGKILL);
		c->exited = true;
		finish(c);
	}
}

static void
on_exit_of(uv_process_t *p, int64_t status, int number)
{
	struct command *c = p->data;

	c->exited = true;
	c->status = status;
	c->signal = number;
	if (c->open == 0)
		finish(c);
	else
		uv_timer_start(&c->timer, on_timer, CLOSING_MS, 0);
}

/* ---- what it says
 * ------------------------------------------------------------
 */

static void
on_alloc(uv_handle_t *h, size_t wanted, uv_buf_t *b)
{
	static char room[READ_MAX]; /* used up before the next is asked for */

	(void)h;
	(void)wanted;
	*b = uv_buf_init(room, sizeof(room));
}

static void
take_output(struct command *c, const char *data, size_t n)
{
	if (c->flooded)
		return;
	buf_add(&c->output, data, n);
	if (!buf_failed(&c->output))
		return;
	c->flooded = true;
	if (c->told || c->exited)
		return;
	c->told = true;
	uv_process_kill(&c->process, SIGQUIT);
	uv_timer_start(&c->timer, on_timer, LAST_MS, 0);
}

static void
take_errors(struct command *c, const char *data, size_t n)
{
	size_t keep = c->tail_len;

	if (n >= TAIL_MAX) {
		c->tail_cut = c->tail_cut || n > TAIL_MAX || keep != 0;
		memcpy(c->tail, data + n - TAIL_MAX, TAIL_MAX);
		c->tail_len = TAIL_MAX;
		return;
	}
	if (keep + n > TAIL_MAX) {
		c->tail_cut = true;
		keep = TAIL_MAX - n;
		memmove(c->tail, c->tail + c->tail_len - keep, keep);
	}
	memcpy(c->tail + keep, data, n);
	c->tail_len = keep + n;
}

static void
on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	struct command *c = s->data;

	if (n > 0 && s == (uv_stream_t *)&c->pipes[0]) {
		take_output(c, b->base, (size_t)n);
	} else if (n > 0) {
		take_errors(c, b->base, (size_t)n);
	} else if (n < 0) {
		uv_read_stop(s);
		c->open--;
		if (c->open == 0 && c->exited)
			finish(c);
	}
}

/* ---- its beginning
 * -------------------------------------------------------------
 */

/* Is it one that may be run?  Else c->why says why not. */
static bool
may_run(struct command *c, const char *dir, const char *path)
{
	struct stat s;
	const char *fault = NULL;

	if (stat(dir, &s) != 0 || lstat(path, &s) != 0)
		fault = strerror(errno);
	else if (!S_ISREG(s.st_mode))
		fault = "it is no regular file";
	else if ((s.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		fault = "it is not executable";
	else if ((s.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		fault = "others than its owner may write to it";
	if (fault == NULL)
		return true;
	snprintf(c->why, sizeof(c->why), "the program %s can't be run: %s",
	    c->run->automation->target, fault);
	return false;
}

static int
as_file(const struct buf *document)
{
	int fd = memfd_create("event", MFD_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < document->len) {
		ssize_t n =
		    write(fd, document->data + done, document->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			close(fd);
			return -1;
		}
		done += (size_t)n;
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

static const char *
user_of(const struct settings *conf)
{
	if (*conf->action_run_as != '\0')
		return conf->action_run_as;
	return geteuid() == 0 ? "nobody" : "";
}

#define HELPER_ARGS 6

static int
spawn(struct command *c, char *path, int input)
{
	const struct automation *a = c->run->automation;
	const struct settings *conf = &c->d->conf;
	char parent[24], memory[24], cpu[24], id[64], attempt[32];
	char user[64], uuid[UUID_TEXT_LEN + 1];
	char *env[] = {
	    (char[]){SEARCH_PATH}, id, attempt, (char[]){"LANG=C.UTF-8"}, NULL};
	char *args[HELPER_ARGS + AUTOMATION_ARGS_MAX + 1] = {
	    conf->action_helper, parent, user, memory, cpu, path};
	uv_stdio_container_t io[3] = {
	    {.flags = UV_INHERIT_FD,                     .data.fd = input},
	    {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
             .data.stream = (uv_stream_t *)&c->pipes[0]                  },
	    {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
             .data.stream = (uv_stream_t *)&c->pipes[1]                  },
	};
	uv_process_options_t o = {
	    .exit_cb = on_exit_of,
	    .file = conf->action_helper,
	    .args = args,
	    .env = env,
	    .cwd = "/",
	    .flags = UV_PROCESS_DETACHED,
	    .stdio_count = 3,
	    .stdio = io,
	};

	uuid_format(&c->run->work->done.fence.id, uuid);
	snprintf(parent, sizeof(parent), "%ld", (long)getpid());
	snprintf(user, sizeof(user), "%s", user_of(conf));
	snprintf(memory, sizeof(memory), "%" PRId64, conf->action_memory);
	snprintf(cpu, sizeof(cpu), "%d", a->timeout_ms / 1000 + CPU_SPARE_S);
	snprintf(id, sizeof(id), "EWA_EVENT_ID=%s", uuid);
	snprintf(attempt, sizeof(attempt), "EWA_ATTEMPT=%d",
	    (int)c->run->work->tries + 1);
	for (size_t n = 0; n < a->arg_count; n++)
		args[HELPER_ARGS + n] = a->args[n];
	c->process.data = c;
	return uv_spawn(&c->d->loop, &c->process, &o);
}

static void
start(struct command *c, const struct buf *document)
{
	const struct settings *conf = &c->d->conf;
	int input, e;
	struct buf path;

	buf_init(&path, 8192);
	buf_addf(&path, "%s/%s", conf->action_dir, c->run->automation->target);
	if (!may_run(c, conf->action_dir, path.data)) {
		buf_fini(&path);
		return;
	}
	input = as_file(document);
	e = input >= 0 ? spawn(c, path.data, input) : -errno;
	if (input >= 0)
		close(input);
	buf_fini(&path);
	if (e != 0) {
		c->exited = true;
		snprintf(c->why, sizeof(c->why), "%s can't be started: %s",
		    input >= 0 ? conf->action_helper : "it", uv_strerror(e));
		return;
	}
	c->open = 2;
	for (int n = 0; n < 2; n++)
		uv_read_start((uv_stream_t *)&c->pipes[n], on_alloc, on_read);
}

void
command_start(struct dispatcher *d, struct run *r, struct buf *document)
{
	struct command *c = mem_zalloc(sizeof(*c));
	uint64_t limit_ms = (uint64_t)r->automation->timeout_ms;

	c->d = d;
	c->run = r;
	r->action = c;
	buf_init(&c->output, (size_t)d->conf.action_output_max);
	uv_timer_init(&d->loop, &c->timer);
	c->timer.data = c;
	for (int n = 0; n < 2; n++) {
		uv_pipe_init(&d->loop, &c->pipes[n], 0);
		c->pipes[n].data = c;
	}
	c->handles = 3;
	start(c, document);
	if (c->process.data != NULL)
		c->handles++;
	uv_update_time(&d->loop);
	uv_timer_start(&c->timer, on_timer, c->open != 0 ? limit_ms : 0, 0);
}

void
command_stop(struct run *r)
{
	struct command *c = r->action;

	r->action = NULL;
	c->run = NULL;
	if (c->exited || c->told)
		return;
	c->told = true;
	if (c->process.data != NULL)
		uv_process_kill(&c->process, SIGQUIT);
	uv_timer_start(&c->timer, on_timer, LAST_MS, 0);
}
