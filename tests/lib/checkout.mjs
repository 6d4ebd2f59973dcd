// A checkout of HEAD in a directory that nobody else can enter, and the
// ./quickstart in it, for tests that do as somebody does who has just cloned.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import * as tap from './tap.mjs';
import { command, srcdir } from './ewa.mjs';
import { commandSync } from './proc.mjs';

// The user nobody, where root may become it; else who runs the tests.
const ordinary = process.getuid() === 0
	? ['setpriv', '--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups'] : [];

// { dir, top, home, tmp, env, quickstart(...args), remove() }; asUser: all of it belongs
// to an ordinary user, who runs it.  It is stopped and removed at the end.
export async function checkOut({ asUser = false } = {}) {
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ewa-test-'));
	const [top, home, tmp] = ['ewa', 'home', 'tmp'].map((d) => path.join(dir, d));
	fs.mkdirSync(home);
	fs.mkdirSync(tmp);
	const env = Object.fromEntries(Object.entries(process.env)
	    .filter(([name]) => !name.startsWith('EWA_') && name !== 'CI'));
	// npm's packages from where they are already; a quick build will do
	const npm = (name) => commandSync(['npm', 'config', 'get', name]).stdout.trim();
	Object.assign(env, { HOME: home, TMPDIR: tmp, npm_config_cache: npm('cache'), CFLAGS: '-O1' });
	const as = asUser ? ordinary : [];
	const quickstart = (...args) => command([...as, './quickstart', ...args], { cwd: top, env });
	const remove = () => {
		commandSync([...as, './quickstart', 'stop'], { cwd: top, env });
		fs.rmSync(dir, { recursive: true, force: true });
	};
	tap.atEnd(remove);

	// HEAD as others get it; where the sources came without git, as they are.
	if (fs.existsSync(path.join(srcdir, '.git'))) {
		const r = await command(['git', '-c', 'safe.directory=*', 'clone', '-q', srcdir, top]);
		tap.is(r.status, 0, 'a clone', r.stderr);
	} else {
		fs.mkdirSync(top);
		const r = await command(['sh', '-c', `tar -C "$1" --exclude='./build*' --exclude=./var \\
		    --exclude=./tests/node_modules -cf - . | tar -C "$2" -xf -`, 'sh', srcdir, top]);
		tap.is(r.status, 0, 'a copy', r.stderr);
	}
	if (as.length > 0) {
		Object.assign(env, { npm_config_cache: path.join(dir, 'npm'), npm_config_registry: npm('registry') });
		fs.cpSync(npm('cache'), env.npm_config_cache, { recursive: true });
		const r = await command(['chown', '-R', 'nobody:nogroup', dir]);
		tap.is(r.status, 0, 'which belongs to an ordinary user', r.stderr);
	}
	return { dir, top, home, tmp, env, quickstart, remove };
}

// The [name, process id] that `./quickstart status` printed.
export const running = (text) => [...text.matchAll(/^(\S+) +runs, process (\d+)$/gm)].map((m) => [m[1], Number(m[2])]);
