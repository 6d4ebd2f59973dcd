#!/usr/bin/env node
// No answer is ever HTML, a redirect or an empty 200: with PostgreSQL away, with
// its connections used up, with the pool of look-ups exhausted, with the
// responder killed in mid-request, and while it is away.

import * as t from '../lib/tap.mjs';
import { Bench, sleep, waitFor } from '../lib/ewa.mjs';

const ewa = await Bench.start({
	servers: ['lighttpd', 'apache'],
	dispatchers: 0,
	ownCluster: true,
	config: { database_wait: '1s' },
});
const i = await ewa.integration({ allowQueryToken: true });
const id = await ewa.accept(i);

const requests = {
	'POST': { json: { n: 1 } },
	'PUT': { method: 'PUT', json: { n: 1 } },
	'POST with a key': { json: { n: 1 }, headers: { 'Idempotency-Key': 'k' } },
	'POST, compressed wrongly': { body: 'x', headers: { 'Content-Encoding': 'gzip' } },
	'POST with a token in the query': { json: 1, token: null, path: `?token=${i.token}` },
	'POST with a wrong token': { json: 1, token: 'wrong-wrong-wrong' },
	'GET of the status': { method: 'GET', path: `/events/${id}` },
	'GET of the endpoint': { method: 'GET' },
	'HEAD of the endpoint': { method: 'HEAD' },
	'OPTIONS': { method: 'OPTIONS', headers: { 'WebHook-Request-Origin': 'x.example' } },
	'DELETE': { method: 'DELETE' },
	'another path': { method: 'GET', path: '/nothing' },
};
const paths = ['/healthz', '/readyz'];

// What an answer may look like, whatever happens.
function wellFormed(r, name) {
	const type = r.headers['content-type'] ?? '';
	t.ok(r.status >= 200 && !(r.status >= 300 && r.status < 400), `${name}: no redirect`, r.status);
	t.ok(!/html/i.test(type) && !/<(!doctype|html|title)/i.test(r.text), `${name}: no HTML`, `${type} ${r.text.slice(0, 80)}`);
	if (r.status >= 400) {
		t.like(type, /^application\/problem\+json/, `${name}: ${r.status} as a problem document`);
		if (r.body.length > 0)
			t.is([r.json.status, typeof r.json.error], [r.status, 'string'], `${name}: its members`);
	} else if (r.status !== 204 && !name.includes('HEAD')) {
		t.ok(r.body.length > 0 && typeof r.json === 'object', `${name}: ${r.status} is not empty`);
	}
}

async function all(when, expect = {}) {
	for (const server of ['lighttpd', 'apache']) {
		await Promise.all(Object.entries(requests).map(async ([what, options]) => {
			const r = await ewa.send(i, { server, ...options });
			const name = `${when}: ${server}: ${what}`;
			if (what === 'HEAD of the endpoint')
				t.is(r.body.length, 0, `${name}: no body`);
			else
				wellFormed(r, name);
			if (expect[what]) {
				t.is(r.status, expect[what], `${name}: ${expect[what]}`);
				if (expect[what] === 503)
					t.like(r.headers['retry-after'], /^[1-9]\d*$/, `${name}: with Retry-After`);
			}
		}));
		for (const path of paths)
			wellFormed(await ewa.send({ ...i, path }, { server, method: 'GET' }), `${when}: ${server}: ${path}`);
	}
}

const away = {
	'POST': 503, 'PUT': 503, 'POST with a key': 503, 'POST with a token in the query': 503,
	'GET of the status': 503, 'POST, compressed wrongly': 400, 'POST with a wrong token': 401,
	'GET of the endpoint': 200, 'DELETE': 405, 'another path': 404, 'OPTIONS': 200,
};

await all('as usual', { ...away, 'POST': 202, 'PUT': 202, 'POST with a key': 202,
	'POST with a token in the query': 202, 'GET of the status': 200 });
const stored = async () => ewa.value('select count(*) from ewa.event');

// ---- the look-ups' connections are all in use ---------------------------------

{
	const c = ewa.client();
	await c.connect();
	await c.query('begin; lock table ewa.outcome in access exclusive mode');
	const answers = await Promise.all(Array.from({ length: 24 }, (_, n) => ewa.send(i, {
		server: n % 2 ? 'lighttpd' : 'apache', method: 'GET', path: `/events/${id}`,
	})));
	t.is(answers.map((r) => r.status).filter((s) => s !== 503), [], 'the pool is exhausted: 24 look-ups get 503');
	answers.forEach((r, n) => wellFormed(r, `the pool is exhausted: ${n + 1}`));
	t.is((await ewa.send(i, { json: 1 })).status, 202, 'the pool is exhausted: events are taken all the same');
	await c.query('rollback');
	await c.end();
	await waitFor(async () => (await ewa.send(i, { method: 'GET', path: `/events/${id}` })).status === 200,
	    'look-ups work again');
}

// ---- no connection may be made ----------------------------------------------------

{
	const c = ewa.client();
	await c.connect();
	await c.query('alter role ewa_responder connection limit 0');
	await c.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ewa_responder'");
	const before = await stored();
	await all('connections used up', away);
	t.is(await stored(), before, 'connections used up: nothing was stored');
	await c.query('alter role ewa_responder connection limit -1');
	await c.end();
	await waitFor(async () => (await ewa.send(i, { json: 1 })).status === 202, 'connections are to be had again');
}

// ---- PostgreSQL is away ---------------------------------------------------------------

const before = await stored();
await ewa.cluster.stop('SIGQUIT');
await all('PostgreSQL away', away);
await ewa.cluster.start();
await waitFor(async () => (await ewa.send(i, { json: 1 })).status === 202, 'PostgreSQL is back');
t.is(await stored(), before + 1, 'PostgreSQL away: nothing was stored');

// A responder that has never seen the database.
await ewa.responder.stop();
await ewa.cluster.stop('SIGQUIT');
await ewa.startResponder();
await all('no database since the start', { 'POST': 503, 'POST with a wrong token': 503, 'GET of the status': 503, 'DELETE': 405 });
await ewa.cluster.start();
await waitFor(async () => (await ewa.send(i, { json: 1 })).status === 202, 'it has come');

// ---- killed in mid-request ------------------------------------------------------------

for (let round = 0; round < 2; round++) {
	const c = ewa.client();
	await c.connect();
	await c.query('begin; lock table ewa.event in access exclusive mode');
	const waiting = ['lighttpd', 'apache'].flatMap((server) => Array.from({ length: 4 }, () =>
		ewa.send(i, { server, json: 1 }).catch((e) => ({ error: e.message }))));
	await sleep(500);
	await ewa.responder.kill();
	const answers = await Promise.all(waiting);
	await c.query('rollback');
	await c.end();
	answers.forEach((r, n) => {
		const name = `killed in mid-request: ${n < 4 ? 'lighttpd' : 'apache'} ${n % 4 + 1}`;
		t.is(r.error, undefined, `${name}: there is an answer`);
		if (r.error)
			return;
		t.ok(r.status >= 500, `${name}: a 5xx, so that it is sent again`, r.status);
		wellFormed(r, name);
	});
	await all('the responder is away', Object.fromEntries(Object.keys(requests).map((k) => [k, undefined])));
	await ewa.startResponder();
	await waitFor(async () => (await ewa.send(i, { json: 1 })).status === 202, 'a new one goes on');
}

await ewa.stop();
t.done();
