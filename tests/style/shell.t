#!/usr/bin/env bash
# Shell scripts as shellcheck likes them; the web servers' problem documents
# complete and named in both configurations; no registry's address in the lock
# file of the tests.
set -u
cd "${EWA_SRCDIR:-$(dirname "$0")/../..}" || exit 1
n=0 failed=0

result() {
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		failed=1
		echo "not ok $n - $1"
		printf '%s\n' "$2" | head -n 40 | sed 's/^/# /'
	fi
}

if command -v shellcheck >/dev/null; then
	for script in quickstart check .ci/run tests/run tests/lib/*.sh tests/style/shell.t sql/*.sh; do
		[ -f "$script" ] || continue # .ci is not in the tarball
		result "$script" "$(shellcheck -x "$script" 2>&1)"
	done
else
	n=$((n + 1))
	echo "ok $n - shell scripts # SKIP shellcheck is not here"
fi

bad=
for file in problems/problem-*.html; do
	status=${file##*-}
	status=${status%.html}
	text="[^\"\\\\]+"
	grep -qxE "\\{\"type\":\"about:blank\",\"status\":$status,\"title\":\"$text\",\"detail\":\"($text)\",\"error\":\"$text\"\\}" "$file" ||
		bad+="$file: not status, title, detail and error"$'\n'
	grep -qF "\"problem-$status.html\" => \"application/problem+json\"" lighttpd/site.conf ||
		bad+="lighttpd/site.conf has no type for $status"$'\n'
	grep -qxF "ErrorDocument $status /.problems/problem-$status.html" apache/ewa.conf ||
		bad+="apache/ewa.conf has no ErrorDocument for $status"$'\n'
done
result "problem documents" "$bad"
result "no address in the lock file" "$(grep -n '://' tests/package-lock.json | grep -v -e '"url"' -e '"funding"')"

echo "1..$n"
exit $failed
