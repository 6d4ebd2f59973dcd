// A small TAP producer.  One process is one test file; every assertion is one
// line.  A test that dies, hangs past its limit or never calls done() fails.

import { isDeepStrictEqual, inspect } from 'node:util';

let count = 0;
let failed = 0;
let finished = false;
let onFail = () => {};
const hooks = [];

function line(text) {
	process.stdout.write(text + '\n');
}

function emit(pass, name) {
	count++;
	if (!pass)
		failed++;
	line(`${pass ? 'ok' : 'not ok'} ${count} - ${String(name).replace(/[#\n]/g, ' ')}`);
	return pass;
}

// A comment beside the results; every line of it gets its mark.
export function diag(text) {
	for (const l of String(text).split('\n'))
		line(`# ${l}`);
}

function show(value) {
	if (Buffer.isBuffer(value))
		value = value.toString('latin1');
	const s = typeof value === 'string' ? JSON.stringify(value) :
	    inspect(value, { depth: 6 });
	return s.length > 2000 ? s.slice(0, 2000) + ' ...' : s;
}

export function ok(condition, name, detail) {
	if (emit(!!condition, name))
		return true;
	if (detail !== undefined)
		diag(typeof detail === 'string' ? detail : show(detail));
	onFail();
	return false;
}

// Equal in value and type, deeply; Buffers by their bytes.
export function is(got, want, name) {
	return ok(isDeepStrictEqual(got, want), name,
	    `     got: ${show(got)}\nexpected: ${show(want)}`);
}

export function isnt(got, unwanted, name) {
	return ok(!isDeepStrictEqual(got, unwanted), name, `got: ${show(got)}`);
}

export function like(got, pattern, name) {
	return ok(typeof got === 'string' && pattern.test(got), name,
	    `          got: ${show(got)}\ndoesn't match: ${pattern}`);
}

// For a quantity: low <= got <= high.
export function within(got, low, high, name) {
	return ok(got >= low && got <= high, name,
	    `     got: ${got}\nexpected: ${low} to ${high}`);
}

// What can't be tried here.  The runner makes it a failure where CI is set.
export function skip(name, reason) {
	count++;
	line(`ok ${count} - ${name} # SKIP ${reason}`);
}

export function skipAll(reason) {
	finished = true;
	line(`1..0 # SKIP ${reason}`);
	process.exit(0);
}

export function bail(reason) {
	finished = true;
	line(`Bail out! ${reason}`);
	process.exit(255);
}

// Run when the test ends early (a failure to start, a limit): clean up.
export function atEnd(fn) {
	hooks.push(fn);
}

// Called at each failed assertion, such as to show logs.
export function whenFailed(fn) {
	onFail = fn;
}

function end(code) {
	finished = true;
	for (const fn of hooks.splice(0)) {
		try {
			fn();
		} catch (e) {
			diag(`cleaning up: ${e.message}`);
		}
	}
	process.exit(code);
}

function died(what) {
	if (finished)
		return;
	emit(false, what);
	onFail();
	line(`1..${count}`);
	end(1);
}

// The plan, and the end of the process: 0 if every assertion held.
export function done() {
	line(`1..${count}`);
	end(failed === 0 && count > 0 ? 0 : 1);
}

// The longest that this file may take, in seconds (600 unless set).
let timer;
export function limit(seconds) {
	clearTimeout(timer);
	timer = setTimeout(() => died(`ends within ${seconds} s`), seconds * 1000);
	timer.unref();
}
limit(600);

process.on('uncaughtException', (e) => {
	diag(e?.stack ?? inspect(e));
	died('runs to its end');
});
process.on('unhandledRejection', (e) => {
	diag(e?.stack ?? inspect(e));
	died('runs to its end');
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'])
	process.on(signal, () => died(`is not stopped by ${signal}`));
process.on('exit', () => {
	if (!finished) {
		line('# the test never reached done()');
		process.exitCode = 1;
	}
});
// A reader that went away is no reason to leave servers running.
process.stdout.on('error', () => end(1));
