#!/usr/bin/env node
// The targets of the design, measured in one run on this machine and printed
// as ratios.  Nothing here is a test: numbers depend on the machine.
//
//	make bench            all of it
//	tests/bench/bench.mjs accept | idle | through | memory | automations

import path from 'node:path';

import * as tap from '../lib/tap.mjs';
import { Bench, Receiver, builddir, sleep } from '../lib/ewa.mjs';
import { Program, accepts, waitFor } from '../lib/proc.mjs';
import { add, startBench } from '../lib/automations.mjs';
import { startServer } from '../lib/servers.mjs';
import { median, post, rssMiB, startSink } from './load.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 3);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9);
const say = (s) => process.stdout.write(s + '\n');
const round = (n) => Math.round(n * 100) / 100;

// As after hours of work: PostgreSQL writes into files of its log that it has
// written before, where a fresh one makes and syncs 16 MB of zeros a second.
async function settle(b) {
	for (let n = 0; n < 2; n++) {
		await b.sql(`select pg_logical_emit_message(true, 'bench', repeat('x', 1000000))
		    from generate_series(1, 500)`);
		await b.sql('checkpoint');
	}
}

// Durable 202s a second through lighttpd, against the same without storage.
async function accept() {
	const b = await Bench.start({ dispatchers: 0 });
	const i = await b.integration();
	const socket = path.join(b.dir, 'nostore.sock');
	const none = new Program('nostore', [path.join(builddir, 'ewa-responder-nostore'),
	    '--config', b.configFile, '--socket', socket],
	    { log: path.join(b.dir, 'nostore.log') });
	await waitFor(() => accepts({ path: socket }), 'the one without storage listens');
	const other = await startServer('lighttpd', { dir: path.join(b.dir, 'nostore'),
	    srcdir: path.resolve(new URL('../..', import.meta.url).pathname), socket, www: b.www });
	await settle(b);
	await post(b.url(), i, 1);
	await post(other.url, i, 1);
	const ratios = [];
	for (let n = 0; n < ROUNDS; n++) {
		// in turn first and second: the machine's speed drifts
		const order = n % 2 === 0 ? ['stored', 'free'] : ['free', 'stored'];
		const loads = {};
		for (const way of order)
			loads[way] = await post(way === 'stored' ? b.url() : other.url, i, SECONDS);
		const { stored, free } = loads;
		ratios.push(stored.rate / free.rate);
		say(`accept: durable ${Math.round(stored.rate)}/s (p50 ${round(stored.p50Ms)} ms, ` +
		    `p99 ${round(stored.p99Ms)} ms, ${stored.other} not 202), without storage ` +
		    `${Math.round(free.rate)}/s, ratio ${round(ratios[n])}`);
	}
	say(`accept: median ratio ${round(median(ratios))}`);
	await none.stop();
	await b.stop();
}

// Accept to reply received, one event at a time.
async function idle() {
	const b = await Bench.start();
	const receiver = await Receiver.start();
	const i = await b.integration({ replyUrl: receiver.url() });
	const times = [];
	for (let n = 0; n < 200; n++) {
		const before = performance.now();
		await b.accept(i, { connections: 1 });
		await waitFor(() => receiver.requests.length > n, 'a reply', 5000, 1);
		times.push(performance.now() - before);
		await sleep(10);
	}
	times.sort((x, y) => x - y);
	say(`idle: accept to reply received: median ${round(median(times))} ms, ` +
	    `p99 ${round(times[Math.floor(times.length * 0.99)])} ms`);
	await b.stop();
}

// Accepted to reply received, while accepting.
async function through() {
	const b = await Bench.start();
	const sink = await startSink(b.dir);
	const i = await b.integration({ replyUrl: sink.url });
	const rates = [];
	await settle(b);
	for (let n = 0; n < ROUNDS; n++) {
		const before = await b.value('select clock_timestamp()');
		const load = await post(b.url(), i, SECONDS);
		await b.drained(120000);
		const [r] = await b.sql(`select count(*)::float8 as n,
		    extract(epoch from max(o.finished_at) - min(e.received_at))::float8 as seconds
		    from ewa.event e join ewa.outcome o on o.event_id = e.id
		    where e.received_at > $1 and o.reply_state = 'sent'`, before);
		say(`through: ${r.n} accepted, handled and replied to in ${round(r.seconds)} s: ` +
		    `${Math.round(r.n / r.seconds)}/s (accepted at ${Math.round(load.rate)}/s); ` +
		    `responder ${round(rssMiB(b.responder))} MiB, ` +
		    `dispatcher ${round(rssMiB(b.dispatchers[0]))} MiB`);
		rates.push(r.n / r.seconds);
	}
	say(`through: median ${Math.round(median(rates))}/s`);
	await sink.program.stop();
	await b.stop();
}

// Both programs with 100,000 events waiting.
async function memory() {
	const b = await Bench.start();
	const i = await b.integration();
	await b.mustCtl('integration', 'pause', i.key);
	await sleep(1500);
	while (await b.value('select count(*) from ewa.queue') < 100000)
		await post(b.url(), i, SECONDS);
	await sleep(2000);
	const [r, d] = [rssMiB(b.responder), rssMiB(b.dispatchers[0])];
	say(`memory: ${await b.value('select count(*) from ewa.queue')} waiting: responder ` +
	    `${round(r)} MiB + dispatcher ${round(d)} MiB = ${round(r + d)} MiB`);
	await b.stop();
}

// Events a second with one action each, after they have waited; none is the
// same path without automations.
async function automations() {
	const b = await startBench({ true: '#!/bin/sh\n' });
	const sink = await startSink(b.dir);
	const c = b.client(undefined, 'ewa_owner');
	await c.connect();
	await c.query(`create function ewa_action.nothing(event jsonb) returns jsonb
	    language sql as $$ select null::jsonb $$`);
	await c.end();
	const kinds = { none: [0, []], sql: [5000, ['--sql', 'nothing']],
		http: [5000, ['--http', sink.url]], command: [1000, ['--command', 'true']] };
	const rates = {};
	for (const [kind, [, args]] of Object.entries(kinds)) {
		const count = kinds[kind][0] || 5000;
		const i = await b.integration();
		if (args.length !== 0)
			await add(b, i, kind, ...args);
		await b.mustCtl('integration', 'pause', i.key);
		await sleep(1500);
		await b.sendMany(i, count);
		await b.mustCtl('integration', 'resume', i.key);
		await b.drained(120000);
		rates[kind] = await b.value(`select (count(*) / extract(epoch from
		    max(o.finished_at) - min(o.handled_at)))::float8 from ewa.outcome o
		    join ewa.integration i on i.id = o.integration_id
		    where i.key = $1 and o.state = 'handled'`, i.key);
		say(`automations: ${kind}: ${Math.round(rates[kind])} events/s`);
	}
	await sink.program.stop();
	await b.stop();
}

const all = { automations, accept, idle, through, memory };
const wanted = process.argv.slice(2);
for (const name of wanted.length !== 0 ? wanted : Object.keys(all))
	await all[name]();
tap.done();
