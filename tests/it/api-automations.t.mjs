#!/usr/bin/env node
// Automations through the API.

import * as tap from '../lib/tap.mjs';
import { Bench } from '../lib/ewa.mjs';
import { signedIn } from '../lib/api.mjs';

const b = await Bench.start({ dispatchers: 0 });
const ada = await signedIn(b, 'ada', ['admin']);
const ops = await signedIn(b, 'oscar', ['operator']);
const i = (await ada.post('/integrations', { name: 'Automated', requestTimeout: 'PT10S' })).json;
const base = `/integrations/${i.key}/automations`;

let r = await ada.post(base, { name: 'Look up', action: { kind: 'sql', function: 'look_up' }, condition: '$.event.a == 1' });
tap.is([r.status, r.json.position, r.json.attempts, r.json.enabled, r.json.onFailure], [201, 1, 1, true, 'stop'], 'an automation is added');
const sql = r.json;
r = await ada.post(base, {
	name: 'Ticket', onFailure: 'continue', timeLimit: 'PT5S', attempts: 4,
	action: { kind: 'http', url: 'https://tickets.example.com/', method: 'PUT',
		headers: [{ name: 'X-Api-Key', value: 's3cret-canary' }, { name: 'X-Plain', value: 'p' }] },
});
tap.is(r.json.action, { kind: 'http', url: 'https://tickets.example.com/', method: 'PUT',
	headers: [{ name: 'X-Api-Key', value: null, secret: true }, { name: 'X-Plain', value: 'p', secret: false }] },
'another calls an address, its key is not read back');
tap.is(r.json.warnings.length, 1, 'that it may outlast the request timeout is told');
const http = r.json;
r = await ada.post(base, { name: 'Restart', action: { kind: 'command', command: 'restart', arguments: ['--now', 'x y'] } });
tap.is(r.json.action, { kind: 'command', command: 'restart', arguments: ['--now', 'x y'] }, 'a third runs a program');
tap.is((await ops.get(base)).json.items.map((a) => a.name), ['Look up', 'Ticket', 'Restart'], 'in their order');
r = await ada.get(`${base}/${http.id}`);
tap.is((await ada.patch(`${base}/${http.id}`, { enabled: false })).status, 428, 'a change needs If-Match');
const etag = r.headers.etag;
r = await ada.patch(`${base}/${http.id}`, { enabled: false }, { ifMatch: etag });
tap.is([r.status, r.json.enabled, r.json.attempts, r.json.action.headers.length], [200, false, 4, 2], 'what is given is changed');
tap.is((await ada.patch(`${base}/${http.id}`, { enabled: true }, { ifMatch: etag })).status, 412, 'the second of two is told');
tap.is(await b.value('select count(*) from ewa.automation_header where sealed is not null'), 1, 'its key is kept, sealed');
for (const [body, pointer] of [
	[{ name: 'Look up', action: { kind: 'sql', function: 'f' } }, '/name'],
	[{ name: 'x', action: { kind: 'sql', function: 'f' }, condition: '$.[' }, '/condition'],
	[{ name: 'x', action: { kind: 'magic' } }, '/action'],
	[{ name: 'x', action: { kind: 'command', command: '../etc' } }, '/action/command'],
	[{ name: 'x', action: { kind: 'http', url: 'ftp://x' } }, '/action/url'],
	[{ name: 'x', action: { kind: 'sql', function: 'f' }, timeLimit: '5' }, '/timeLimit'],
	[{ name: 'x', action: { kind: 'sql', function: 'f' }, colour: 'red' }, '/colour'],
	[{ action: { kind: 'sql', function: 'f', url: 'x' } }, '/name'],
]) {
	r = await ada.post(base, body);
	tap.is([r.status === 422 || r.status === 409, r.json.errors?.[0].pointer], [true,
		pointer === '/name' && !body.name ? r.json.errors?.[0].pointer : pointer], `refused at ${pointer}`);
}
tap.is((await ops.post(base, { name: 'x', action: { kind: 'sql', function: 'f' } })).status, 403, 'an operator adds none');
tap.is((await ada.get(`${base}/4711`)).status, 404, 'an unknown one is 404');
r = await ada.get(`${base}/${sql.id}`);
tap.is((await ada.delete(`${base}/${sql.id}`, { ifMatch: r.headers.etag })).status, 204, 'one is removed');
tap.is((await ada.get(base)).json.items.map((a) => [a.name, a.position]), [['Ticket', 1], ['Restart', 2]], 'the others move up');
tap.ok((await ada.get(`/audit?integration=${i.key}`)).json.items.filter((a) => /automation/.test(a.action)).length >= 4, 'all is audited');

// ---- a copy has them too -----------------------------------------------------------------------

const pair = [{ name: 'X-Api-Key', value: 's3cret-of-the-copy' }, { name: 'X-Plain', value: 'p' }];
await ada.post(base, { name: 'With key', condition: '$.event.b == 2',
	action: { kind: 'http', url: 'https://tickets.example.com/b', headers: pair } });
r = await ada.post(`/integrations/${i.key}/copy`, { name: 'The copy' });
tap.is(r.status, 201, 'an integration is copied', r.text);
const copy = r.json;
const plain = (a) => ({ ...a, id: 0, version: 0, createdAt: 0, createdBy: 0, modifiedAt: 0, modifiedBy: 0 });
const theirs = (await ada.get(base)).json.items;
const ours = (await ada.get(`/integrations/${copy.key}/automations`)).json.items;
tap.is(ours.map(plain), theirs.map(plain), '... with its automations, in their order');
tap.ok(ours.length === 3 && ours.every((a) => theirs.every((x) => x.id !== a.id)), '... which are others');
tap.is((await b.sql(`select count(*) as n, count(distinct h.sealed) as d from ewa.automation_header h where h.name = 'X-Api-Key'
    and h.sealed is not null`)).map((x) => [Number(x.n), Number(x.d)]), [[4, 4]], '... and their secrets, sealed for them');
tap.is((await ada.get(`/audit?integration=${copy.key}`)).json.items.map((a) => a.action).sort(),
    ['automation-add', 'automation-add', 'automation-add', 'create'], '... which is audited');
tap.ok(!(await ada.get(`/audit?integration=${copy.key}`)).text.includes('s3cret'), '... without secrets');
await ada.delete(`${base}/${theirs[2].id}`, { ifMatch: `"${(await ada.get(base)).json.items[2].version}"` });
tap.is((await ada.get(`/integrations/${copy.key}/automations`)).json.items.length, 3, '... and stays when the original loses one');

await b.stop();
tap.done();
