#!/usr/bin/env node
// docs/api/openapi.yaml, the code and a public linter agree: each operation of
// the document is answered as it says, each of the code is in the document,
// and each role may do what the document says and no more.

import fs from 'node:fs';
import path from 'node:path';
import { createConfig, lint } from '@redocly/openapi-core';

import * as tap from '../lib/tap.mjs';
import { Bench, Receiver, srcdir, waitFor } from '../lib/ewa.mjs';
import { Api, addUser, complaint, documentPath, operations, password, seen, signedIn } from '../lib/api.mjs';

// ---- the linter -----------------------------------------------------------------------

const config = await createConfig({ extends: ['recommended'], rules: { 'info-license': 'off' } });
const problems = await lint({ ref: documentPath, config });
tap.is(problems.map((p) => `${p.ruleId}: ${p.message} ${p.location[0]?.pointer}`), [], 'the linter finds nothing');

// ---- the code's table -------------------------------------------------------------------

const table = fs.readFileSync(path.join(srcdir, 'src/responder/api.c'), 'utf8');
const roles = { PUBLIC: 'public', SIGNED_IN: 'signed-in', VIEWER: 'viewer', OPERATOR: 'operator', ADMIN: 'admin', ADMIN_ALL: 'admin-all' };
const inCode = [...table.matchAll(/\{(GET|POST|PUT|PATCH|DELETE), "([^"]+)",\s*CALL_(\w+)/g)]
    .map(([, m, p, r]) => `${m} ${p} ${roles[r]}`).sort();
const inDocument = operations.map((o) => `${o.method} ${o.path.replace(/\{[^}]+\}/g, '{}')} ${o.role}`).sort();
tap.is(inCode, inDocument, 'the code has the operations of the document, with their roles');

// ---- each operation, once at least ---------------------------------------------------------

const b = await Bench.start();
const ada = await signedIn(b, 'ada', ['admin']);
const receiver = await Receiver.start(() => 200);
await ada.get('/info');
await ada.get('/session');
const user = await ada.post('/users', { name: 'bob', password, grants: [{ role: 'viewer', team: 'x' }] });
await ada.get('/users');
await ada.get(`/users/${user.json.id}`);
await ada.patch(`/users/${user.json.id}`, { displayName: 'Bob' }, { ifMatch: user.headers.etag });
await ada.put(`/users/${user.json.id}/password`, { password: `${password} 2` });
const token = await ada.post('/tokens', { name: 't', grants: [{ role: 'admin', team: null }] });
await ada.get('/tokens');
await ada.delete(`/tokens/${token.json.id}`);
let r = await ada.post('/integrations', {
	name: 'Document', generateToken: true, enabled: true, replyUrl: receiver.url(), subject: '$.event.alert', team: 'x',
});
const i = { ...r.json, path: `/hooks/${r.json.key}` };
const base = `/integrations/${i.key}`;
await b.known(i);
await ada.get('/teams');
await ada.get('/integrations');
r = await ada.get(base);
r = await ada.patch(base, { contact: 'c' }, { ifMatch: r.headers.etag });
const copy = await ada.post(`${base}/copy`, { name: 'Copy' });
await ada.delete(`/integrations/${copy.json.key}?name=Copy`, { ifMatch: copy.headers.etag });
await ada.post(`${base}/token`, { keepOldFor: 'PT1H' });
await ada.post(`${base}/disable`);
await ada.post(`${base}/enable`);
await ada.get(`${base}/pause`);
await ada.post(`${base}/pause`, {});
await ada.post(`${base}/resume`);
r = await ada.post(`${base}/automations`, {
	name: 'A', action: { kind: 'http', url: receiver.url('/a') }, condition: '$.event.alert == "disk"',
});
const first = r.json;
const second = (await ada.post(`${base}/automations`, { name: 'B', enabled: false, action: { kind: 'sql', function: 'f' } })).json;
await ada.get(`${base}/automations`);
r = await ada.put(`${base}/automations/order`, { ids: [second.id, first.id] });
tap.is(r.json.items?.map((a) => a.name), ['B', 'A'], 'automations are put into an order');
tap.is((await ada.put(`${base}/automations/order`, { ids: [first.id] })).status, 422, '... of all of them');
r = await ada.post(`${base}/automations/try`, { body: '{"alert":"disk"}' });
tap.is(r.json.items?.map((a) => [a.name, a.automationId, a.runs]), [['B', second.id, false], ['A', first.id, true]],
    'what would run is told', r.text);
tap.is(r.json.subject, 'disk', '... and the subject');
r = await ada.get(`${base}/automations/${second.id}`);
r = await ada.patch(`${base}/automations/${second.id}`, { name: 'B2' }, { ifMatch: r.headers.etag });
await ada.delete(`${base}/automations/${second.id}`, { ifMatch: r.headers.etag });

// ---- test events ---------------------------------------------------------------------------------

r = await ada.post(`${base}/test`, { body: '{"alert":"test"}', runAutomations: false, sendReply: true });
tap.is(r.status, 202, 'a test event is sent', r.text);
const id = r.json.eventId;
await waitFor(async () => (await ada.get(`/events/${id}`)).json.replyState === 'sent', 'its reply is sent', 20000);
r = await ada.get(`/events/${id}`);
tap.is([r.json.test, r.json.journey.filter((s) => s.kind === 'automation').length], [true, 0], 'it is marked, and no automation ran');
tap.is(receiver.of(id)[0].json.test, true, 'its reply is marked too');
r = await ada.get(`/events/${id}/reply`);
tap.is(JSON.parse(r.text), receiver.of(id)[0].json, 'what the reply carried can be read');
await ada.get('/events');
await ada.get('/events/count');
await ada.get(`/events/${id}/body`);
await ada.post(`/events/${id}/resend`);
await b.drained();
r = await ada.post(`/events/${id}/handle-again`);
await b.drained();

// ---- many at once ------------------------------------------------------------------------------------

await ada.post(`${base}/token`, { token: 'typed-token-for-now' });
for (let n = 0; n < 7; n++)
	await waitFor(() => b.accept(i, { token: 'typed-token-for-now', json: { n } }).catch(() => null),
	    'the token is taken');
await b.drained();
const filter = { integration: i.key, replyState: ['sent'], test: false };
r = await ada.post('/events/resend', { filter, dryRun: true });
tap.is([r.json.count, r.json.done], [7, 0], 'first the count');
const before = receiver.total;
let done = 0;
let cursor;
do {
	r = await ada.post('/events/resend', { filter, limit: 3, upTo: r.json.upTo, ...cursor ? { cursor } : {} });
	done += r.json.done;
	cursor = r.json.next;
} while (cursor);
tap.is(done, 7, 'then all, step by step');
await waitFor(() => receiver.total === before + 7, 'the replies come', 20000);
await b.drained();
r = await ada.post('/events/handle-again', { filter: { integration: i.key, test: false }, limit: 2 });
tap.is([r.json.done, r.json.next !== null], [2, true], 'events handled again, some');
tap.is((await ada.post('/events/resend', { filter: { colour: 'red' } })).json.errors[0].pointer, '/filter/colour',
    'no unknown filter');

await ada.get('/refusals');
await ada.get('/audit');
await ada.get('/report');
await ada.get('/changes');
await ada.post('/checks/request-timeout', { value: 'PT1S' });
await ada.post('/checks/reply-url', { value: '' });
await ada.post('/checks/jsonpath', { value: '$' });

// ---- roles -----------------------------------------------------------------------------------------------

const who = { viewer: await signedIn(b, 'vera', ['viewer']), operator: await signedIn(b, 'oscar', ['operator']),
	admin: await signedIn(b, 'anna', ['admin:x']) };
const rank = ['public', 'signed-in', 'viewer', 'operator', 'admin', 'admin-all'];
const fill = (o) => o.path.replace('{key}', i.key).replace('{eventId}', id).replace('{automationId}', String(first.id))
    .replace('{userId}', '4711').replace('{tokenId}', '4711');
for (const o of operations.filter((x) => !['signIn', 'signOut', 'changePassword'].includes(x.id))) {
	const target = fill(o) + (o.id === 'deleteIntegration' ? '?name=wrong' : '');
	const nobody = await new Api(b).call(o.method, target, o.body ? {} : undefined);
	tap.is(nobody.status === 401, o.role !== 'public', `${o.id}: ${o.role === 'public' ? 'for everybody' : 'not without signing in'}`);
	for (const [role, api] of Object.entries(who)) {
		// a body that nothing takes, so that what is allowed changes nothing
		const a = await api.call(o.method, target, o.body ? { nothing: 1 } : undefined, { ifMatch: '"1"' });
		tap.is(a.status === 403, rank.indexOf(role) < rank.indexOf(o.role), `${o.id}: ${role} ${a.status}`);
	}
}

// Who has the highest role, but for another team, sees nothing of this one.
const stranger = await signedIn(b, 'stan', ['admin:y']);
for (const o of operations.filter((x) => /\{(key|eventId)\}/.test(x.path))) {
	const target = fill(o) + (o.id === 'deleteIntegration' ? '?name=Document' : '');
	const a = await stranger.call(o.method, target, o.body ? good(o) : undefined, { ifMatch: `"${(await ada.get(base)).json.version}"` });
	tap.is(a.status, 404, `${o.id}: nothing for an admin of another team`, a.text);
}
for (const [target, list] of [['/integrations', 'items'], ['/events', 'items'], ['/refusals', 'items'], ['/audit', 'items'],
	['/teams', 'items']])
	tap.is((await stranger.get(target)).json[list], [], `${target}: nothing either`);
tap.is((await stranger.get('/events/count')).json.count, 0, '... nor is anything counted');
tap.is((await stranger.get('/report')).json.totals.accepted, 0, '... nor in figures');
for (const verb of ['resend', 'handle-again'])
	tap.is((await stranger.post(`/events/${verb}`, { filter: {}, dryRun: true })).json.count, 0, `... nor for ${verb}`);
tap.is((await ada.get(base)).json.name, 'Document', 'nothing was done');

// ---- each refusal of each operation --------------------------------------------------------------

function good(o) {
	return {
		copyIntegration: { name: 'Mine' }, updateIntegration: { contact: 'me' }, setToken: {}, pauseIntegration: {},
		testIntegration: { body: '{}' }, createAutomation: { name: 'Mine', action: { kind: 'sql', function: 'f' } },
		orderAutomations: { ids: [first.id] }, tryAutomations: { body: '{}' }, updateAutomation: { name: 'Mine' },
	}[o.id] ?? {};
}

const bob = () => ada.get(`/users/${user.json.id}`);
for (const o of operations) {
	const target = fill(o).replace('4711', o.path.includes('userId') ? user.json.id : '4711');
	const of = async (what, status, body, options) => {
		if (!o.responses[status])
			return;
		const r = await ada.call(o.method, target + (options?.query ?? ''), body, { ifMatch: '"1"', ...options });
		tap.is(r.status, status, `${o.id}: ${what}`, r.text);
	};
	await of('an unknown parameter', 422, o.method === 'GET' ? undefined : o.body ? {} : undefined, { query: '?colour=red' });
	await of('a parameter that is no UTF-8', 400, o.body ? {} : undefined, { query: '?q=%ff&limit=%ff&name=%ff&until=%ff&colour=%ff' });
	if (o.method === 'GET')
		continue;
	await of('broken JSON', 400, '{"a":');
	await of('a form of another site', 415, 'a=b', { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
	await of('another site', 403, '{}', { headers: { Origin: 'https://evil.example' } });
	await of('another site, as browsers say', 403, '{}', { headers: { 'Sec-Fetch-Site': 'cross-site' } });
	await of('too much', 413, `{"a":"${'x'.repeat(1 << 20)}"}`);
	await of('an unknown field', 422, '{"colour":"red"}',
	    { ifMatch: o.path.includes('userId') ? (await bob()).headers.etag : (await ada.get(base)).headers.etag });
	await of('without the version', 428, '{}', { ifMatch: undefined });
	await of('another version', 412, '{}', { ifMatch: '"99999999"' });
}
for (const target of ['/refusals', '/audit', '/report', '/changes'])
	tap.is((await ada.get(`${target}?integration=aaaaaaaaaaaaaaaa`)).status, 404, `${target} of an integration that is none`);
r = await ada.post('/info', {}, { unchecked: true });
tap.is([r.status, r.headers.allow, complaint(operations.find((o) => o.id === 'getInfo'), r)], [405, 'GET, HEAD', null], 'another method');
seen.get('getInfo').add(r.status);
await ada.post('/users', { name: 'zoe', password, grants: [] });
const zoe = new Api(b);
await zoe.signIn('zoe', password);
for (const o of operations.filter((x) => rank.indexOf(x.role) > 1))
	tap.is((await zoe.call(o.method, fill(o), o.body ? {} : undefined, { ifMatch: '"1"' })).status, 403, `${o.id}: not without any role`);
const nobody = new Api(b);
tap.is((await nobody.signIn('zoe', 'a wrong password')).status, 401, 'signIn: a wrong password');
tap.is((await nobody.delete('/session')).status, 401, 'signOut: nobody is signed in');
tap.is((await nobody.post('/session/password', {})).status, 401, 'changePassword: nobody is signed in');
const none = { '{key}': 'aaaaaaaaaaaaaaaa', '{eventId}': '00000000-0000-7000-8000-000000000000', '{automationId}': '4711',
	'{userId}': '4711', '{tokenId}': '4711' };
for (const o of operations.filter((x) => x.path.includes('{'))) {
	const target = o.path.replace(/\{\w+\}/g, (m) => none[m]) + (o.id === 'deleteIntegration' ? '?name=x' : '');
	const a = await ada.call(o.method, target, o.body ? { ...good(o), ...o.id === 'setUserPassword' ? { password } : {} } : undefined,
	    { ifMatch: '"1"' });
	tap.is(a.status, 404, `${o.id}: nothing there`, a.text);
}

// ---- what is stored stands against it --------------------------------------------------------------

const conflict = async (o, answer) => {
	tap.is([answer.status, seen.get(o).has(409)], [409, true], `${o}: 409`, answer.text);
};
const self = (await ada.get('/users?q=ada')).json.items[0];
await conflict('createUser', await ada.post('/users', { name: 'BOB', password }));
await conflict('updateUser', await ada.patch(`/users/${self.id}`, { grants: [] }, { ifMatch: `"${self.version}"` }));
await ada.post('/tokens', { name: 'u', grants: [{ role: 'viewer', team: null }] });
await conflict('createToken', await ada.post('/tokens', { name: 'u', grants: [{ role: 'viewer', team: null }] }));
await conflict('createIntegration', await ada.post('/integrations', { name: 'document' }));
r = await ada.post('/integrations', { name: 'Other' });
const off = `/integrations/${r.json.key}`;
await conflict('updateIntegration', await ada.patch(off, { name: 'Document' }, { ifMatch: r.headers.etag }));
await conflict('copyIntegration', await ada.post(`${off}/copy`, { name: 'Document' }));
await conflict('testIntegration', await ada.post(`${off}/test`, { body: '{}' }));
await conflict('createAutomation', await ada.post(`${base}/automations`, { name: 'A', action: { kind: 'sql', function: 'f' } }));
r = await ada.post(`${base}/automations`, { name: 'C', action: { kind: 'sql', function: 'f' } });
await conflict('updateAutomation', await ada.patch(`${base}/automations/${r.json.id}`, { name: 'A' }, { ifMatch: r.headers.etag }));
// the responder has read both automations, and waits for whoever removes one
const other = await b.pool.connect();
await other.query('begin');
await other.query('delete from ewa.automation where id = $1', [r.json.id]);
const order = ada.put(`${base}/automations/order`, { ids: [r.json.id, first.id] });
await waitFor(async () => await b.value(`select count(*) from pg_stat_activity where usename = 'ewa_responder'
    and datname = current_database() and wait_event_type = 'Lock'`) > 0, 'the order waits', 30000);
await other.query('commit');
other.release();
await conflict('orderAutomations', await order);
await b.dispatchers[0].stop();
const waits = await b.accept(i, { token: 'typed-token-for-now', json: { waits: true } });
await conflict('getEventReply', await ada.get(`/events/${waits}/reply`));
await conflict('resendEvent', await ada.post(`/events/${waits}/resend`));
await conflict('handleEventAgain', await ada.post(`/events/${waits}/handle-again`));

await addUser(b, 'last', ['viewer']);
const last = new Api(b);
await last.signIn('last', password);
await last.post('/session/password', { currentPassword: password, newPassword: `${password} 3` });
await last.delete('/session');

const missed = operations.filter((o) => ![...seen.get(o.id) ?? []].some((s) => s < 300)).map((o) => o.id);
tap.is(missed, [], 'every operation of the document was answered with success');

// ---- the database away ---------------------------------------------------------------------------

await b.responder.stop();
b.writeConfig({ database_wait: '100ms' });
await b.startResponder();
await b.sql(`alter database ${b.database} connection limit 0`);
await b.sql(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'ewa_responder'`);
for (const o of operations.filter((x) => x.responses[503])) {
	const a = await ada.call(o.method, fill(o), o.body ? {} : undefined, { ifMatch: '"1"' });
	tap.is(a.status, 503, `${o.id}: 503 while the database is away`, a.text);
}
await b.sql(`alter database ${b.database} connection limit -1`);

const unseen = operations.flatMap((o) => Object.keys(o.responses).map(Number)
    .filter((x) => !seen.get(o.id)?.has(x)).map((x) => `${o.id} ${x}`));
tap.is(unseen, [], 'every answer of the document has been given');

await receiver.stop();
await b.stop();
tap.done();
