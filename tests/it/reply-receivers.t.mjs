#!/usr/bin/env node
// Receivers as they come: every status, broken and slow answers, Retry-After in
// all its forms, ports that open late, resets by the thousand, clocks that
// step.

import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import zlib from 'node:zlib';

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, freePort, programPath, sleep, waitFor } from '../lib/ewa.mjs';
import { Program } from '../lib/proc.mjs';
import { copies, queue } from '../lib/queued.mjs';

const ewa = await Bench.start({
	servers: [], responder: false,
	config: { attempt_timeout: '4s', connect_timeout: '3s' },
});
const receiver = await Receiver.start();
const servers = [];

const attempts = (id) => ewa.sql('select * from ewa.attempt where event_id = $1 order by number', id);

// A server that treats each connection as it likes, once a request has begun.
async function crude(treat) {
	const server = net.createServer((s) => {
		s.on('error', () => {});
		s.once('data', () => treat(s));
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	servers.push(server);
	return `http://127.0.0.1:${server.address().port}/`;
}

{
	// the event of number n is answered with the status 199 + n; a 410 stops
	// an integration's replies and has its own test
	const i = await ewa.integration({ replyUrl: receiver.url() });
	const answer = (n) => (n < 211 ? 199 : 200) + n;
	receiver.answer = (r) => ({ status: answer(r.json.event.n), body: r.json.event.n % 2 ? 'x' : '' });
	const ids = await queue(ewa, i.key, 399, { timeoutMs: 60000 });
	const seen = () => ewa.sql(`select a.status, a.outcome, a.cause, count(*)::int as n
	    from ewa.attempt a where a.event_id = any($1) and a.number = 1 group by 1, 2, 3 order by 1`, ids);
	const rows = await waitFor(async () => {
		const all = await seen();
		return all.length === 399 && all;
	}, 'every status has come', 60000, 100);
	const want = (s) => (s <= 299 ? ['ok', null] :
	    s <= 499 && ![408, 425, 429].includes(s) ? ['failed', 'http'] : ['retry', 'http']);
	t.is(rows.filter((r) => r.n !== 1 || r.outcome !== want(r.status)[0] || r.cause !== want(r.status)[1]),
	    [], 'statuses 200 to 599: success, final, or tried again');
	t.is(rows.map((r) => r.status), Array.from({ length: 399 }, (_, k) => answer(k + 1)), 'each as it was answered');
	const ends = await ewa.sql(`select distinct a.status, o.reply_state from ewa.attempt a
	    join ewa.outcome o using (event_id) where a.event_id = any($1) and a.status < 500 order by 1`, ids);
	t.is(ends.filter((r) => [408, 425, 429].every((s) => s !== r.status) &&
	    r.reply_state !== (r.status <= 299 ? 'sent' : 'failed')), [], 'and the events end so');
	await ewa.mustCtl('integration', 'delete', i.key);
	receiver.answer = () => 200;
}

{
	const bye = (s) => s.end();
	const stay = () => {};
	const write = (bytes, then = bye) => (s) => {
		s.write(bytes);
		then(s);
	};
	const drip = (bytes, everyMs) => (s) => {
		let n = 0;
		const timer = setInterval(() => (n < bytes.length ? s.write(bytes.subarray(n, ++n)) : s.end()), everyMs);
		s.on('close', () => clearInterval(timer));
	};
	const ok = 'HTTP/1.1 200 OK\r\n';
	const packed = zlib.gzipSync('{"thanks":"a lot"}');
	// what, the server, then: outcome, cause, status
	const cases = [
		['a reset at once', (s) => s.resetAndDestroy(), 'retry', 'protocol', null],
		['a reset in the headers', write(`${ok}X-A: b\r\n`, (s) => setTimeout(() => s.resetAndDestroy(), 50)),
			'retry', 'protocol', 200],
		['a reset in the body', write(`${ok}Content-Length: 100\r\n\r\nhalf`,
			(s) => setTimeout(() => s.resetAndDestroy(), 50)), 'retry', 'protocol', 200],
		['no answer', stay, 'retry', 'timeout', null],
		['a hang in the status', write('HTTP/1.1 2', stay), 'retry', 'timeout', null],
		['a hang in the headers', write(`${ok}X-A: b\r\n`, stay), 'retry', 'timeout', 200],
		['a hang in the body', write(`${ok}Content-Length: 100\r\n\r\nhalf`, stay), 'retry', 'timeout', 200],
		['a slow drip', drip(Buffer.from(`${ok}X-A: ${'a'.repeat(1000)}\r\n\r\n`), 50), 'retry', 'timeout', 200],
		['a drip that ends in time', drip(Buffer.from(`${ok}Content-Length: 0\r\n\r\n`), 5), 'ok', null, 200],
		['a body longer than said', write(`${ok}Content-Length: 4\r\n\r\nfour and more`), 'ok', null, 200],
		['a body shorter than said', write(`${ok}Content-Length: 40\r\n\r\nfour`), 'retry', 'protocol', 200],
		['a length that is none', write(`${ok}Content-Length: many\r\n\r\n`), 'retry', 'protocol', 200],
		['a chunk that is none', write(`${ok}Transfer-Encoding: chunked\r\n\r\nzz\r\n`), 'retry', 'protocol', 200],
		['a header of 100 kB', write(`${ok}X-A: ${'a'.repeat(100 << 10)}\r\n\r\n`), 'retry', 'protocol', 200],
		['a header of 1 MB', write(`${ok}X-A: ${'a'.repeat(1 << 20)}\r\n\r\n`), 'retry', 'protocol', 200],
		['a header of 60 kB', write(`${ok}X-A: ${'a'.repeat(60 << 10)}\r\n\r\n`), 'ok', null, 200],
		['100 kB in 100 headers', write(ok + `X-A: ${'a'.repeat(1000)}\r\n`.repeat(100) + '\r\n'), 'ok', null, 200],
		['200 kB in 200 headers', write(ok + `X-A: ${'a'.repeat(1000)}\r\n`.repeat(200) + '\r\n'),
			'retry', 'protocol', 200],
		['a status of no HTTP', write('HTTP/1.1 abc\r\n\r\n'), 'retry', 'protocol', null],
		['HTTP/0.9', write('thanks'), 'retry', 'protocol', null],
		['HTTP/1.0', write('HTTP/1.0 200 OK\r\n\r\nthanks'), 'ok', null, 200],
		['100 Continue before', write(`HTTP/1.1 100 Continue\r\n\r\n${ok}Content-Length: 0\r\n\r\n`), 'ok', null, 200],
		['a body in gzip', write(Buffer.concat([Buffer.from(`${ok}Content-Encoding: gzip\r\nContent-Length: ` +
			`${packed.length}\r\n\r\n`), packed])), 'ok', null, 200],
		['NUL in a header', write(`${ok}X-A: a\0b\r\n\r\n`), 'retry', 'protocol', 200],
		['bytes that are no UTF-8', write(Buffer.from(`${ok}X-A: \xff\xfe\r\nContent-Length: 2\r\n\r\n\xff\0`,
			'latin1')), 'ok', null, 200],
	];
	const found = await Promise.all(cases.map(async ([what, treat]) => {
		const i = await ewa.integration({ name: what, replyUrl: await crude(treat) });
		const [id] = await queue(ewa, i.key, 1, { timeoutMs: 60000 });
		const first = await waitFor(async () => (await attempts(id))[0], `${what} is recorded`, 60000, 50);
		await ewa.sql('delete from ewa.queue where event_id = $1', id);
		return first;
	}));
	cases.forEach(([what, , outcome, cause, status], k) => {
		const a = found[k];
		// whether a status counts that was cut off in the headers is libcurl's
		const got = a.outcome === 'retry' && a.status === null && status === 200 ? 200 : a.status;
		t.is([a.outcome, a.cause, got], [outcome, cause, status], `${what}: ${outcome}`);
		t.ok(outcome === 'ok' || a.detail.length > 0, `${what}: in words`, a.detail);
		t.within(a.duration_ms, 0, 20000, `${what}: within its time`);
	});
	const gzip = found[cases.findIndex(([w]) => w === 'a body in gzip')];
	t.is(gzip.response_body, packed, 'a body in gzip is kept as its bytes');
	const bytes = found[cases.findIndex(([w]) => w.startsWith('bytes that'))];
	t.is(bytes.response_body, Buffer.from('\xff\0', 'latin1'), 'other bytes too');
	t.ok(ewa.dispatchers[0].alive, 'the dispatcher lives');
}

{
	const port = await freePort();
	const i = await ewa.integration({ replyUrl: `http://127.0.0.1:${port}/` });
	const [id] = await queue(ewa, i.key, 1);
	const [a] = await waitFor(async () => {
		const all = await attempts(id);
		return all.length > 0 && all;
	}, 'refused');
	t.is([a.outcome, a.cause], ['retry', 'connect'], 'a closed port: refused');
	const late = await Receiver.start(() => 200, { port });
	await waitFor(() => late.of(id)[0], 'a port that opens gets the reply');
	const all = await waitFor(async () => {
		const rows = await attempts(id);
		return rows.at(-1).outcome === 'ok' && rows;
	}, 'it is recorded');
	t.is(all.map((x) => x.number), all.map((_, k) => k + 1), 'attempts are numbered without gaps');
	await late.stop();
}

{
	const date = (ms, form) => {
		const d = new Date(ms), two = (n) => String(n).padStart(2, '0');
		const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
		const mon = d.toUTCString().slice(8, 11), day = days[d.getUTCDay()];
		const time = d.toUTCString().slice(17, 25);
		return {
			imf: d.toUTCString(),
			rfc850: `${day}, ${two(d.getUTCDate())}-${mon}-${two(d.getUTCFullYear() % 100)} ${time} GMT`,
			asctime: `${day.slice(0, 3)} ${mon} ${String(d.getUTCDate()).padStart(2)} ${time} ${d.getUTCFullYear()}`,
		}[form];
	};
	const now = Date.now();
	// a receiver whose clock is two hours behind, and says so
	const behind = (form) => ({ 'Retry-After': date(now - 7200000 + 120000, form), Date: date(now - 7200000, 'imf') });
	const forms = [
		['0', { 'Retry-After': '0' }, 1], ['120', { 'Retry-After': '120' }, 120],
		['120.6', { 'Retry-After': '120.6' }, 120.6], ['-5', { 'Retry-After': '-5' }, 1],
		['1e300', { 'Retry-After': '1e300' }, 3600], ['999999999999', { 'Retry-After': '999999999999' }, 3600],
		['an IMF date', behind('imf'), 120], ['an RFC 850 date', behind('rfc850'), 120],
		['an asctime date', behind('asctime'), 120],
		['a date without Date', { 'Retry-After': date(now + 120000, 'imf'), Date: 'never' }, 120],
		['a date that has passed', { 'Retry-After': date(now - 120000, 'imf') }, 1],
		['garbage', { 'Retry-After': 'soon' }, 1], ['blank', { 'Retry-After': '' }, 1],
	];
	const i = await ewa.integration({ replyUrl: receiver.url() });
	receiver.answer = (r) => ({ status: 500, headers: forms[r.json.event.n - 1][1] });
	const ids = await queue(ewa, i.key, forms.length);
	const numbers = new Map();
	await waitFor(() => {
		for (const r of receiver.requests)
			if (ids.includes(r.headers['webhook-id']))
				numbers.set(r.headers['webhook-id'], r.json.event.n);
		return numbers.size === forms.length;
	}, 'all are tried');
	await waitFor(async () => (await ewa.value(
	    'select count(distinct event_id) from ewa.attempt where event_id = any($1)', ids)) === forms.length,
	'all are recorded');
	const rows = await ewa.sql(`select q.event_id,
	    extract(epoch from q.due_at - a.started_at)::float8 - a.duration_ms / 1000.0 as wait
	    from ewa.queue q join ewa.attempt a on a.event_id = q.event_id and a.number = q.tries
	    where q.event_id = any($1) and q.owner is null and q.tries = 1`, ids);
	const waits = new Map(rows.map((r) => [numbers.get(r.event_id), r.wait]));
	forms.forEach(([what, , want], k) => {
		const wait = waits.get(k + 1);
		if (want === 1 && wait === undefined)
			t.ok(true, `Retry-After ${what}: tried again already`);
		else // a date may be up to two seconds off
			t.within(wait, want - 2, want * 1.2 + 10, `Retry-After ${what}: a wait of ${want} s`);
	});
	await ewa.mustCtl('integration', 'delete', i.key);
	receiver.answer = () => 200;
}

{
	// 250 integrations, each with a window of 8: resets in mid-transfer
	let resets = 0;
	const url = await crude((s) => {
		resets++;
		s.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
		setImmediate(() => s.resetAndDestroy());
	});
	const i = await ewa.integration({ replyUrl: url });
	const keys = await copies(ewa, i.key, 150);
	await sleep(1200); // the dispatcher knows them
	for (const key of keys)
		await queue(ewa, key, 8, { timeoutMs: 60000, ring: false });
	await ewa.sql('notify ewa_event');
	await waitFor(() => resets >= 1000, '1,000 resets', 90000);
	t.ok(ewa.dispatchers[0].alive, '1,000 resets in mid-transfer, and the dispatcher lives', resets);
	const after = await ewa.integration({ replyUrl: receiver.url() });
	const [id] = await queue(ewa, after.key, 1);
	await waitFor(() => receiver.of(id)[0], 'and it replies to others');
	await ewa.sql('delete from ewa.queue');
}

{
	let connections = 0, replies = 0, open = 0, most = 0;
	const server = http.createServer((req, res) => {
		replies++;
		req.resume();
		req.on('end', () => res.end());
	});
	server.keepAliveTimeout = 60000;
	server.on('connection', (s) => {
		connections++;
		most = Math.max(most, ++open);
		s.on('close', () => open--);
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const i = await ewa.integration({ replyUrl: `http://127.0.0.1:${server.address().port}/` });
	const descriptors = () => fs.readdirSync(`/proc/${ewa.dispatchers[0].pid}/fd`).length;
	await queue(ewa, i.key, 1000);
	await ewa.drained(120000, i);
	const before = descriptors();
	await queue(ewa, i.key, 9000);
	await ewa.drained(120000, i);
	t.is(replies, 10000, '10,000 replies to one host');
	t.ok(connections <= 64, 'over no more connections than its window has room for', connections);
	t.within(descriptors(), 1, before + 64, 'and no descriptor is left open');
	t.diag(`${connections} connections, ${most} at once`);
	server.closeAllConnections?.();
	server.close();
}

const faketime = ['/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
	'/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1'].find((f) => fs.existsSync(f));
if (faketime === undefined) {
	t.skip('a clock that steps', 'libfaketime is missing');
} else {
	await ewa.dispatchers[0].stop();
	const file = `${ewa.dir}/faketime`;
	const step = (s) => fs.writeFileSync(file, `${s < 0 ? '' : '+'}${s}\n`);
	step(0);
	const program = new Program('ewa-dispatcher',
	    [programPath('ewa-dispatcher'), '--config', ewa.configFile], {
	        log: `${ewa.dir}/stepped.log`,
	        env: {
	            LD_PRELOAD: faketime, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1',
	            FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1',
	            ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0`,
	        },
	    });
	ewa.programs.push(program);
	ewa.dispatchers.push(program);
	await waitFor(() => program.text().includes('msg=started'), 'a dispatcher with a clock of its own');
	const i = await ewa.integration({ replyUrl: receiver.url() });
	receiver.answer = () => 500;
	const [id] = await queue(ewa, i.key, 1);
	const clock = (r) => Number(r.headers['webhook-timestamp']) - r.at / 1000;
	await waitFor(() => receiver.of(id)[0], 'first attempt');
	step(3600);
	await waitFor(() => receiver.of(id)[1], 'the second attempt, an hour ahead');
	step(-3600);
	receiver.answer = () => 200;
	await waitFor(() => receiver.of(id)[2], 'the third attempt, an hour behind');
	const [a, b, c] = receiver.of(id);
	t.within(clock(b), 3540, 3660, "the dispatcher's clock is an hour ahead");
	t.within(clock(c), -3660, -3540, 'and then an hour behind');
	t.within(b.at - a.at, 980, 60000, 'an hour ahead: the wait is as planned');
	t.within(c.at - b.at, 1980, 60000, 'an hour behind: the wait is as planned');
	const all = await waitFor(async () => {
		const rows = await attempts(id);
		return rows.length === 3 && rows;
	}, 'all are recorded');
	t.ok(all.every((x) => x.duration_ms >= 0 && x.duration_ms < 60000), 'no attempt took an hour',
	    all.map((x) => x.duration_ms));
	t.ok(all.every((x) => Math.abs(x.started_at.getTime() - receiver.of(id)[x.number - 1].at) < 60000),
	    "each is recorded by the database's clock");
}

for (const s of servers)
	s.close();
await receiver.stop();
await ewa.stop();
t.done();
