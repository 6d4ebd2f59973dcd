#!/usr/bin/env node
// Bodies as senders send them: compressed, in chunks, of any media type, as
// CloudEvents; and what is refused, stored nowhere.

import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

import * as t from '../lib/tap.mjs';
import { Bench, Receiver } from '../lib/ewa.mjs';

const ewa = await Bench.start({ servers: ['lighttpd', 'apache'] });
const i = await ewa.integration({ name: 'Bodies', maxBody: 100000 });

const events = () => ewa.value('select count(*) from ewa.event');

async function stored(options, want, kind, name) {
	const r = await ewa.send(i, options);
	t.is(r.status, 202, `${name}: 202`);
	if (r.status !== 202)
		return;
	const [row] = await ewa.sql('select body, kind from ewa.event where id = $1', r.json.eventId);
	t.ok(Buffer.from(want).equals(row.body), `${name}: byte for byte`);
	t.is(row.kind, kind, `${name}: ${kind}`);
}

async function refused(options, status, words, name) {
	const before = await events();
	const r = await ewa.send(i, options);
	t.is(r.status, status, `${name}: ${status}`);
	t.like(r.headers['content-type'], /^application\/problem\+json/, `${name}: a problem document`);
	t.like(r.json.detail, words, `${name}: says why`);
	t.is(r.json.error, r.json.detail, `${name}: also as "error"`);
	t.is(await events(), before, `${name}: nothing is stored`);
}

const json = JSON.stringify({ a: 'the quick brown fox '.repeat(20) });
const bomb = Buffer.alloc(100001, 0x20);

for (const server of ['lighttpd', 'apache']) {
	const coded = (name, body, more) => ({ server, body, headers: { 'Content-Encoding': name }, ...more });
	const at = (name) => `${server}: ${name}`;

	// ---- content codings ---------------------------------------------------
	await stored(coded('gzip', gzipSync(json)), json, 'json', at('gzip'));
	await stored(coded('GZIP', gzipSync(json)), json, 'json', at('GZIP'));
	await stored(coded('x-gzip', gzipSync(json)), json, 'json', at('x-gzip'));
	await stored(coded('deflate', deflateSync(json)), json, 'json', at('deflate'));
	await stored(coded('deflate', deflateRawSync(json)), json, 'json', at('deflate without its wrapper'));
	await stored(coded('identity', json), json, 'json', at('identity'));
	await stored(coded('gzip', gzipSync(json), { chunked: true }), json, 'json', at('gzip in chunks'));
	await stored(coded('gzip', Buffer.concat([gzipSync('[1,'), gzipSync('2]')])), '[1,2]', 'json', at('gzip of two members'));
	await stored(coded('gzip', gzipSync(bomb.subarray(1)), { type: 'text/plain' }), bomb.subarray(1), 'text', at('gzip up to the limit'));
	await refused(coded('gzip', gzipSync(bomb)), 413, /100000 bytes/, at('gzip beyond the limit'));
	await refused(coded('deflate', deflateSync(Buffer.alloc(50_000_000))), 413, /100000 bytes/, at('a bomb'));
	await refused(coded('gzip', gzipSync(json).subarray(0, -4)), 400, /gzip/, at('gzip that ends early'));
	await refused(coded('gzip', json), 400, /gzip/, at('gzip that is none'));
	await refused(coded('deflate', json), 400, /deflate/, at('deflate that is none'));
	await refused(coded('gzip', gzipSync('')), 400, /no body/, at('gzip of nothing'));
	await refused(coded('br', json), 415, /br/, at('brotli'));
	await refused(coded('zstd', json), 415, /zstd/, at('zstd'));
	await refused(coded('gzip, gzip', gzipSync(gzipSync(json))), 415, /gzip/, at('two codings in one field'));
	await refused({ server, body: gzipSync(gzipSync(json)),
		headers: [['Content-Encoding', 'gzip'], ['Content-Encoding', 'gzip']] }, 415, /gzip/, at('two codings in two fields'));

	// ---- any media type, and none --------------------------------------------
	for (const type of ['text/plain', 'application/octet-stream', 'x', 'application/x-www-form-urlencoded', null])
		await stored({ server, body: '{"a":1}', type }, '{"a":1}', 'json', at(`${type}: JSON is JSON`));
	await stored({ server, body: 'a=1&b=2', type: 'application/x-www-form-urlencoded' }, 'a=1&b=2', 'text', at('a form'));
	await stored({ server, body: Buffer.from([0, 1, 255]), type: 'image/png' }, Buffer.from([0, 1, 255]), 'binary', at('bytes'));
	await refused({ server, body: '{"a":\n  1,}' }, 400, /line 2, column 5/, at('JSON that is none'));
	await refused({ server, body: '' }, 400, /no body/, at('no body'));

	// ---- the limit -------------------------------------------------------------
	const most = `"${'x'.repeat(99998)}"`;
	await stored({ server, body: most }, most, 'json', at('the greatest body'));
	await stored({ server, body: most, chunked: true }, most, 'json', at('in chunks too'));
	await stored({ server, body: most, headers: { Expect: '100-continue' } }, most, 'json', at('after 100 Continue'));
	await refused({ server, body: `${most} ` }, 413, /100000/, at('one byte more'));
	await refused({ server, body: `${most} `, chunked: true }, 413, /100000/, at('in chunks too'));

	// ---- CloudEvents --------------------------------------------------------------
	const event = { specversion: '1.0', id: `${server}-1`, source: '/s', type: 't', data: { id: 'x' } };
	const structured = (v) => ({ server, type: 'application/cloudevents+json; charset=utf-8', json: v });
	const batch = (v) => ({ server, type: 'application/cloudevents-batch+json', json: v });
	await stored(structured(event), JSON.stringify(event), 'json', at('a CloudEvent'));
	for (const name of ['specversion', 'id', 'source', 'type']) {
		await refused(structured({ ...event, [name]: undefined }), 400, new RegExp(`attribute ${name}`), at(`without ${name}`));
		await refused(structured({ ...event, [name]: '' }), 400, new RegExp(`attribute ${name}`), at(`with an empty ${name}`));
		await refused(batch([event, { ...event, [name]: 1 }]), 400, new RegExp(`event 2: .*attribute ${name}`),
		    at(`a batch with a wrong ${name}`));
	}
	await refused(structured({ ...event, specversion: '0.3' }), 400, /0\.3/, at('an old specversion'));
	await refused(structured([event]), 400, /object/, at('an array as one CloudEvent'));
	await refused(batch(event), 400, /array/, at('one CloudEvent as a batch'));
	await stored(batch([event, event]), JSON.stringify([event, event]), 'json', at('a batch is one event'));
	await stored(batch([]), '[]', 'json', at('an empty batch'));
	await stored({ server, type: 'application/json', json: { id: 1 } }, '{"id":1}', 'json', at('what is no CloudEvent need not be one'));

	const binary = { 'ce-specversion': '1.0', 'ce-id': `${server}-b`, 'ce-source': '/s', 'ce-type': 't' };
	await stored({ server, headers: binary, body: 'text', type: 'text/plain' }, 'text', 'text', at('a CloudEvent in binary mode'));
	for (const name of ['id', 'source', 'type']) {
		const less = { ...binary };
		delete less[`ce-${name}`];
		await refused({ server, headers: less, body: 'x', type: 'text/plain' }, 400, new RegExp(`attribute ${name}`),
		    at(`binary without ce-${name}`));
	}
	await refused({ server, headers: { ...binary, 'ce-specversion': '2.0' }, body: 'x', type: 'text/plain' }, 400, /2\.0/,
	    at('binary of another specversion'));
}

// ---- the handshake -------------------------------------------------------------------

const called = await Receiver.start();
const limited = await ewa.integration({ name: 'Limited', rateLimit: 2 });
for (const server of ['lighttpd', 'apache']) {
	const shake = (integration, headers) => ewa.send(integration, { server, method: 'OPTIONS', token: null, headers });
	const r = await shake(i, { 'WebHook-Request-Origin': 'emitter.example', 'WebHook-Request-Callback': called.url(),
		'WebHook-Request-Rate': '1000' });
	t.is(r.status, 200, `${server}: the handshake of CloudEvents`);
	t.is([r.headers['webhook-allowed-origin'], r.headers['webhook-allowed-rate'], r.headers.allow],
	    ['emitter.example', '1000', 'POST'], `${server}: allows the origin, its rate, POST`);
	const slow = await shake(limited, { 'WebHook-Request-Origin': 'emitter.example', 'WebHook-Request-Rate': '1000' });
	t.is(slow.headers['webhook-allowed-rate'], '120', `${server}: no more than the integration's rate, a minute`);
	const any = await shake(limited, { 'WebHook-Request-Origin': 'emitter.example' });
	t.is(any.headers['webhook-allowed-rate'], '120', `${server}: also if none is asked for`);
	t.is((await shake(i, { 'WebHook-Request-Origin': 'emitter.example', 'WebHook-Request-Rate': 'many' })).headers['webhook-allowed-rate'],
	    '*', `${server}: nonsense is not echoed`);
	const plain = await shake(i, {});
	t.is([plain.status, plain.headers.allow], [204, 'POST, PUT, GET, HEAD, OPTIONS'], `${server}: OPTIONS without an origin`);
}
t.is(called.total, 0, 'a callback is never called');
await called.stop();

await ewa.stop();
t.done();
