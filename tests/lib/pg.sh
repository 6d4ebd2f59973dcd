#!/bin/sh
# A private PostgreSQL cluster in a directory.
#
#   pg.sh start DIR    make it if it isn't there, start it, wait until it answers
#   pg.sh stop DIR     stop it (fast shutdown) and wait until it has ended
#   pg.sh kill DIR     stop it without a checkpoint (immediate), as a crash would
#   pg.sh status DIR   0 if it runs, 3 if it doesn't
#   pg.sh init DIR     only make it
#   pg.sh exec DIR     become its server, which ends when our parent does
#   pg.sh run COMMAND  run a command as the user that PostgreSQL runs as
#
# DIR/data holds the cluster, DIR/sock (mode 0700) the Unix socket, which is
# the only way in: no TCP, and everyone who can reach the socket is trusted.
# PG_SOCK names another directory for the socket (a socket's path is at most
# 107 bytes), PG_CONF further lines for postgresql.conf.
#
# PostgreSQL refuses to run as root.  Root starts it in a user namespace,
# where the same user has another number; that also works in a directory that
# no other user may enter.  Where namespaces are not allowed (as in some
# containers), it runs as the user postgres, with leave to pass directories.
set -eu

die() {
	echo "pg.sh: $*" >&2
	exit 1
}

bindir() {
	# shellcheck disable=SC2012
	newest=$(ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null |
	    sort -t/ -k5,5n | tail -n 1)
	[ -n "$newest" ] || newest=$(command -v postgres) ||
		die "no PostgreSQL server here (package postgresql)"
	dirname "$newest"
}

namespaces() {
	unshare -U --map-user=1000 -- true 2>/dev/null
}

# Becomes the command: the process id stays.
run() {
	if [ "$(id -u)" -ne 0 ]; then
		exec "$@"
	elif namespaces; then
		exec unshare -U --map-user=1000 -- "$@"
	else
		exec setpriv --reuid=postgres --regid=postgres --init-groups \
		    --inh-caps=+dac_override --ambient-caps=+dac_override -- "$@"
	fi
}

# A process that has ended but was not reaped yet does not count.
alive() {
	kill -0 "$1" 2>/dev/null &&
		! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

running() {
	[ -s "$dir/data/postmaster.pid" ] || return 1
	pid=$(head -n 1 "$dir/data/postmaster.pid")
	# A pid file outlives a crash, and its number may be another's by now.
	alive "$pid" &&
		tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null |
		grep -qF -- "$dir/data"
}

create() {
	umask 077
	mkdir -p "$dir" "$sock"
	chmod 700 "$sock"
	rm -rf "$dir/data.new"
	mkdir "$dir/data.new"
	if [ "$(id -u)" -eq 0 ] && ! namespaces; then
		chown postgres: "$dir/data.new" "$sock"
	fi
	(run "$bin/initdb" -D "$dir/data.new" -U postgres --auth=trust \
	    --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions) \
	    >"$dir/initdb.log" 2>&1 || {
		cat "$dir/initdb.log" >&2
		die "initdb failed"
	}
	cat >>"$dir/data.new/postgresql.conf" <<-EOF
	listen_addresses = ''
	autovacuum_naptime = 5s
	max_connections = 200
	${PG_CONF:-}
	EOF
	echo 'local all all trust' >"$dir/data.new/pg_hba.conf"
	mv "$dir/data.new" "$dir/data"
}

prepare() {
	bin=$(bindir)
	[ -d "$dir/data" ] || create
	[ "${#sock}" -le 88 ] || die "$sock is too long for a Unix socket: set PG_SOCK"
}

start() {
	running && return 0
	prepare
	(run setsid "$bin/postgres" -D "$dir/data" -k "$sock") \
	    >>"$dir/postgres.log" 2>&1 </dev/null &
	pid=$!
	tries=0
	until "$bin/pg_isready" -q -h "$sock" -U postgres -d postgres; do
		if ! alive "$pid" || [ "$tries" -ge 600 ]; then
			tail -n 20 "$dir/postgres.log" >&2
			die "PostgreSQL did not start in $dir"
		fi
		tries=$((tries + 1))
		sleep 0.1
	done
}

stop() {
	running || return 0
	kill "-$1" "$pid"
	tries=0
	while alive "$pid"; do
		[ "$tries" -lt 600 ] || die "PostgreSQL ($pid) does not stop"
		tries=$((tries + 1))
		sleep 0.1
	done
}

[ $# -ge 2 ] || {
	sed -n '2,11s/^# \{0,1\}//p' "$0" >&2
	exit 2
}
command=$1
if [ "$command" = run ]; then
	shift
	run "$@"
fi
case $2 in
/*) dir=$2 ;;
*) dir=$PWD/$2 ;;
esac
sock=${PG_SOCK:-$dir/sock}
case $command in
start) start ;;
init) prepare ;;
exec)
	prepare
	run setpriv --pdeathsig QUIT -- "$bin/postgres" -D "$dir/data" -k "$sock"
	;;
stop) stop INT ;;
kill) stop QUIT ;;
status) running || exit 3 ;;
*) die "no such command: $command" ;;
esac
