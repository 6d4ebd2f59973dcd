#!/usr/bin/env node
// make install DESTDIR=...: everything that an installation needs is there,
// works from there through both servers, and make uninstall takes it away.
// make dist: the tarball holds every file of the tree.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import * as t from '../lib/tap.mjs';
import { builddir, command, srcdir } from '../lib/ewa.mjs';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ewa-test-'));
t.atEnd(() => fs.rmSync(dir, { recursive: true, force: true }));
const env = { ...process.env };
delete env.MAKEFLAGS;

async function make(...args) {
	const r = await command(['make', '-C', builddir, ...args], { env });
	if (r.status !== 0)
		t.diag((r.stdout + r.stderr).slice(-3000));
	return r.status;
}

// ---- make install --------------------------------------------------------------

const root = path.join(dir, 'root');
const dirs = Object.fromEntries(fs.readFileSync(path.join(builddir, 'Makefile'), 'utf8').split('\n')
    .map((l) => /^(prefix|PACKAGE) = (\S+)$/.exec(l)).filter(Boolean).map((m) => [m[1], m[2]]));
t.is(await make('install', `DESTDIR=${root}`), 0, 'make install');
const usr = path.join(root, dirs.prefix);
const share = path.join(usr, 'share', dirs.PACKAGE);
const files = (d) => fs.readdirSync(d, { recursive: true, withFileTypes: true })
    .filter((e) => !e.isDirectory()).map((e) => path.relative(d, path.join(e.path, e.name))).sort();
const needed = ['bin/ewactl', 'sbin/ewa-responder', 'sbin/ewa-dispatcher', `libexec/${dirs.PACKAGE}/ewa-action`,
	'share/man/man1/ewactl.1', 'lib/systemd/system/ewa.socket', 'lib/systemd/system/ewa-responder.service',
	'lib/systemd/system/ewa-dispatcher.service', 'lib/sysusers.d/ewa.conf', 'lib/tmpfiles.d/ewa.conf'];
t.is(needed.filter((f) => !fs.existsSync(path.join(usr, f))), [], 'programs, manual page and units');
t.ok(fs.existsSync(path.join(share, 'roles.sql')), 'the roles');
for (const d of ['apache', 'lighttpd', 'problems'])
	t.is(files(path.join(share, d)), files(path.join(srcdir, d)), `${d}: as in the tree`);
t.is(files(path.join(share, 'www')), files(path.join(builddir, 'site')), 'the page');
for (const unit of ['ewa-responder', 'ewa-dispatcher'])
	t.like(fs.readFileSync(path.join(usr, `lib/systemd/system/${unit}.service`), 'utf8'),
	    new RegExp(`^ExecStart=${dirs.prefix}/sbin/${unit}( |$)`, 'm'), `${unit}.service starts what was installed`);
const shown = await command([path.join(usr, 'bin/ewactl'), '--show-config']);
t.like(shown.stdout, new RegExp(`^action_helper = ${dirs.prefix}/libexec/${dirs.PACKAGE}/ewa-action$`, 'm'),
    'the helper of automations is where the programs look for it');

// ---- and it works -----------------------------------------------------------------

// A build and a tree that hold nothing but what was installed, and the tests.
const [build, tree] = ['build', 'tree'].map((d) => path.join(dir, d));
const link = (from, to) => {
	fs.mkdirSync(path.dirname(to), { recursive: true });
	fs.symlinkSync(from, to);
};
for (const f of ['bin/ewactl', 'sbin/ewa-responder', 'sbin/ewa-dispatcher', `libexec/${dirs.PACKAGE}/ewa-action`])
	link(path.join(usr, f), path.join(build, path.basename(f)));
link(path.join(share, 'www'), path.join(build, 'site'));
for (const d of ['apache', 'lighttpd', 'problems'])
	fs.cpSync(path.join(share, d), path.join(tree, d), { recursive: true }); // Apache follows no links
link(path.join(share, 'roles.sql'), path.join(tree, 'sql/roles.sql'));
link(path.join(srcdir, 'tests'), path.join(tree, 'tests'));
for (const test of ['journey', 'web-servers']) {
	const r = await command([path.join(srcdir, `tests/it/${test}.t.mjs`)],
	    { env: { ...env, EWA_BUILDDIR: build, EWA_SRCDIR: tree } });
	const ok = r.stdout.match(/^ok /gm)?.length ?? 0;
	t.ok(r.status === 0 && ok > 10, `${test} passes with what was installed`, r.stdout.slice(-4000));
}

// ---- make uninstall -----------------------------------------------------------------

t.is(await make('uninstall', `DESTDIR=${root}`), 0, 'make uninstall');
t.is(files(root), [], 'leaves nothing');

// ---- make dist ------------------------------------------------------------------------

const tar = path.join(dir, 'dist');
t.is(await make('distdir', `distdir=${tar}`, 'am__remove_distdir=:'), 0, 'make distdir');
if (fs.existsSync(path.join(srcdir, '.git'))) {
	const git = async (...args) => (await command(['git', '-C', srcdir, '-c', 'safe.directory=*', ...args]))
	    .stdout.trim().split('\n');
	const tracked = await git('ls-tree', '-r', '--name-only', 'HEAD');
	t.ok(tracked.length > 300, 'the tree', tracked.length);
	// what only a checkout needs
	const own = /^(\.ci\/|\.gitignore$|\.gitattributes$)/;
	t.is(tracked.filter((f) => !own.test(f) && !fs.existsSync(path.join(tar, f))), [],
	    'every file of it is in the distribution');
	const made = /^(configure|config\.h\.in|aclocal\.m4|Makefile\.in|build-aux\/.*|INSTALL|ChangeLog|NEWS|AUTHORS|COPYING)$/;
	const known = new Set([...tracked, ...await git('ls-files', '-co', '--exclude-standard')]);
	t.is(files(tar).filter((f) => !known.has(f) && !made.test(f)), [], 'and nothing else but what autotools make');
}
t.done();
