#!/bin/sh
# Write the C source of store/migrate.h's table of SQL files to stdout.
#
#	embed.sh SRCDIR sql/migrations/0001_schema.sql ...
#
# The files are read below SRCDIR and named in the table without the leading
# "sql/", in the order given.  Exits 1 when a file can't be read, or does not
# end with a newline (its checksum would differ from the file's own).
set -eu
LC_ALL=C
export LC_ALL

if [ $# -lt 2 ]; then
	echo "usage: embed.sh SRCDIR FILE..." >&2
	exit 2
fi
srcdir=$1
shift

echo '/* Made by sql/embed.sh; the files below sql/ are the source. */'
echo '#include "config.h"'
echo
echo '#include "store/migrate.h"'
echo
echo '#include <stddef.h>'
echo
echo 'const struct sql_file sql_files[] = {'
for f in "$@"; do
	if [ ! -r "$srcdir/$f" ]; then
		echo "embed.sh: can't read $srcdir/$f" >&2
		exit 1
	fi
	if [ "$(tail -c 1 "$srcdir/$f" | od -An -tx1 | tr -d ' ')" != 0a ]; then
		echo "embed.sh: $f does not end with a newline" >&2
		exit 1
	fi
	printf '{"%s",\n' "${f#sql/}"
	awk '{
		gsub(/\\/, "&&")
		gsub(/["?]/, "\\\\&")
		gsub(/\t/, "\\t")
		gsub(/\r/, "\\r")
		printf "\"%s\\n\"\n", $0
	}' "$srcdir/$f"
	echo '},'
done
echo '{NULL, NULL}'
echo '};'
