/*
 * ewa-action: runs one program of a command automation, and sees to it that
 * nothing of it is left.
 *
 *	ewa-action PARENT USER DATA_BYTES CPU_SECONDS PROGRAM [ARGUMENT]...
 *
 * Descriptors 0, 1 and 2, the environment and the working directory are
 * passed on.  PROGRAM runs in a session of its own, as USER ("": the same),
 * with limits, without capabilities and unable to gain privileges (a USER that
 * is root keeps what root may do).  When it has ended, all its descendants are
 *killed, wherever they have hidden: they are handed to this process, their
 *subreaper. SIGTERM asks PROGRAM's process group to end and kills all a second
 *later; SIGQUIT, and the end of the parent (the dispatcher, PARENT), kill all
 *at once.  Exits as the program did, by the same signal if it was one; 126 if
 * it can't be run.
 */
#include "config.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXIT_CANT_RUN 126
#define GRACE_S 1
#define FILES 1024
#define PROCESSES 4096     /* of its user */
#define ROUNDS_MAX 2000    /* of killing, a millisecond apart */
#define CHILDREN_MAX 65536 /* bytes of the kernel's list */

enum { ARG_PARENT = 1, ARG_USER, ARG_DATA, ARG_CPU, ARG_PROGRAM };

static void
give_up(const char *what)
{
	fprintf(stderr, "ewa-action: %s: %s\n", what, strerror(errno));
	_exit(EXIT_CANT_RUN);
}

static void
give_up_user(const char *name)
{
	fprintf(stderr, "ewa-action: there is no user %s%s%s\n", name,
	    errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
	_exit(EXIT_CANT_RUN);
}

static void
limit(int which, rlim_t most)
{
	struct rlimit r = {most, most}, now;

	if (getrlimit((__rlimit_resource_t)which, &now) == 0 &&
	    now.rlim_max < most)
		r = (struct rlimit){now.rlim_max, now.rlim_max};
	if (setrlimit((__rlimit_resource_t)which, &r) != 0)
		give_up("a limit");
}

static void
become(const struct passwd *user)
{
	/* who is that user already may not be allowed to say so */
	if (user == NULL || (geteuid() != 0 && geteuid() == user->pw_uid))
		return;
	if (initgroups(user->pw_name, user->pw_gid) != 0 ||
	    setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)
		give_up(user->pw_name);
}

/* What a service manager may have given the dispatcher beyond its user.  One
 * that has given none may have forbidden capset too. */
static void
drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct has[_LINUX_CAPABILITY_U32S_3];
	uint32_t any = 0;

	memset(has, 0, sizeof(has));
	if (syscall(SYS_capget, &header, has) != 0)
		give_up("capabilities");
	for (size_t n = 0; n < _LINUX_CAPABILITY_U32S_3; n++)
		any |= has[n].permitted | has[n].inheritable;
	memset(has, 0, sizeof(has));
	if (any != 0 && syscall(SYS_capset, &header, has) != 0)
		give_up("capabilities");
}

/* In the child. */
static void
run(char **argv, const struct passwd *user, const sigset_t *mask)
{
	setsid();
	umask(077);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, FILES);
	limit(RLIMIT_NPROC, PROCESSES);
	limit(RLIMIT_CPU, (rlim_t)strtoull(argv[ARG_CPU], NULL, 10));
	become(user);
	drop_capabilities();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
		give_up("privileges");
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	/* last: the program's memory, not that of what is called before */
	limit(RLIMIT_DATA, (rlim_t)strtoull(argv[ARG_DATA], NULL, 10));
	execv(argv[ARG_PROGRAM], argv + ARG_PROGRAM);
	give_up(argv[ARG_PROGRAM]);
}

/* ---- the end of all
 * ----------------------------------------------------------
 */

/* Every child of ours; false if the kernel does not tell them. */
static bool
kill_children(void)
{
	static char list[CHILDREN_MAX];
	char path[64];
	FILE *f;
	size_t n;

	snprintf(
	    path, sizeof(path), "/proc/self/task/%ld/children", (long)getpid());
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	n = fread(list, 1, sizeof(list) - 1, f);
	fclose(f);
	list[n] = '\0';
	for (char *p = list, *end;; p = end) {
		long pid = strtol(p, &end, 10);

		if (end == p)
			return true;
		if (pid > 1)
			kill((pid_t)pid, SIGKILL);
	}
}

/* Those of the killed become ours in turn, until there are none. */
static void
kill_all(pid_t program, int *status, bool *ended)
{
	const struct timespec pause = {0, 1000000};

	for (int n = 0; n < ROUNDS_MAX; n++) {
		int s;
		pid_t pid;

		if (!kill_children())
			kill(-program, SIGKILL);
		while ((pid = waitpid(-1, &s, WNOHANG)) > 0) {
			if (pid != program)
				continue;
			*status = s;
			*ended = true;
		}
		if (pid < 0 && errno == ECHILD)
			return;
		nanosleep(&pause, NULL);
	}
}

/* As the program has ended. */
static int
as_it_did(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	signal(WTERMSIG(status), SIG_DFL);
	raise(WTERMSIG(status));
	return EXIT_CANT_RUN;
}

static bool
reap(pid_t program, int *status)
{
	bool ended = false;
	pid_t pid;
	int s;

	while ((pid = waitpid(-1, &s, WNOHANG)) > 0) {
		if (pid != program)
			continue;
		*status = s;
		ended = true;
	}
	return ended;
}

static int
watch(pid_t program, const sigset_t *signals)
{
	bool ended = false, asked = false;
	int status = 0;

	while (!ended) {
		const struct timespec grace = {GRACE_S, 0};
		int s = asked ? sigtimedwait(signals, NULL, &grace)
			      : sigwaitinfo(signals, NULL);

		if (s == SIGCHLD) {
			ended = reap(program, &status);
		} else if (s == SIGTERM && !asked) {
			kill(-program, SIGTERM);
			asked = true;
		} else if (s == SIGQUIT || (s < 0 && errno == EAGAIN)) {
			break;
		}
	}
	kill_all(program, &status, &ended);
	return ended ? status : SIGKILL;
}

int
main(int argc, char **argv)
{
	const struct passwd *user = NULL;
	sigset_t signals, before;
	struct rlimit none = {0, 0};
	pid_t program;
	int status;

	if (argc <= ARG_PROGRAM) {
		fputs("ewa-action: run by ewa-dispatcher only\n", stderr);
		return EXIT_CANT_RUN;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGQUIT);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	sigemptyset(&before);
	prctl(PR_SET_PDEATHSIG, SIGQUIT);
	if ((long)getppid() != strtol(argv[ARG_PARENT], NULL, 10))
		return EXIT_CANT_RUN; /* it has ended already */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L) != 0)
		give_up("subreaper");
	if (*argv[ARG_USER] != '\0') {
		errno = 0;
		user = getpwnam(argv[ARG_USER]);
		if (user == NULL)
			give_up_user(argv[ARG_USER]);
	}
	program = fork();
	if (program < 0)
		give_up("fork");
	if (program == 0)
		run(argv, user, &before);
	/* whoever reads the program's output must see its end */
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	status = watch(program, &signals);
	setrlimit(RLIMIT_CORE, &none);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return as_it_did(status);
}
