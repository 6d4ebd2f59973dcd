# shellcheck shell=bash disable=SC2034
# Debian packages: what ./quickstart and ./check need, and how they get it.
# To be sourced.
#
#   need_packages PACKAGE...   installs those that are missing; as root, or
#                              through sudo, or it says which ones and ends
#
# PACKAGE:COMMAND is satisfied by the command, wherever it came from.
# PACKAGE>=VERSION must be at least that.

build_packages=(
	gcc make:make autoconf automake pkgconf:pkg-config libc6-dev
	'libfcgi-dev>=2.4.2-2+deb12u1' libjson-c-dev libcurl4-openssl-dev
	libpq-dev libssl-dev libcrypt-dev libinih-dev libuv1-dev libc-ares-dev uthash-dev
	zlib1g-dev nodejs:node npm:npm
)
run_packages=(
	postgresql lighttpd:lighttpd curl:curl
)
test_packages=(
	apache2-bin:apache2 media-types git:git perl
	openssl:openssl
	libcmocka-dev clang-format:clang-format pmccabe:pmccabe
	shellcheck:shellcheck valgrind:valgrind chromium:chromium libfaketime
	systemd:systemd-analyze
)

missing_packages() {
	local p name
	for p; do
		name=${p%%[:>]*}
		case $p in
		*:*) command -v "${p#*:}" >/dev/null && continue ;;
		esac
		case $(dpkg-query -W -f '${db:Status-Status} ${Version}' "$name" 2>/dev/null) in
		'installed '*)
			case $p in
			*'>='*) ;;
			*) continue ;;
			esac
			dpkg --compare-versions "$(dpkg-query -W -f '${Version}' "$name")" \
			    ge "${p#*>=}" && continue
			;;
		esac
		echo "$name"
	done
}

need_packages() {
	local missing as_root=()
	# Programs of the system's are looked for too.
	PATH=$PATH:/usr/sbin:/sbin
	if ! command -v dpkg-query >/dev/null; then
		echo "This is not Debian (or alike): it is taken for granted that these are here:" \
		    "${*//[:>]*/}"
		return 0
	fi
	mapfile -t missing < <(missing_packages "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		if command -v sudo >/dev/null; then
			as_root=(sudo)
		else
			echo "These Debian packages are missing. Let root install them, then come back:" >&2
			echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
			return 1
		fi
	fi
	echo "Installing Debian packages: ${missing[*]}"
	apt_get "${as_root[@]}" update || return 1
	apt_get "${as_root[@]}" install -y --no-install-recommends "${missing[@]}"
}

# apt_get [sudo] COMMAND ...: quiet unless it fails.
apt_get() {
	local prefix=() log
	if [ "$1" = sudo ]; then
		prefix=(sudo)
		shift
	fi
	log=$(mktemp)
	if ! "${prefix[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q \
	    -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null; then
		tail -n 20 "$log" >&2
		echo "apt-get $1 failed" >&2
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
}
