#!/usr/bin/env node
// Slow senders: a body has one deadline for the whole of it, nothing is stored
// of one that breaks off, and they starve nobody.

import net from 'node:net';

import * as t from '../lib/tap.mjs';
import { Bench, sleep, waitFor } from '../lib/ewa.mjs';

const workers = 16;
const ewa = await Bench.start({
	servers: ['lighttpd', 'apache'],
	dispatchers: 0,
	config: { workers, body_timeout: '20s' },
});
const i = await ewa.integration();
const events = () => ewa.value('select count(*) from ewa.event');

const head = (token, more = 'Content-Length: 1000') => `POST ${i.path} HTTP/1.1\r\nHost: x\r\n` +
    `Authorization: Bearer ${token}\r\nContent-Type: text/plain\r\nConnection: close\r\n${more}\r\n\r\n`;

// One that sends a byte now and then; gives what came back.
function dribble(port, { token = i.token, everyMs = 100 } = {}) {
	const d = { answer: '', closed: false, startedAt: Date.now() };
	const s = net.connect({ host: '127.0.0.1', port });
	s.on('connect', () => s.write(head(token)));
	s.on('data', (b) => { d.answer += b; });
	s.on('error', () => {});
	s.on('close', () => {
		d.closed = true;
		d.tookMs = Date.now() - d.startedAt;
		clearInterval(timer);
	});
	const timer = setInterval(() => s.write('x'), everyMs);
	d.stop = () => {
		clearInterval(timer);
		s.destroy();
	};
	return d;
}

// ---- half the workers are held through Apache -------------------------------------

{
	const { port } = ewa.servers.apache;
	const slow = Array.from({ length: workers / 2 }, () => dribble(port));
	const refused = Array.from({ length: workers / 4 }, () => dribble(port, { token: 'wrong-wrong-wrong' }));
	await sleep(500);
	const times = [];
	for (let n = 0; n < 60; n++) {
		const r = await ewa.send(i, { server: n % 2 ? 'apache' : 'lighttpd', json: n });
		t.is(r.status, 202, `while uploads dribble: 202 (${n + 1})`);
		times.push(r.ms);
	}
	times.sort((x, y) => x - y);
	const above = times.filter((ms) => ms >= 1000);
	t.diag(`of ${times.length}: median ${times[30].toFixed(0)} ms, the slowest ${times[59].toFixed(0)} ms, above a second ${above.length}`);
	// Every one, but for what a loaded machine may hold up by itself.
	t.ok(times[30] < 1000, 'within a second, by the median', times);
	t.ok(above.length <= 3, 'and at most 3 of 60 above it', above);
	t.ok(times[59] < 15000, 'none waits for the uploads to end', times);
	t.ok(slow.every((d) => !d.closed), 'and the uploads went on all the while');

	await waitFor(() => slow.every((d) => d.closed), 'the deadline ends them all');
	t.ok(slow.every((d) => /^HTTP\/1\.1 408 /.test(d.answer)), 'they are told 408', slow.map((d) => d.answer.slice(0, 60)));
	t.ok(slow.every((d) => /application\/problem\+json/i.test(d.answer)), 'as a problem document');
	t.ok(slow.every((d) => d.tookMs >= 19000), 'not before the deadline', slow.map((d) => d.tookMs));
	await waitFor(() => refused.every((d) => d.closed || /401/.test(d.answer)), 'those without a right token are told so');
	t.ok(refused.every((d) => /^HTTP\/1\.1 401 /.test(d.answer)), '401', refused.map((d) => d.answer.slice(0, 60)));
	for (const d of [...slow, ...refused])
		d.stop();
}

// ---- one that stops altogether -------------------------------------------------------

{
	const d = dribble(ewa.servers.apache.port, { everyMs: 3000 });
	await waitFor(() => d.closed, 'gaps end at the same deadline');
	// Apache may be waiting for the next byte when the answer comes.
	t.like(d.answer, /^HTTP\/1\.1 (408|503) [^]*application\/problem\+json/, 'with a problem document');
	t.ok(d.tookMs < 60000, 'or when the next byte comes', d.tookMs);
}

// ---- uploads that break off ------------------------------------------------------------

for (const { name, port } of Object.values(ewa.servers)) {
	const before = await events();
	for (const [what, bytes] of Object.entries({
		'less than its length': `${head(i.token)}hello`,
		'no body at all': head(i.token),
		'a chunk that is cut': `${head(i.token, 'Transfer-Encoding: chunked')}64\r\nhello`,
		'no last chunk': `${head(i.token, 'Transfer-Encoding: chunked')}5\r\nhello\r\n`,
	})) {
		const s = net.connect({ host: '127.0.0.1', port });
		s.on('error', () => {});
		await new Promise((done) => s.on('connect', done));
		s.write(bytes);
		await sleep(150);
		s.destroy();
		await sleep(150);
		t.is(await events(), before, `${name}: gone after ${what}: nothing is stored`);
	}
	t.is((await ewa.send(i, { server: name, json: 1 })).status, 202, `${name}: and goes on`);
}

await ewa.stop();
t.done();
