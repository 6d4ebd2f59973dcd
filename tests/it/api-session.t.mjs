#!/usr/bin/env node
// Signing in, sessions, API tokens, users, and requests from other sites.

import * as tap from '../lib/tap.mjs';
import { Bench, sleep, waitFor } from '../lib/ewa.mjs';
import { Api, addUser, password, signedIn } from '../lib/api.mjs';

const b = await Bench.start({ dispatchers: 0 });
const nobody = new Api(b);

// ---- without signing in ----------------------------------------------------------

tap.is((await nobody.get('/info')).json.product, 'ewa', 'the product can be asked for');
tap.is((await nobody.get('/session')).status, 401, 'nobody is signed in');
let r = await nobody.get('/session', { cookie: 'ewa_session=' + 'a'.repeat(52) });
tap.is(r.status, 401, 'a made-up cookie is nobody');
tap.like(r.headers['www-authenticate'], /^Bearer/, 'a 401 offers Bearer');
tap.ok(!/Basic/.test(r.headers['www-authenticate']), '... and no Basic');
r = await nobody.get('/nothing', { unchecked: true });
tap.is([r.status, r.json.status], [404, 404], 'an unknown path is a problem document');
r = await nobody.put('/session', {}, { unchecked: true });
tap.is([r.status, r.headers.allow], [405, 'POST, GET, HEAD, DELETE'], 'another method is 405 with Allow');

// ---- signing in --------------------------------------------------------------------

await addUser(b, 'ada', ['admin']);
const ada = new Api(b);
r = await ada.signIn('ada', 'not the password');
tap.is([r.status, r.json.detail], [401, 'name or password is wrong'], 'a wrong password');
r = await ada.signIn('nobody', 'not the password');
tap.is([r.status, r.json.detail], [401, 'name or password is wrong'], 'an unknown name: the same answer');
r = await ada.signIn('ADA', password);
tap.is([r.status, r.json.name, r.json.via], [200, 'ada', 'password'], 'signed in, whatever the case');
const set = r.headers['set-cookie'][0];
tap.like(set, /^ewa_session=[a-z2-7]{52}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/,
    'the cookie is HttpOnly and SameSite=Strict');
tap.is(r.headers['cache-control'], 'no-store', 'answers are not stored');
tap.is(r.headers['x-content-type-options'], 'nosniff', '... nor guessed at');
tap.is(r.headers['referrer-policy'], 'no-referrer', '... and tell no referrer');
tap.like(r.headers['content-security-policy'], /default-src 'none'/, '... and allow nothing');
tap.is((await ada.get('/session')).json.adminOfAll, true, 'the session says what one may');
tap.is(await b.value('select count(*) from ewa.session where encode(mac, \'hex\') like $1',
    `%${set.slice(12, 64)}%`), 0, 'the token itself is not stored');

// ---- requests from elsewhere ---------------------------------------------------------

const sites = [
	[{ 'Sec-Fetch-Site': 'cross-site' }, 403],
	[{ 'Sec-Fetch-Site': 'same-site' }, 403],
	[{ 'Sec-Fetch-Site': 'same-origin' }, 200],
	[{ 'Sec-Fetch-Site': 'none' }, 200],
	[{ Origin: 'https://evil.example' }, 403],
	[{ Origin: 'null' }, 403],
	[{ Origin: b.url() }, 200],
	[{ 'Sec-Fetch-Site': 'cross-site', Origin: b.url() }, 403],
	[{ 'Content-Type': 'text/plain' }, 415],
	[{ 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
	[{ 'Content-Type': 'application/json; charset=utf-8' }, 200],
];
for (const [headers, status] of sites)
	tap.is((await nobody.post('/session', { name: 'ada', password }, { headers })).status, status,
	    `a sign-in with ${JSON.stringify(headers).replace(/127.*?"/, 'our host"')}: ${status}`);
r = await ada.get('/session', { headers: { 'Sec-Fetch-Site': 'cross-site' } });
tap.is(r.status, 200, 'a GET changes nothing and may come from anywhere (the cookie does not)');

// ---- what is sent ---------------------------------------------------------------------

for (const [body, status, what] of [
	['{"name":"ada"', 400, 'broken JSON'],
	['[]', 400, 'no object'],
	['', 400, 'nothing'],
	['{"name":"a\\u0000da","password":"x"}', 400, 'NUL'],
	[{ name: 'ada' }, 422, 'a missing field'],
	[{ name: 1, password: [] }, 422, 'wrong types'],
	[{ name: 'ada', password, extra: 1 }, 422, 'an unknown field'],
	[`{"name":"ada","password":"${'x'.repeat(2 << 20)}"}`, 413, 'too much'],
])
	tap.is((await nobody.post('/session', body, { unchecked: status === 413 })).status, status,
	    `${what}: ${status}`);
r = await nobody.post('/session', { name: '', 'a/b~c': 1 });
tap.is(r.json.errors.map((e) => e.pointer).sort(), ['/a~1b~0c', '/name', '/password'],
    'all that is wrong is told at once, by JSON pointers');

// ---- users --------------------------------------------------------------------------------

r = await ada.post('/users', {
	name: 'bob', displayName: 'Bob <b>', password, grants: [{ role: 'viewer', team: null }],
});
tap.is([r.status, r.json.name, r.json.createdBy], [201, 'bob', 'ada'], 'a user is added');
const bobId = r.json.id;
tap.is(r.headers.location, `/api/users/${bobId}`, '... and found at its Location');
tap.is((await ada.post('/users', { name: 'BOB', password })).status, 409, 'a name is taken, whatever its case');
r = await ada.post('/users', { name: 'b o b', password: 'short', grants: [{ role: 'king', team: 3 }] });
tap.is(r.json.errors.map((e) => e.pointer).sort(),
    ['/grants/0/role', '/grants/0/team', '/name', '/password'], 'each wrong field is named');
const bob = new Api(b);
await bob.signIn('bob', password);
tap.is((await bob.get('/users')).status, 403, 'a viewer does not see users');
tap.is((await bob.post('/users', { name: 'x', password })).status, 403, '... nor adds any');
r = await ada.get(`/users/${bobId}`);
const etag = r.headers.etag;
tap.is((await ada.patch(`/users/${bobId}`, { enabled: false })).status, 428, 'a change needs If-Match');
tap.is((await ada.patch(`/users/${bobId}`, { enabled: false }, { ifMatch: '"99"' })).status, 412,
    'another version is stale');
tap.is((await ada.patch(`/users/${bobId}`, { displayName: 'Bob' }, { ifMatch: etag })).json.displayName, 'Bob',
    'the right version is changed');
tap.is((await ada.patch(`/users/${bobId}`, { enabled: false }, { ifMatch: etag })).status, 412,
    '... and is another one then');
r = await ada.get(`/users/${bobId}`);
tap.is((await ada.patch(`/users/${bobId}`, { enabled: false }, { ifMatch: r.headers.etag })).status, 200,
    'a user is disabled');
tap.is((await bob.get('/session')).status, 401, '... and signed out at once');
tap.is((await bob.signIn('bob', password)).status, 401, '... and cannot sign in');
r = await ada.get('/users?q=ada');
const self = r.json.items[0];
tap.is(r.json.items.length, 1, 'users are searched');
r = await ada.patch(`/users/${self.id}`, { grants: [] }, { ifMatch: `"${self.version}"` });
tap.is(r.status, 409, 'the last admin stays one');
tap.is((await ada.get('/users/4711')).status, 404, 'an unknown user is 404');
tap.is((await ada.put(`/users/${bobId}/password`, { password: 'another good sentence' })).status, 204,
    'a password is set');

for (let i = 0; i < 5; i++)
	await ada.post('/users', { name: `user${i}` });
r = await ada.get('/users?limit=3');
tap.is(r.json.items.map((u) => u.name), ['ada', 'bob', 'user0'], 'a page of users');
tap.is(r.json.previous, null, '... with none before it');
let p2 = await ada.get(`/users?limit=3&cursor=${r.json.next}`);
tap.is(p2.json.items.map((u) => u.name), ['user1', 'user2', 'user3'], '... the next');
p2 = await ada.get(`/users?limit=3&cursor=${p2.json.previous}`);
tap.is([p2.json.items.map((u) => u.name), p2.json.previous], [['ada', 'bob', 'user0'], null],
    '... and back');
tap.is((await ada.get('/users?limit=0')).status, 422, 'a wrong limit is refused');
tap.is((await ada.get('/users?colour=red')).json.errors[0].pointer, 'colour', 'an unknown parameter is refused');

// ---- one's own password ---------------------------------------------------------------------

const other = new Api(b);
await other.signIn('ada', password);
tap.is((await ada.post('/session/password', { currentPassword: 'wrong', newPassword: 'b'.repeat(20) })).status,
    422, 'the current password is asked for');
tap.is((await ada.post('/session/password', { currentPassword: password, newPassword: 'a new good sentence' })).status,
    204, 'the password is changed');
tap.is((await ada.get('/session')).status, 200, 'this session goes on');
tap.is((await other.get('/session')).status, 401, 'the others have ended');
tap.is((await other.signIn('ada', 'a new good sentence')).status, 200, 'the new password is taken');
tap.is((await other.delete('/session')).status, 204, 'signing out');
tap.is((await other.get('/session')).status, 401, '... ends the session');

// ---- API tokens ---------------------------------------------------------------------------------

r = await ada.post('/tokens', { name: 'nightly', grants: [{ role: 'viewer', team: null }], expiresAt: null });
tap.is(r.status, 201, 'an API token is made');
const program = new Api(b, { token: r.json.token });
tap.is((await program.get('/session')).json, {
	name: 'token:nightly', displayName: 'nightly', via: 'token',
	grants: [{ role: 'viewer', team: null }], adminOfAll: false, expiresAt: null, idleExpiresAt: null,
}, 'it is somebody with its own role');
tap.is((await program.get('/tokens')).status, 403, 'which does not make it an admin');
tap.ok(!(await ada.get('/tokens')).text.includes(r.json.token), 'the list does not show it');
tap.is((await ada.post('/tokens', { name: 'nightly', grants: [{ role: 'viewer', team: null }] })).status, 409,
    'its name is taken');
tap.is((await ada.post('/tokens', { name: 'x', grants: [], expiresAt: '2001-01-01T00:00:00Z' })).json.errors
    .map((e) => e.pointer).sort(), ['/expiresAt', '/grants'], 'a token has a role and a future');
tap.is((await ada.delete(`/tokens/${r.json.id}`)).status, 204, 'it is revoked');
tap.is((await program.get('/session')).status, 401, '... and nobody any more');
tap.is((await ada.delete(`/tokens/${r.json.id}`)).status, 404, '... once');
const short = await ada.post('/tokens', {
	name: 'short', grants: [{ role: 'viewer', team: null }],
	expiresAt: new Date(Date.now() + 6000).toISOString(),
});
const brief = new Api(b, { token: short.json.token });
tap.is((await brief.get('/session')).status, 200, 'a token with an end works');
await waitFor(async () => (await brief.get('/session')).status === 401, '... until then');
tap.ok(true, '... until then');

// ---- failures are slowed, nobody is locked out ------------------------------------------------------

const guess = new Api(b);
const began = Date.now();
for (let i = 0; i < 5; i++)
	await guess.signIn('user1', `guess ${i} is wrong`);
tap.ok(Date.now() - began > 2500, 'guesses at a name are slowed', `${Date.now() - began} ms`);
const t0 = Date.now();
const good = new Api(b);
tap.is((await good.signIn('ada', 'a new good sentence')).status, 200, 'another name from there signs in');
tap.ok(Date.now() - t0 < 8000, '... without delay');
tap.is(await b.value(`select count(*) from ewa.app_user where not enabled and name = 'user1'`), 0,
    'no failure disables anybody');

// ---- ewactl ----------------------------------------------------------------------------------------------

const users = JSON.parse((await b.mustCtl('user', 'list', '--json')).stdout);
tap.is(users.length, 7, 'ewactl lists the users');
await b.mustCtl('user', 'disable', 'user2');
tap.is((await b.ctl('user', 'disable', 'ada')).status, 1, 'ewactl keeps the last admin too');
const made = JSON.parse((await b.mustCtl('api-token', 'create', 'by ctl', '--role', 'operator:x', '--json')).stdout);
tap.is((await new Api(b, { token: made.token }).get('/session')).json.grants, [{ role: 'operator', team: 'x' }],
    'ewactl makes an API token');

// ---- the audit tells, without secrets ----------------------------------------------------------------------

const audit = await b.sql('select actor, action, detail::text as detail from ewa.audit order by id');
tap.ok(audit.some((a) => a.action === 'user.create' && a.actor === 'ada'), 'users are audited');
tap.ok(audit.some((a) => a.action === 'api_token.revoke'), 'API tokens are audited');
tap.ok(!JSON.stringify(audit).includes('sentence') && !JSON.stringify(audit).includes(made.token),
    'no secret is');

// ---- a stranger locks nobody out ---------------------------------------------------------------------------------

// From 127.0.0.1 somebody guesses at names until the address has to wait: longer than anybody would be let wait.
await addUser(b, 'hal', ['viewer']);
await addUser(b, 'ivy', ['viewer']);
const signIn = async (name, secret, from, headers) => {
	const at = Date.now();
	const one = new Api(b, { from });
	const answer = await one.post('/session', { name, password: secret }, { headers });
	return { status: answer.status, took: Date.now() - at, retry: answer.headers['retry-after'], text: answer.text };
};
const isHeldUp = (x) => x.status === 503 || x.took > 5000;
const line = Array.from({ length: 60 }, (_, n) => signIn(`made-up-${n}`, 'a wrong password').catch(() => null));
const turnedAway = await Promise.any(line.map(async (x) => (await x)?.status === 503 ? x : Promise.reject()));
tap.ok(turnedAway.retry > 0, 'the address is told to come again later', turnedAway);
tap.like(turnedAway.text, /too many failed sign-ins from your address/, '... and why');
let x = await signIn('hal', password);
tap.ok(isHeldUp(x), 'the right password has to wait there too', x);
x = await signIn('ivy', password);
tap.ok(isHeldUp(x), '... and so does another name that was never seen there', x);
x = await signIn('hal', 'a wrong password', '127.0.0.1', { 'X-Forwarded-For': '127.0.0.2', 'Forwarded': 'for=127.0.0.2' });
tap.ok(isHeldUp(x), '... whatever address the client claims', x);
for (const [name, secret, from, what] of [
	['hal', password, '127.0.0.2', 'from another address that name signs in'],
	['ivy', password, '127.0.0.2', '... and any other'],
	['ada', 'a new good sentence', '127.0.0.1', 'who has signed in from that address before still does'],
]) {
	x = await signIn(name, secret, from);
	tap.ok(x.status === 200 && !isHeldUp(x), what, x);
}
x = [];
for (let n = 0; n < 4; n++)
	x.push(await signIn('ada', 'a wrong password', '127.0.0.1'));
tap.ok(x.every((y) => y.status === 401) && x.at(-1).took >= 900, '... whose failures are slowed all the same', x);

// ---- sessions end -----------------------------------------------------------------------------------------------

await b.responder.stop('SIGTERM');
b.writeConfig({ session_idle: '4s', session_limit: '15s' });
await b.startResponder();
const idle = new Api(b);
await idle.signIn('ada', 'a new good sentence');
for (let i = 0; i < 7; i++) {
	await sleep(700);
	await idle.get('/session');
}
tap.is((await idle.get('/session')).status, 200, 'a session that is used goes on');
await sleep(4300);
tap.is((await idle.get('/session')).status, 401, 'one that is idle ends');
await idle.signIn('ada', 'a new good sentence');
const until = Date.now() + 15500;
while (Date.now() < until) {
	await sleep(500);
	await idle.get('/session');
}
tap.is((await idle.get('/session')).status, 401, 'one that is used ends at its limit');

// ---- https, and the web server signs in ---------------------------------------------------------------------------

await b.responder.stop('SIGTERM');
b.writeConfig({ public_url: 'https://ewa.example', trust_remote_user: 'yes', session_idle: '1h', session_limit: '2h' });
await b.startResponder();
r = await idle.post('/session', { name: 'ada', password: 'a new good sentence' });
tap.like(r.headers['set-cookie'][0], /^__Host-ewa_session=[a-z2-7]{52}; Path=\/;.*; Secure$/,
    'under https the cookie is for this host and Secure');

tap.is((await nobody.get('/session', { headers: { 'Remote-User': 'ada', 'X-Remote-User': 'ada' } })).status, 401,
    'a header of the client is no REMOTE_USER');

await b.stop();
tap.done();
