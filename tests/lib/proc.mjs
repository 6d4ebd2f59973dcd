// Programs that a test starts: each is stopped by its own process id when the
// test ends, and by the kernel when the test is killed.

import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { fileURLToPath } from 'node:url';

export const pgScript = fileURLToPath(new URL('pg.sh', import.meta.url));

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Wait until predicate() gives something true and return it; it may be
// asynchronous.  After `boundMs` the error says what was waited for.
export async function waitFor(predicate, what, boundMs = 45000, everyMs = 20) {
	const end = Date.now() + boundMs;
	for (;;) {
		const value = await predicate();
		if (value)
			return value;
		if (Date.now() > end)
			throw new Error(`${what}: not within ${boundMs} ms`);
		await sleep(everyMs);
	}
}

export async function freePort() {
	const s = net.createServer();
	await new Promise((resolve, reject) => {
		s.on('error', reject);
		s.listen(0, '127.0.0.1', resolve);
	});
	const { port } = s.address();
	await new Promise((resolve) => s.close(resolve));
	return port;
}

export function accepts(where) {
	return new Promise((resolve) => {
		const s = net.connect(where);
		s.on('connect', () => {
			s.destroy();
			resolve(true);
		});
		s.on('error', () => resolve(false));
	});
}

// EWA_KEY overrides a key of the configuration: what stands in our own
// environment must not reach the programs.
const environment = Object.fromEntries(Object.entries(process.env)
    .filter(([name]) => !name.startsWith('EWA_')));

const living = new Set();

export class Program {
	/*
	 * Starts `argv` in the background with its output in the file `log`.
	 * `unroot`: as pg.sh runs things, for programs that refuse root;
	 * `direct`: as it is (it sees to its own end when the test is killed).
	 */
	constructor(name, argv, { log, env = {}, unroot = true, direct = false,
	    endSignal = 'SIGKILL' }) {
		this.name = name;
		this.log = log;
		this.endSignal = endSignal; // when the test ends or dies without stopping it
		const out = fs.openSync(log, 'a');
		const guard = direct ? [] :
		    ['setpriv', '--pdeathsig', endSignal.replace('SIG', ''), '--'];
		const full = unroot && process.getuid() === 0 && !direct ?
		    [pgScript, 'run', ...guard, ...argv] : [...guard, ...argv];
		this.child = spawn(full[0], full.slice(1), {
			stdio: ['ignore', out, out],
			env: { ...environment, ...env },
		});
		fs.closeSync(out);
		this.pid = this.child.pid;
		this.expected = false; // someone asked it to end
		living.add(this);
		this.ended = new Promise((resolve) => {
			const over = (code, signal) => {
				living.delete(this);
				this.code = code;
				this.signal = signal;
				resolve({ code, signal });
			};
			this.child.on('exit', over);
			this.child.on('error', () => over(127, null));
		});
	}

	get alive() {
		return living.has(this);
	}

	// A signal that need not end it.
	signal(signal) {
		if (this.alive)
			process.kill(this.pid, signal);
	}

	// Ends it and waits; gives { code, signal, ms }.
	async stop(signal = 'SIGTERM', boundMs = 30000) {
		const started = Date.now();
		this.expected = true;
		this.signal(signal);
		const timer = setTimeout(() => {
			this.overdue = true;
			this.signal('SIGKILL');
		}, boundMs);
		const how = await this.ended;
		clearTimeout(timer);
		return { ...how, ms: Date.now() - started };
	}

	kill() {
		return this.stop('SIGKILL');
	}

	text() {
		return fs.readFileSync(this.log, 'utf8');
	}

	// What is wrong with how it ended or what it said, or null.
	complaint() {
		const bad = /ERROR: \w+Sanitizer|runtime error:|msg=bug\b/.exec(this.text());
		if (bad)
			return `${this.name} said: ${bad[0]}`;
		if (this.overdue)
			return `${this.name} did not stop when it was told to`;
		if (!this.alive && !this.expected)
			return `${this.name} ended by itself (${this.signal ?? this.code})`;
		return null;
	}

	tail(lines = 15) {
		return this.text().trimEnd().split('\n').slice(-lines).join('\n');
	}
}

export function killAll() {
	for (const p of living) {
		try {
			process.kill(p.pid, p.endSignal);
		} catch {
			// it has ended meanwhile
		}
	}
}

// A command to its end: { status, stdout, stderr }.
export function command(argv, options = {}) {
	return new Promise((resolve) => {
		const child = spawn(argv[0], argv.slice(1), {
			stdio: ['ignore', 'pipe', 'pipe'],
			env: environment,
			...options,
		});
		const out = [];
		const err = [];
		child.stdout.on('data', (d) => out.push(d));
		child.stderr.on('data', (d) => err.push(d));
		child.on('error', (e) => resolve({
			status: 127, stdout: '', bytes: Buffer.alloc(0), stderr: e.message,
		}));
		child.on('close', (code, signal) => {
			const bytes = Buffer.concat(out);
			resolve({
				status: code ?? 128,
				signal,
				bytes,
				get stdout() {
					return bytes.toString();
				},
				stderr: Buffer.concat(err).toString(),
			});
		});
	});
}

export function commandSync(argv, options = {}) {
	return spawnSync(argv[0], argv.slice(1), { encoding: 'utf8', ...options });
}
