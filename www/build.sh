#!/bin/sh
# Makes the page: www/ and the libraries it names, in one directory that a web
# server can serve.
#
#   build.sh WWW SITE
#
# WWW is this directory, SITE is made anew.  The libraries come from npm, in
# the versions of the lock file; Node is needed here and not to run ewa.
set -eu

www=$1
site=$2
npm_dir=$site.npm

if ! cmp -s "$www/package-lock.json" "$npm_dir/package-lock.json" 2>/dev/null ||
    ! [ -d "$npm_dir/node_modules/htm" ]; then
	command -v npm >/dev/null || {
		echo "build.sh: npm is missing (Debian package npm): it gets the page's libraries" >&2
		exit 1
	}
	rm -rf "$npm_dir"
	mkdir -p "$npm_dir"
	cp "$www/package.json" "$www/package-lock.json" "$www/.npmrc" "$npm_dir"
	chmod -R u+w "$npm_dir"
	(cd "$npm_dir" && npm ci --ignore-scripts --no-progress >npm.log 2>&1) || {
		cat "$npm_dir/npm.log" >&2
		exit 1
	}
fi

rm -rf "$site"
mkdir -p "$site/lib"
cp -R "$www/index.html" "$www/icon.svg" "$www/css" "$www/js" "$site"
cp "$npm_dir/node_modules/htm/preact/standalone.module.js" "$site/lib/preact.js"
cp "$npm_dir/node_modules/uplot/dist/uPlot.iife.min.js" "$site/lib/uplot.js"
cp "$npm_dir/node_modules/uplot/dist/uPlot.min.css" "$site/lib/uplot.css"
chmod -R u+w "$site"
