#!/usr/bin/env node
// The API through both web servers with the configuration that is shipped,
// people whom the web server has signed in, and a database in trouble.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import * as tap from '../lib/tap.mjs';
import { Bench, request } from '../lib/ewa.mjs';
import { Api, addUser, password } from '../lib/api.mjs';

const servers = ['lighttpd', 'apache'];
const b = await Bench.start({ servers, dispatchers: 0 });
await addUser(b, 'ada', ['admin']);
await addUser(b, 'eve', ['viewer']);

for (const server of servers) {
	const says = (text) => `${server}: ${text}`;
	const ada = new Api(b, { server });
	tap.is((await ada.signIn('ada', 'a wrong password')).status, 401, says('a wrong password'));
	let r = await ada.signIn('ada', password);
	tap.like(r.headers['set-cookie'][0], /HttpOnly; SameSite=Strict$/, says('a sign-in with its cookie'));
	for (const [name, value] of [['cache-control', /^no-store$/], ['x-content-type-options', /^nosniff$/],
		['referrer-policy', /^no-referrer$/], ['content-security-policy', /^default-src 'none'.*frame-ancestors 'none'/]])
		tap.like(r.headers[name], value, says(`answers have ${name}, once`));
	r = await ada.post('/integrations', { name: `Through ${server}`, generateToken: true, team: 'ü &+%' });
	tap.is(r.status, 201, says('POST'), r.text);
	const base = `/integrations/${r.json.key}`;
	const etag = r.headers.etag;
	r = await ada.patch(base, { contact: 'x' }, { ifMatch: etag });
	tap.is([r.status, r.json.contact], [200, 'x'], says('PATCH with If-Match'));
	tap.isnt(r.headers.etag, etag, says('... gives another ETag'));
	tap.is((await ada.patch(base, { contact: 'y' }, { ifMatch: etag })).status, 412, says('... and the old one is 412'));
	tap.is((await ada.patch(base, { contact: 'y' })).status, 428, says('... and none is 428'));
	tap.is((await ada.patch(base, { contact: 1 }, { ifMatch: r.headers.etag })).json.errors.map((e) => e.pointer), ['/contact'],
	    says('422 says which field'));
	tap.is((await ada.put(`${base}/automations/order`, { ids: [] })).status, 200, says('PUT'));
	r = await ada.get(`/integrations?team=${encodeURIComponent('ü &+%')}`);
	tap.is(r.json.items.map((i) => i.name).includes(`Through ${server}`), true, says('a query in percent-encoding'));
	tap.is((await ada.post('/integrations', `{"name":"${'x'.repeat(2 << 20)}"}`)).status, 413, says('too large a body'));
	tap.is((await ada.post('/integrations', { name: 'x' }, { headers: { 'Sec-Fetch-Site': 'cross-site' } })).status, 403,
	    says('another site is refused'));
	tap.is((await ada.post('/integrations', { name: 'x' }, { headers: { 'Content-Type': 'text/plain' } })).status, 415,
	    says('... and what a form of its could send'));
	const made = await ada.post('/tokens', { name: `by ${server}`, grants: [{ role: 'viewer', team: null }] });
	tap.is((await new Api(b, { server, token: made.json.token }).get('/session')).json?.name, `token:by ${server}`,
	    says('Authorization reaches the API'));
	const head = await request(`${b.url(server)}/api/info`, { method: 'HEAD', path: '/api/info' });
	tap.is([head.status, head.body.length], [200, 0], says('HEAD'));
	const other = await request(`${b.url(server)}/api/session`, { method: 'PROPFIND', path: '/api/session' });
	tap.is([other.status, other.headers['content-type']], [405, 'application/problem+json'], says('another method is a problem document'));
	r = await ada.get(base);
	tap.is((await ada.delete(`${base}?name=${encodeURIComponent(`Through ${server}`)}`, { ifMatch: r.headers.etag })).status, 204,
	    says('DELETE'));
	tap.is((await ada.delete('/session')).status, 204, says('signing out'));
	tap.is((await ada.get('/session')).status, 401, says('... has ended the session'));
}

// ---- whom the web server has signed in ---------------------------------------------------

const words = path.join(b.dir, 'people');
fs.writeFileSync(words, ['ada:web-pass', 'eve:web-pass', 'mallory:web-pass', ''].join('\n'), { mode: 0o644 });
const hashed = path.join(b.dir, 'people.sha');
fs.writeFileSync(hashed, ['ada', 'eve', 'mallory'].map((n) => `${n}:{SHA}${sha('web-pass')}\n`).join(''), { mode: 0o644 });
fs.chmodSync(b.dir, 0o755);
const modules = '/usr/lib/apache2/modules';
const more = {
	lighttpd: ['server.modules += ( "mod_auth", "mod_authn_file" )', 'auth.backend = "plain"',
		`auth.backend.plain.userfile = ${JSON.stringify(words)}`,
		'auth.require = ( "/api" => ( "method" => "basic", "realm" => "web", "require" => "valid-user" ) )'],
	apache: [...['authn_core', 'authn_file', 'auth_basic', 'authz_user'].map((m) => `LoadModule ${m}_module ${modules}/mod_${m}.so`),
		'<Location "/api">', 'AuthType Basic', 'AuthName web', `AuthUserFile "${hashed}"`, 'Require valid-user', '</Location>'],
};

function sha(text) {
	return createHash('sha1').update(text).digest('base64');
}

const basic = (name) => ({ Authorization: `Basic ${Buffer.from(`${name}:web-pass`).toString('base64')}` });
// what a client could think of, whatever a server makes of such names
const forged = { 'Remote-User': 'ada', 'X-Remote-User': 'ada', 'X-Forwarded-User': 'ada',
	'HTTP-Remote-User': 'ada', 'Proxy-Remote-User': 'ada', 'Auth-Type': 'Basic' };

for (const trusted of ['yes', 'no']) {
	await b.responder.stop();
	b.writeConfig({ trust_remote_user: trusted });
	await b.startResponder();
	for (const server of servers) {
		const says = (text) => `${server}, ${trusted === 'yes' ? 'trusted' : 'not trusted'}: ${text}`;
		await b.servers[server].program.stop();
		await b.startServer(server);
		const nobody = new Api(b, { server });
		tap.is((await nobody.get('/info')).json.remoteUserSignIn, trusted === 'yes', says('the page is told'));
		tap.is((await nobody.get('/session', { headers: forged })).status, 401, says('headers of the client are no REMOTE_USER'));
		for (const name of ['Remote-User', 'Remote_User', 'REMOTE_USER', 'remote_user'])
			tap.is((await nobody.get('/session', { headers: { [name]: 'ada' } })).status, 401, says(`... spelt ${name}`));
		await b.servers[server].program.stop();
		await b.startServer(server, more[server]);
		let r = await nobody.get('/session', { headers: { ...basic('ada'), ...forged } });
		if (trusted === 'no') {
			tap.is([r.status, r.json?.detail], [401, 'sign in'], says('its sign-in does not count'));
			continue;
		}
		tap.is([r.status, r.json.name, r.json.via, r.json.adminOfAll], [200, 'ada', 'remote-user', true], says('whom it signs in is in'));
		r = await nobody.get('/session', { headers: { ...basic('eve'), ...forged } });
		tap.is([r.json.name, r.json.adminOfAll], ['eve', false], says('... with the own role, whatever a header says'));
		tap.is((await nobody.get('/users', { headers: { ...basic('eve'), ...forged } })).status, 403, says('... and no more'));
		r = await nobody.get('/session', { headers: basic('mallory') });
		tap.is([r.status, /mallory/.test(r.json?.detail)], [401, true], says('who is no user here is told so'));
		tap.is((await nobody.post('/integrations', { name: 'x' }, { headers: { ...basic('ada'), Origin: 'https://evil.example' } })).status,
		    403, says('another site is refused with it too'));
	}
}
for (const server of servers) {
	await b.servers[server].program.stop();
	await b.startServer(server);
}

// ---- the database in trouble: said so, and nothing stored ------------------------------------

const ada = new Api(b);
await ada.signIn('ada', password);
const kept = (await ada.post('/integrations', { name: 'Kept', subject: '$.a' })).json;
await b.sql(`create or replace function ewa.jsonpath_problem(path text, out problem text, out place integer)
    language plpgsql as $$ begin raise exception 'shutting down' using errcode = '57P01'; end $$`);
for (const [what, call] of [
	['a new integration', () => ada.post('/integrations', { name: 'New', subject: '$.b', colour: 'red' })],
	['a change', () => ada.patch(`/integrations/${kept.key}`, { subject: '$.b', contact: 'c' }, { ifMatch: `"${kept.version}"` })],
	['an automation', () => ada.post(`/integrations/${kept.key}/automations`,
	    { name: 'A', action: { kind: 'sql', function: 'f' }, condition: '$.c' })],
	['a check', () => ada.post('/checks/jsonpath', { value: '$.d' })],
]) {
	const r = await call();
	tap.is([r.status, 'errors' in r.json], [503, false], `${what} that cannot be checked is 503, no fault of a field`);
}
tap.is((await ada.get('/integrations')).json.items.map((i) => i.name), ['Kept'], '... nothing is added');
tap.is((await ada.get(`/integrations/${kept.key}`)).json.contact, '', '... nor changed');

await b.stop();
tap.done();
