// How fast events are accepted: durable 202s through lighttpd, against the
// same path without storage, against pgbench, with and without a history.

import fs from 'node:fs';
import path from 'node:path';

import { Bench, builddir, command, srcdir } from '../lib/ewa.mjs';
import { Program, accepts, waitFor } from '../lib/proc.mjs';
import { startServer } from '../lib/servers.mjs';
import { ROUNDS, SECONDS, median, newId, post, round, say, settle } from './load.mjs';

const HISTORY = Number(process.env.BENCH_HISTORY ?? 10000000);

// The responder that stores nothing, behind a lighttpd of its own.
async function startFree(b) {
	const socket = path.join(b.dir, 'nostore.sock');
	const program = new Program('nostore', [path.join(builddir, 'ewa-responder-nostore'),
	    '--config', b.configFile, '--socket', socket], { log: path.join(b.dir, 'nostore.log') });
	await waitFor(() => accepts({ path: socket }), 'the one without storage listens');
	const server = await startServer('lighttpd', { dir: path.join(b.dir, 'nostore'), srcdir, socket, www: b.www });
	return { program, url: server.url };
}

// Rows like those of post.lua, one a transaction, prepared, 32 clients; an id
// begins with its time.  Answers transactions a second.
async function pgbench(b, integration) {
	const script = path.join(b.dir, 'insert.sql');
	const id = await b.value('select id from ewa.integration where key = $1', integration.key);
	fs.writeFileSync(script, `insert into ewa.event (id, integration_id, received_at, deadline, content_type, source_ip,
	    request_id, headers, body, body_length, kind)
	    values (${newId}, ${id}, now(), now() + interval '1 minute',
	    'application/json', '127.0.0.1', '0123456789abcdef', '{"content-type":"application/json","user-agent":"wrk"}',
	    convert_to(repeat('x', 970), 'UTF8'), 970, 'json')`.replace(/\s*\n\s*/g, ' ') + ';\n');
	const r = await command(['pgbench', '-n', '-M', 'prepared', '-c', '32', '-j', '1', '-T', String(Math.ceil(SECONDS)),
	    '-f', script, '-h', b.pgHost, '-U', 'ewa_responder', b.database]);
	const tps = /tps = ([\d.]+)/.exec(r.stdout);
	if (r.status !== 0 || !tps)
		throw new Error(`pgbench: ${r.stdout}${r.stderr}`);
	return Number(tps[1]);
}

export async function accept() {
	const b = await Bench.start({ dispatchers: 0 });
	const i = await b.integration();
	const free = await startFree(b);
	await settle(b);
	await post(b.url(), i, 1);
	await post(free.url, i, 1);
	for (const connections of [1, 8, 64]) {
		const [r, f] = [await post(b.url(), i, SECONDS, connections), await post(free.url, i, SECONDS, connections)];
		say(`accept: ${connections} connections: durable ${Math.round(r.rate)}/s (p50 ${round(r.p50Ms)} ms, ` +
		    `p99 ${round(r.p99Ms)} ms), without storage ${Math.round(f.rate)}/s, ratio ${round(r.rate / f.rate)}`);
	}
	const ways = { durable: () => post(b.url(), i, SECONDS), free: () => post(free.url, i, SECONDS),
		pgbench: async () => ({ rate: await pgbench(b, i) }) };
	const ofFree = [], ofPgbench = [];
	for (let n = 0; n < ROUNDS; n++) {
		const got = {};
		// each in turn the first: the machine's speed drifts
		for (let k = 0; k < 3; k++) {
			const way = Object.keys(ways)[(n + k) % 3];
			got[way] = await ways[way]();
		}
		const { rate, p50Ms, p99Ms, other } = got.durable;
		ofFree.push(rate / got.free.rate);
		ofPgbench.push(rate / got.pgbench.rate);
		say(`accept: 32 connections: durable ${Math.round(rate)}/s (p50 ${round(p50Ms)} ms, p99 ${round(p99Ms)} ms, ` +
		    `${other} not 202), without storage ${Math.round(got.free.rate)}/s, ratio ${round(ofFree[n])}, ` +
		    `pgbench ${Math.round(got.pgbench.rate)}/s, ratio ${round(ofPgbench[n])}`);
	}
	await free.program.stop();
	await b.stop();
	return [['durable 202s against no storage, 32 connections', round(median(ofFree)), 'at least 0.8'],
		['durable 202s against pgbench, 32 clients', round(median(ofPgbench)), 'at least 0.8']];
}

// Handled events of yesterday and today, half each.
async function addHistory(b, integration, count) {
	const id = await b.value('select id from ewa.integration where key = $1', integration.key);
	for (const [n, day] of [[0, "date_trunc('day', now(), 'UTC') - interval '1 day'"], [1, "date_trunc('day', now(), 'UTC')"]])
		await b.sql(`insert into ewa.event (id, integration_id, received_at, deadline, headers, body, body_length, kind)
		    select (lpad(to_hex((extract(epoch from ${day}) * 1000)::bigint + g / 100), 12, '0') || '700${n}8000'
		    || lpad(to_hex(g), 12, '0'))::uuid, ${id}, now(), now(), '{}', '{"n":1}', 7, 'json'
		    from generate_series(1, ${Math.floor(count / 2)}) g`);
}

export async function history() {
	const some = await Bench.start({ dispatchers: 0 }), none = await Bench.start({ dispatchers: 0 });
	const [i, j] = [await some.integration(), await none.integration()];
	await addHistory(some, i, HISTORY);
	await settle(some);
	await settle(none);
	await post(some.url(), i, 1);
	await post(none.url(), j, 1);
	const ratios = [];
	for (let n = 0; n < ROUNDS; n++) {
		const got = {};
		for (const way of n % 2 === 0 ? ['some', 'none'] : ['none', 'some'])
			got[way] = (await (way === 'some' ? post(some.url(), i, SECONDS) : post(none.url(), j, SECONDS))).rate;
		ratios.push(got.some / got.none);
		say(`history: ${HISTORY} events: ${Math.round(got.some)}/s, none: ${Math.round(got.none)}/s, ratio ${round(ratios[n])}`);
	}
	await some.stop();
	await none.stop();
	return [[`accept rate with ${HISTORY} events of history against none`, round(median(ratios)), 'at least 0.9']];
}
