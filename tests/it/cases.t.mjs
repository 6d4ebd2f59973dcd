#!/usr/bin/env node
// Requests of real senders (cases.json), through lighttpd and through Apache:
// the answer, and what is stored, byte for byte.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { gunzipSync } from 'node:zlib';

import * as t from '../lib/tap.mjs';
import { Bench, waitFor } from '../lib/ewa.mjs';

const { cases } = JSON.parse(fs.readFileSync(new URL('cases.json', import.meta.url)));

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

function bodyOf(request) {
	if (request.body_gzip_base64 !== undefined)
		return gunzipSync(Buffer.from(request.body_gzip_base64, 'base64'));
	return Buffer.from(request.body_base64 ?? '', 'base64');
}

function credential(kind, integration, other) {
	const { token } = integration;
	switch (kind) {
	case 'bearer': return [['Authorization', `Bearer ${token}`]];
	case 'basic': return [['Authorization',
		`Basic ${Buffer.from(`anyone:${token}`).toString('base64')}`]];
	case 'header': return [['X-Platform-Token', token]];
	case 'gitlab': return [['X-Gitlab-Token', token]];
	case 'wrong': return [['Authorization', `Bearer ${other.token}`]];
	case 'underscore': return [['X_Platform_Token', token]];
	case 'header-empty': return [['X-Platform-Token', '']];
	case 'query':
	case 'none': return [];
	default: throw new Error(`a credential that the test doesn't know: ${kind}`);
	}
}

function checkProblem(answer, want, name) {
	t.like(answer.headers['content-type'], /^application\/problem\+json/,
	    `${name}: a problem document`);
	const problem = answer.json;
	t.is([problem.status, typeof problem.title, typeof problem.detail, typeof problem.error],
	    [answer.status, 'string', 'string', 'string'], `${name}: its members`);
	for (const word of want.error_mentions ?? []) {
		t.ok(problem.detail.includes(word), `${name}: the detail mentions ${word}`,
		    problem.detail);
	}
}

async function checkStored(ewa, answer, want, integration, name) {
	const { eventId, status, receivedAt, statusUrl } = answer.json;
	t.is(answer.headers['content-type'], 'application/json', `${name}: answered in JSON`);
	t.is(answer.headers['content-length'], String(answer.body.length),
	    `${name}: answered with a length`);
	t.is(status, 'accepted', `${name}: accepted`);
	t.like(receivedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, `${name}: the time`);
	t.is(answer.headers.location, `${integration.path}/events/${eventId}`,
	    `${name}: Location`);
	t.is(statusUrl, answer.headers.location, `${name}: statusUrl`);
	const [row] = await ewa.sql('select kind, body from ewa.event where id = $1', eventId);
	t.is(row?.kind, want.kind, `${name}: marked ${want.kind}`);
	t.is(row && sha256(row.body), want.stored_sha256, `${name}: stored byte for byte`);
}

async function run(ewa, server, c, integration, other) {
	const { request, expect } = c;
	const name = `${server}: ${c.name}`;
	const query = request.credential === 'query' ? `?token=${integration.token}` : '';
	const unknown = request.path.startsWith('!unknown');
	const target = unknown ? { ...integration, path: '/hooks/aaaaaaaaaaaaaaaa' } : integration;
	const body = bodyOf(request);
	const bodiless = ['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(request.method);
	const before = await ewa.value('select count(*) from ewa.event');
	const answer = await ewa.send(target, {
		server,
		method: request.method,
		path: (unknown ? '' : request.path) + query,
		token: null,
		type: null,
		headers: [...credential(request.credential, integration, other),
			...Object.entries(request.headers)],
		body: bodiless && body.length === 0 ? undefined : body,
		chunked: request.chunked,
	});
	if (!t.is(answer.status, expect.status, `${name}: ${c.why || expect.status}`))
		t.diag(answer.text.slice(0, 400));
	if (answer.status !== expect.status)
		return;
	if (answer.status === 202) {
		await checkStored(ewa, answer, expect, integration, name);
		return;
	}
	t.is(await ewa.value('select count(*) from ewa.event'), before, `${name}: nothing stored`);
	if (answer.status >= 400)
		checkProblem(answer, expect, name);
	if (answer.status === 401)
		t.like(answer.headers['www-authenticate'], /Bearer.*Basic realm="ewa"/, `${name}: challenged`);
	if (answer.status === 405)
		t.like(answer.headers.allow, /POST/, `${name}: Allow`);
	if (answer.status === 204)
		t.is(answer.body.length, 0, `${name}: no body`);
}

const ewa = await Bench.start({ servers: ['lighttpd', 'apache'] });
const other = await ewa.integration({ name: 'Another one' });

for (const server of ['lighttpd', 'apache']) {
	const made = new Map();
	for (const c of cases) {
		const settings = JSON.stringify(c.integration ?? {});
		if (!made.has(settings))
			made.set(settings, await ewa.integration(JSON.parse(settings)));
		await run(ewa, server, c, made.get(settings), other);
	}
}

// The access logs know the requests with a token in the query, without it.
for (const server of Object.values(ewa.servers)) {
	const read = () => fs.readFileSync(server.accessLog, 'utf8') + fs.readFileSync(server.errorLog, 'utf8');
	// lighttpd writes its log every few seconds
	await waitFor(() => /DELETE \/hooks\//.test(read()), `${server.name} writes its log`);
	const log = read();
	t.like(log, /POST \/hooks\//, `${server.name}: requests are logged`);
	t.ok(!/token=|\?/.test(log), `${server.name}: without their queries`);
}

await ewa.stop();
t.done();
