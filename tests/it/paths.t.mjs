#!/usr/bin/env node
// Paths are taken exactly: one trailing slash is allowed, everything else that
// is not written as it should be is 404, through both servers.

import * as t from '../lib/tap.mjs';
import { Bench } from '../lib/ewa.mjs';

const ewa = await Bench.start({ servers: ['lighttpd', 'apache'] });
const i = await ewa.integration();
const { key, path } = i;
const id = await ewa.accept(i);

const right = [path, `${path}/`, `${path}?x=//../%2f`, `${path}/?x`];
const wrong = [
	`//hooks/${key}`, `/hooks//${key}`, `${path}//`, `${path}/./`, `${path}/.`, `${path}/..`,
	`/./hooks/${key}`, `/hooks/./${key}`, `/hooks/../hooks/${key}`, `/x/../hooks/${key}`,
	`/%2e/hooks/${key}`, `/hooks/%2e/${key}`, `/hooks/%2E%2E/hooks/${key}`, `/hooks/.%2e/hooks/${key}`,
	`/hooks%2f${key}`, `/hooks/%2f${key}`, `${path}%2f`, `${path}%2F`, `${path}/%2f`,
	`/hooks/%${key.charCodeAt(0).toString(16)}${key.slice(1)}`, `${path}%00`, `${path}%20`, `${path};x`,
	`${path}/events`, `${path}/events/`, `${path}/x`, `/HOOKS/${key}`, `/Hooks/${key}`, `/hooks/${key}/../${key}`,
	'/hooks/', '/hooks', '/hooks/.', '/hooks/..',
];

for (const server of ['lighttpd', 'apache']) {
	const send = (p, method = 'POST') => ewa.send({ ...i, path: p }, { server, method, json: method === 'POST' ? {} : undefined });
	for (const p of right)
		t.is((await send(p)).status, 202, `${server}: ${p.replace(key, 'KEY')}: 202`);
	const before = await ewa.value('select count(*) from ewa.event');
	for (const p of wrong) {
		const r = await send(p);
		const name = `${server}: ${p.replaceAll(key, 'KEY')}`;
		// a key in another spelling or with something behind it is another key
		const others = p.includes(';') || p.includes('%20');
		// files lie outside /hooks/, and nothing is posted to them
		const file = !p.startsWith('/hooks/') || p === '/hooks/..';
		t.ok(r.status === 404 || (file && r.status === 403) || (others && r.status === 401) || (p.includes('%00') && r.status === 400), `${name}: 404`, r.status);
		t.like(r.headers['content-type'], /^application\/problem\+json/, `${name}: a problem document`);
	}
	t.is(await ewa.value('select count(*) from ewa.event'), before, `${server}: nothing is stored of those`);

	const status = `${path}/events/${id}`;
	t.is((await send(status, 'GET')).status, 200, `${server}: the status resource`);
	t.is((await send(status.toUpperCase().replace(path.toUpperCase(), path).replace('EVENTS', 'events'), 'GET')).status, 200,
	    `${server}: an Event ID in capitals`);
	for (const p of [`${status}/`, `${status}x`, `${path}//events/${id}`, `${path}/events//${id}`, `${path}/./events/${id}`,
		`${path}/events/%2e/${id}`, `${path}/events/${id.slice(1)}`, `${path}/events/..`])
		t.is((await send(p, 'GET')).status, 404, `${server}: ${p.replaceAll(key, 'KEY')}: 404`);
	t.is((await send(status, 'POST')).status, 405, `${server}: a status takes no POST`);
	t.is((await send(path, 'DELETE')).status, 405, `${server}: an endpoint takes no DELETE`);
	t.is((await send(path, 'PATCH')).headers.allow, 'POST, PUT, GET, HEAD, OPTIONS', `${server}: it says what it takes`);
}
await ewa.stop();
t.done();
