#!/usr/bin/env node
// No leak and no wrong access over 10,000 requests, in the responder and in
// the dispatcher that handles and replies to them.

import path from 'node:path';

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, command, programPath, waitFor } from '../lib/ewa.mjs';
import { Program, accepts } from '../lib/proc.mjs';

t.limit(600);
const requests = 10000;

const symbols = await command(['nm', '-D', programPath('ewa-responder')]);
if (symbols.stdout.includes('__asan_init')) {
	t.skip('built with a sanitizer, which does the same');
	t.done();
	process.exit();
}

const ewa = await Bench.start({ responder: false, dispatchers: 0, config: { workers: '8' } });
const receiver = await Receiver.start(() => 200, { keep: false });

function underValgrind(name, args) {
	const log = path.join(ewa.dir, `${name}-valgrind.log`);
	return new Program(name, ['valgrind', '--leak-check=full', '--show-leak-kinds=definite,indirect',
	    '--errors-for-leak-kinds=definite', '--error-exitcode=99', `--log-file=${log}.%p`,
	    programPath(name), '--config', ewa.configFile, ...args],
	    { log, direct: true, endSignal: 'SIGKILL' });
}

const responder = underValgrind('ewa-responder', ['--socket', ewa.socket]);
const dispatcher = underValgrind('ewa-dispatcher', []);
await waitFor(() => accepts({ path: ewa.socket }), 'the responder listens', 60000);
const i = await ewa.integration({ replyUrl: receiver.url(), replyHeaders: ['X-A: b'],
	secretReplyHeaders: ['X-Key: 0123456789'] });
await waitFor(async () => (await ewa.send(i, { method: 'GET' })).status === 200, 'the integration is known');

// Every twentieth is refused, or asks for an event's state.
const answers = await ewa.sendMany(i, requests, (n) => n % 20 === 0 ? { json: undefined, body: '{bad' } :
    n % 20 === 1 ? { token: 'wrong-token-0123456' } :
    n % 20 === 2 ? { json: undefined, method: 'GET', path: '/events/01a2107b-9de2-7850-8ff1-bad31a3c1d5d' } : {}, 16);
const count = (s) => answers.filter((a) => a.status === s).length;
t.is([202, 400, 401, 404].map(count), [17, 1, 1, 1].map((n) => n * requests / 20),
    `${requests} requests are answered as they should`);
await ewa.drained(120000);
t.is(receiver.total, count(202), 'every event was replied to');

for (const program of [responder, dispatcher]) {
	const how = await program.stop('SIGTERM', 60000);
	const report = await command(['sh', '-c', `cat ${program.log}.*`]);
	const lost = /definitely lost: ([\d,]+) bytes/.exec(report.stdout)?.[1] ??
	    (report.stdout.includes('All heap blocks were freed') ? '0' : 'unknown');
	t.is(lost, '0', `${program.name}: nothing is lost`);
	t.like(report.stdout, /ERROR SUMMARY: 0 errors/, `${program.name}: no wrong access`);
	if (!t.is(how.code, 0, `${program.name}: ends with success`))
		t.diag(report.stdout.slice(-4000) + program.tail());
}
await receiver.stop();
await ewa.stop();
t.done();
