#!/bin/sh
# sql/embed.sh: what is embedded is the file, byte for byte.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0

ok() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
	fi
}

mkdir -p "$dir/sql/views" "$dir/store"
# shellcheck disable=SC2016
printf '%s\n' 'a "quoted" name' 'back\slash \n \\ \" \x41' "it''s" '	tab' \
    '' 'trigraphs ??/ ??=' 'percent %s %%' 'ümlaut €' '$$ & /* */ //' \
    >"$dir/sql/odd.sql"
printf 'select 1;\r\n' >"$dir/sql/views/crlf.sql"
printf 'no newline' >"$dir/sql/cut.sql"

sh "$top/sql/embed.sh" "$dir" sql/odd.sql sql/views/crlf.sql >"$dir/files.c"
ok $? "files are embedded"

# The table as a program sees it.
: >"$dir/config.h"
cat >"$dir/store/migrate.h" <<'EOF'
struct sql_file {
	const char *path;
	const char *text;
};
extern const struct sql_file sql_files[];
EOF
cat >"$dir/main.c" <<'EOF'
#include <stdio.h>
#include <string.h>
#include "store/migrate.h"
int
main(int argc, char **argv)
{
	for (const struct sql_file *f = sql_files; f->path != NULL; f++)
		if (argc == 2 && strcmp(f->path, argv[1]) == 0)
			fputs(f->text, stdout);
	return 0;
}
EOF
${CC:-cc} -std=gnu11 -Wall -Werror -I"$dir" -o "$dir/main" "$dir/main.c" \
    "$dir/files.c"
ok $? "the C compiles without a warning"
"$dir/main" odd.sql | cmp - "$dir/sql/odd.sql"
ok $? "quotes, backslashes and other letters come back"
"$dir/main" views/crlf.sql | cmp - "$dir/sql/views/crlf.sql"
ok $? "so do carriage returns, under the name without sql/"

! sh "$top/sql/embed.sh" "$dir" sql/cut.sql >/dev/null 2>"$dir/err"
ok $? "a file without a last newline is refused"
grep -q 'sql/cut.sql' "$dir/err"
ok $? "and named"
! sh "$top/sql/embed.sh" "$dir" sql/none.sql >/dev/null 2>&1
ok $? "a missing file is refused"
echo "1..$n"
