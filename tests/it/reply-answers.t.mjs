#!/usr/bin/env node
// What comes back from a reply URL: kept within bounds, endless or broken
// answers, Retry-After, causes told in words; and what goes out: bodies of any
// size, traceparent continued, one connection for many.

import http from 'node:http';
import net from 'node:net';

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, freePort, waitFor } from '../lib/ewa.mjs';
import { queue } from '../lib/queued.mjs';

const ewa = await Bench.start({
	servers: [], responder: false,
	config: { attempt_timeout: '4s', connect_timeout: '3s', memory_max: '4M' },
});
const receiver = await Receiver.start();
const i = await ewa.integration({ replyUrl: receiver.url('/in?token=hidden') });

const attempts = (id) => ewa.sql('select * from ewa.attempt where event_id = $1 order by number', id);

async function firstAttempt(integration, options) {
	const [id] = await queue(ewa, integration.key, 1, options);
	const [a] = await waitFor(async () => {
		const all = await attempts(id);
		return all.length > 0 ? all : null;
	}, 'an attempt is recorded');
	return { id, ...a };
}

// A server that writes these bytes to whoever comes, and then does `after`.
async function crude(bytes, after = (s) => s.end()) {
	const server = net.createServer((s) => {
		s.on('error', () => {});
		s.once('data', () => {
			s.write(bytes);
			after(s);
		});
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	return { server, url: `http://127.0.0.1:${server.address().port}/` };
}

{
	receiver.answer = () => ({ status: 200, headers: { 'X-Trace': 'caf\u00e9' }, body: 'thanks' });
	const a = await firstAttempt(i, {
		headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
	});
	t.is([a.outcome, a.cause, a.status], ['ok', null, 200], 'a good answer');
	t.is([a.response_body.toString(), a.response_cut], ['thanks', false], 'its body is kept');
	t.like(a.response_headers, /^HTTP\/1\.1 200 OK\r\n[^]*X-Trace: caf/, 'its headers too');
	t.like(a.remote_address, /^127\.0\.0\.1:[0-9]+$/, 'and its address');
	const [r] = receiver.of(a.id);
	t.like(r.headers.traceparent, /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/,
	    'the trace is continued');
	t.ok(!r.headers.traceparent.includes('b7ad6b7169203331'), 'by a parent of our own');
	t.within(Number(r.headers['webhook-timestamp']) * 1000, Date.now() - 10000, Date.now() + 1000,
	    'webhook-timestamp is now');
}

{
	receiver.answer = () => ({ status: 200, body: 'x'.repeat(100000) });
	const a = await firstAttempt(i);
	t.is([a.outcome, a.response_body.length, a.response_cut], ['ok', 16384, true],
	    'of a long answer 16 KiB are kept, and it is a success');
	receiver.answer = () => ({ status: 500, body: 'y'.repeat(100000) });
	const b = await firstAttempt(i);
	t.is([b.outcome, b.status, b.response_cut], ['retry', 500, true], 'a long failure is a failure');
	receiver.answer = () => 200;
}

{
	const endless = await crude('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', (s) => {
		const timer = setInterval(() => s.write(`1000\r\n${'z'.repeat(4096)}\r\n`), 5);
		s.on('close', () => clearInterval(timer));
	});
	const e = await ewa.integration({ replyUrl: endless.url });
	const a = await firstAttempt(e);
	t.is([a.outcome, a.status, a.response_body.length], ['ok', 200, 16384],
	    'an endless answer counts as its status says');
	endless.server.close();
}

{
	const cases = [
		['no HTTP at all', 'SSH-2.0-OpenSSH_9.2\r\n', undefined, 'protocol'],
		['cut off', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', undefined, 'protocol'],
		['closed at once', '', undefined, 'protocol'],
		['headers without end', 'HTTP/1.1 200 OK\r\n', (s) => {
			const timer = setInterval(() => s.write(`X-A: ${'a'.repeat(8000)}\r\n`), 2);
			s.on('close', () => clearInterval(timer));
		}, 'protocol'],
		['headers, then silence', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', () => {}, 'timeout'],
	];
	for (const [what, bytes, after, cause] of cases) {
		const c = await crude(bytes, after);
		const a = await firstAttempt(await ewa.integration({ replyUrl: c.url }));
		t.is([a.outcome, a.cause], ['retry', cause], `${what}: tried again`);
		t.ok(a.detail.length > 0 && !a.detail.includes('hidden'), `${what}: in words`, a.detail);
		c.server.close();
	}
}

{
	receiver.answer = () => 'hang';
	const a = await firstAttempt(i);
	t.is([a.outcome, a.cause, a.status], ['retry', 'timeout', null], 'no answer: a timeout');
	t.like(a.detail, /no answer from 127\.0\.0\.1:[0-9]+ within [4-9](\.\d+)? s/, 'in words');
	t.within(a.duration_ms, 3900, 20000, 'after the time allowed');
	receiver.answer = () => 200;
	const port = await freePort();
	const refused = await ewa.integration({ replyUrl: `http://127.0.0.1:${port}/x?token=hidden` });
	const b = await firstAttempt(refused);
	t.is([b.outcome, b.cause, b.detail],
	    ['retry', 'connect', `connection refused by 127.0.0.1:${port}`], 'refused: in words');
	const nameless = await ewa.integration({ replyUrl: 'http://no-such-host.invalid/' });
	const c = await firstAttempt(nameless);
	t.is([c.outcome, c.cause], ['retry', 'dns'], 'a name that does not resolve');
	const plain = await ewa.integration({ replyUrl: receiver.url().replace('http:', 'https:') });
	const d = await firstAttempt(plain);
	t.is([d.outcome, d.cause], ['retry', 'tls'], 'no TLS there');
	t.ok(!ewa.logs().includes('hidden'), "no URL's query stands in a log");
}

{
	// the answers to the same event: 503 with Retry-After, then 200
	receiver.answer = () => ({ status: 503, headers: { 'Retry-After': '3' } });
	const a = await firstAttempt(i);
	receiver.answer = () => 200;
	await waitFor(() => receiver.of(a.id)[1], 'it is tried again');
	const [x, y] = receiver.of(a.id);
	t.ok(y.at - x.at >= 2950, 'Retry-After is honoured', `${y.at - x.at} ms`);
	receiver.answer = () => ({ status: 503, headers: { 'Retry-After': '999999999' } });
	const patient = await ewa.integration({ replyUrl: receiver.url() });
	const b = await firstAttempt(patient);
	const waits = await ewa.value(`select extract(epoch from due_at - now())::float8 from ewa.queue
	    where event_id = $1`, b.id);
	t.within(waits, 3000, 3601, 'but not for years');
	receiver.answer = () => 200;
}

{
	// bodies around every bound, within 4 MiB of memory
	ewa.writeConfig({ attempt_timeout: '60s' });
	ewa.dispatchers[0].signal('SIGHUP');
	await waitFor(() => ewa.dispatchers[0].text().includes('configuration reloaded'), 'there is time for large ones');
	for (const size of [0, 65535, 65536, 65537, 1 << 20, 16 << 20]) {
		const a = await firstAttempt(i, {
			body: `decode(repeat('ff', ${size}), 'hex')`, kind: 'binary', contentType: null,
		});
		const [r] = receiver.of(a.id);
		t.is([a.outcome, r.json.event.encoding], ['ok', 'base64'], `${size} bytes: sent`);
		t.is(r.json.event.data, Buffer.alloc(size, 0xff).toString('base64'), `${size} bytes: whole`);
		receiver.requests.length = 0;
	}
	const many = await queue(ewa, i.key, 40, {
		body: `convert_to('"' || repeat('m', 1048574) || '"', 'UTF8')`,
	});
	await ewa.drained(120000, i);
	t.is(many.filter((id) => receiver.of(id)[0]?.json.event.length !== 1048574), [],
	    '40 of a megabyte each, through 4 MiB');
	receiver.requests.length = 0;
}

{
	let connections = 0, requests = 0;
	const server = http.createServer((req, res) => {
		requests++;
		req.resume();
		req.on('end', () => res.end());
	});
	server.on('connection', () => connections++);
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${server.address().port}/`;
	const kept = await ewa.integration({ replyUrl: url });
	for (let n = 0; n < 50; n++) {
		const wanted = requests + 1;
		await queue(ewa, kept.key, 1);
		await waitFor(() => requests === wanted, 'a reply', 45000, 2);
	}
	t.ok(connections <= 10, '50 one after the other: over few connections', connections);
	server.closeAllConnections?.();
	server.close();
}

await receiver.stop();
await ewa.stop();
t.done();
