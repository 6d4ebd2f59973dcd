#!/usr/bin/env node
// What the shipped server configurations add: files with security headers,
// problem documents for the servers' own errors, nothing that looks like a
// success where nothing was stored, and tokens in no log.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import * as t from '../lib/tap.mjs';
import { Bench, command, raw, request, sleep, waitFor } from '../lib/ewa.mjs';

const www = fs.mkdtempSync(path.join(os.tmpdir(), 'ewa-www-'));
t.atEnd(() => fs.rmSync(www, { recursive: true, force: true }));
fs.writeFileSync(path.join(www, 'index.html'), '<!doctype html><title>here</title>\n');
fs.writeFileSync(path.join(www, 'app.mjs'), 'export {};\n');
fs.chmodSync(www, 0o755);

const ewa = await Bench.start({ servers: ['lighttpd', 'apache'], www });
const integration = await ewa.integration({ allowQueryToken: true });

function isProblem(answer, status, name) {
	t.is(answer.status, status, name);
	t.like(answer.headers['content-type'], /^application\/problem\+json/, `${name}: its type`);
	const p = answer.json;
	t.is([p.status, typeof p.title, typeof p.detail, typeof p.error],
	    [status, 'string', 'string', 'string'], `${name}: its members`);
}

// The first line and the type of an answer to bytes that no client would send.
async function rawAnswer(port, bytes) {
	const [head, body] = (await raw(port, bytes)).toString('latin1').split('\r\n\r\n');
	return {
		status: Number(/^HTTP\/1\.[01] (\d+)/.exec(head)?.[1]),
		headers: { 'content-type': /^content-type: (.*)$/im.exec(head)?.[1] },
		json: JSON.parse(body || '{}'),
	};
}

const rude = {
	'no HTTP': ['GARBAGE\r\n\r\n', 400],
	'a header without a colon': ['GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n', 400],
	'no host': ['GET / HTTP/1.1\r\n\r\n', 400],
	'a length that is none': ['POST /hooks/a HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n', 400],
	'a broken chunk': ['POST /hooks/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n' +
	    'Connection: close\r\n\r\nzz\r\n', 400],
	'a range beyond the file': ['GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=9000-\r\n' +
	    'Connection: close\r\n\r\n', 416],
};

for (const server of Object.values(ewa.servers)) {
	const { name, url, port } = server;
	const index = await request(`${url}/`);
	t.is([index.status, index.text], [200, '<!doctype html><title>here</title>\n'], `${name}: index.html`);
	t.is(index.headers['content-type'], 'text/html; charset=utf-8', `${name}: its type`);
	t.like(index.headers['content-security-policy'], /default-src 'self'.*frame-ancestors 'none'/,
	    `${name}: Content-Security-Policy`);
	t.is([index.headers['x-content-type-options'], index.headers['referrer-policy']],
	    ['nosniff', 'no-referrer'], `${name}: nosniff, no referrer`);
	t.ok(!/\d/.test(index.headers.server ?? ''), `${name}: no version in Server`, index.headers.server);
	t.like((await request(`${url}/app.mjs`)).headers['content-type'], /^text\/javascript/,
	    `${name}: modules are JavaScript`);

	isProblem(await request(`${url}/nothing`), 404, `${name}: no such file`);
	isProblem(await request(`${url}/hooks`), 404, `${name}: /hooks alone`);
	for (const method of ['POST', 'PUT', 'DELETE'])
		isProblem(await request(`${url}/`, { method, body: '{}' }), 403,
		    `${name}: ${method} to a file is no success`);
	const trace = await request(`${url}/hooks/a`, { method: 'TRACE' });
	t.ok([405, 501].includes(trace.status), `${name}: no TRACE`, trace.status);
	for (const [what, [bytes, status]] of Object.entries(rude))
		isProblem(await rawAnswer(port, bytes), status, `${name}: ${what}`);

	for (const p of ['/hooks/../hooks/x', '//hooks/x', '/hooks//x', '/hooks/%2e%2e/hooks/x',
		'/hooks/x%2Fy', '/hooks/', '/hooks/x/../x'])
		isProblem(await request(url, { method: 'POST', path: p, body: '{}',
			headers: { 'Content-Type': 'application/json' } }), 404, `${name}: ${p}`);

	const big = Buffer.alloc(18_000_000, 0x20);
	for (const chunked of [false, true]) {
		const r = await ewa.send(integration, { server: name, body: big, chunked })
		    .catch((e) => ({ status: e.code }));
		// A server may close while 18 MB are still coming.
		if (r.status === 'ECONNRESET' || r.status === 'EPIPE')
			t.diag(`${name}: closed while ${chunked ? 'chunked ' : ''}18 MB were coming`);
		else
			isProblem(r, 413, `${name}: 18 MB${chunked ? ', chunked' : ''}`);
	}

	// Nothing is stored of an upload that breaks off.
	const before = await ewa.value('select count(*) from ewa.event');
	for (const head of ['Content-Length: 1000', 'Transfer-Encoding: chunked']) {
		await raw(port, `POST ${integration.path} HTTP/1.1\r\nHost: x\r\n` +
		    `Authorization: Bearer ${integration.token}\r\nContent-Type: text/plain\r\n` +
		    `${head}\r\n\r\n${head.includes('chunked') ? '5\r\n' : ''}hello`,
		    { end: true, timeoutMs: 2000 });
	}
	await sleep(300);
	t.is(await ewa.value('select count(*) from ewa.event'), before,
	    `${name}: an upload that breaks off stores nothing`);

	t.is((await ewa.send(integration, { server: name, token: null, json: {},
		path: `?token=${integration.token}` })).status, 202, `${name}: a token in the query`);
}

// While the responder is away the servers answer for it.
await ewa.responder.stop();
for (const { name } of Object.values(ewa.servers)) {
	const answer = await ewa.send(integration, { server: name, json: {},
		path: `?token=${integration.token}`, token: null });
	isProblem(answer, 503, `${name}: the responder is away`);
}
t.is((await ewa.send(integration, { server: 'apache', json: {} })).headers['retry-after'], '5',
    'apache: with Retry-After');
await ewa.startResponder();
for (const { name } of Object.values(ewa.servers))
	await waitFor(async () => (await ewa.send(integration, { server: name, json: {} })).status === 202,
	    `${name}: goes on when it is back`);

for (const { name, accessLog, errorLog } of Object.values(ewa.servers)) {
	// lighttpd writes its log every few seconds
	await waitFor(() => /HTTP\/1\.1 202/.test(fs.readFileSync(accessLog, 'utf8')), `${name} writes its log`);
	const access = fs.readFileSync(accessLog, 'utf8');
	t.like(access, /POST \/hooks\/\S+ HTTP\/1\.1 202/, `${name}: requests are logged`);
	t.ok(!access.includes(integration.token), `${name}: no token in the access log`);
	t.ok(!fs.readFileSync(errorLog, 'utf8').includes(integration.token),
	    `${name}: nor in the error log`);
}
await ewa.stop();

// lighttpd starts the responder itself, and again when it dies.
{
	const b = await Bench.start({ spawn: true, dispatchers: 0, www });
	const i = await b.integration();
	t.is((await b.send(i, { json: {} })).status, 202, 'spawned by lighttpd: accepted');
	const spawned = async () => Number((await command(
	    ['pgrep', '-P', String(b.servers.lighttpd.program.pid), '-x', 'ewa-responder'])).stdout);
	const first = await spawned();
	t.ok(first > 0, "spawned by lighttpd: it is lighttpd's child");
	process.kill(first, 'SIGKILL');
	await waitFor(async () => (await b.send(i, { json: {} })).status === 202,
	    'a responder is there again');
	const second = await spawned();
	t.ok(second > 0 && second !== first, 'spawned by lighttpd: and again when it dies');
	await b.stop();
}
t.done();
