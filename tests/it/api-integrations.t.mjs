#!/usr/bin/env node
// Integrations through the API: all settings, lists, roles, versions, secrets.

import * as tap from '../lib/tap.mjs';
import { Bench } from '../lib/ewa.mjs';
import { addUser, signedIn } from '../lib/api.mjs';

const b = await Bench.start({ dispatchers: 0 });
const ada = await signedIn(b, 'ada', ['admin']);

// ---- create ----------------------------------------------------------------------

let r = await ada.post('/integrations', { name: '  Alpha  ' });
tap.is([r.status, r.json.name, r.json.enabled, r.json.token], [201, 'Alpha', false, null],
    'a name is enough, and blanks at its ends are cut');
tap.is(r.json.requestTimeoutWords, 'none: replies are tried for 1 day', 'no request timeout, in words');
const alpha = r.json;
tap.is(r.headers.location, `/api/integrations/${alpha.key}`, 'its Location');
tap.is(alpha.endpoint, `/hooks/${alpha.key}`, 'its endpoint');

const all = {
	name: 'Beta', externalSystem: 'sync', enabled: true, generateToken: true,
	requestTimeout: 'PT90S', replyUrl: 'https://user:pa55@tickets.example.com/in', replyMethod: 'PUT',
	replyHeaders: [{ name: 'X-Source', value: 'ewa', secret: false },
		{ name: 'X-Api-Key', value: 's3cret-canary', secret: false },
		{ name: 'X-Mine', value: 's3cret-canary-2', secret: true }],
	description: '<script>alert(1)</script>', contact: '\u202eevil', team: 'databases',
	tokenHeader: 'X-My-Token', allowQueryToken: true, acceptMalformed: true, maxBodyBytes: 5000,
	subject: '$.alert', signatureHeader: 'X-Sig', signatureRule: 'besides',
	signingSecret: 's3cret-canary-signing', rateLimit: 10, rateBurst: 20, repeatWindow: 'PT1H',
	replySecret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`, stopRepliesAfter: 'P1D',
};
r = await ada.post('/integrations', all);
tap.is([r.status, r.json.errors], [201, undefined], 'all settings at once');
const beta = r.json;
tap.like(beta.token, /^[a-z2-7]{40}$/, 'the token is shown once');
r = await ada.get(`/integrations/${beta.key}`);
const shown = r.json;
tap.is(r.headers.etag, `"${shown.version}"`, 'its ETag is its version');
for (const name of ['externalSystem', 'enabled', 'replyMethod', 'description', 'contact', 'team', 'tokenHeader',
	'allowQueryToken', 'acceptMalformed', 'maxBodyBytes', 'subject', 'signatureHeader', 'signatureRule',
	'rateLimit', 'rateBurst', 'repeatWindow', 'stopRepliesAfter'])
	tap.is(shown[name], all[name], `${name} is kept`);
tap.is([shown.requestTimeout, shown.requestTimeoutWords], ['PT1M30S', '1 minute 30 seconds'], 'the timeout, in words');
tap.is(shown.replyUrl, 'https://tickets.example.com/in', 'the reply URL shows no password');
tap.is([shown.replyCredentialsSet, shown.replySecretSet, shown.signingSecretSet, shown.replyCertificateSet],
    [true, true, true, false], 'which secrets are set is shown');
tap.is(shown.replyHeaders, [{ name: 'X-Source', value: 'ewa', secret: false },
	{ name: 'X-Api-Key', value: null, secret: true }, { name: 'X-Mine', value: null, secret: true }],
'secret headers are not; those of well-known names always are');
for (const secret of [beta.token, 's3cret-canary', 'pa55', 'BwcHBwcH'])
	tap.ok(!r.text.includes(secret), `a secret is not read back (${secret.slice(0, 6)}...)`);
const dump = JSON.stringify(await b.sql('select * from ewa.audit')) +
    JSON.stringify(await b.sql('select value, encode(sealed, \'escape\') as s from ewa.integration_header'));
tap.ok(!/s3cret-canary|pa55|BwcHBwcH/.test(dump) && !dump.includes(beta.token),
    'the audit and the tables hold no secret');
await b.known({ ...beta, name: 'Beta', path: `/hooks/${beta.key}` }).catch(() => {});

// ---- faults are told all at once -------------------------------------------------------

r = await ada.post('/integrations', {
	name: '', requestTimeout: '60', replyUrl: 'ftp://x', replyMethod: 'GET', maxBodyBytes: 0, token: 'short',
	replyHeaders: [{ name: 'Content-Length', value: '1' }, { name: 'X', value: 'a\nb' }, { name: 'X-Secret', value: null },
		{ value: 'x' }, 3, { name: 'Y', value: 'z', colour: 'red' }],
	subject: '$.[', signatureRule: 'never', rateLimit: -1, externalSystem: 'smtp', colour: 'red', repeatWindow: 'P1Y',
});
tap.is(r.status, 422, 'wrong fields are 422');
tap.is(r.json.errors.map((e) => e.pointer).sort(), ['/colour', '/externalSystem', '/maxBodyBytes', '/name',
	'/rateLimit', '/repeatWindow', '/replyHeaders/0/name', '/replyHeaders/1/value', '/replyHeaders/2/value',
	'/replyHeaders/3/name', '/replyHeaders/4', '/replyHeaders/5/colour', '/replyMethod', '/replyUrl', '/requestTimeout',
	'/signatureRule', '/subject', '/token'], 'each by its pointer');
tap.is((await ada.post('/integrations', { name: 'ALPHA' })).json.errors[0].pointer, '/name', 'a taken name is 409 at /name');
r = await ada.post('/integrations', { name: 'Open', enabled: true });
tap.is(r.status, 422, 'enabled without a credential is refused');
tap.is((await ada.post('/integrations', { name: 'Two', token: 'x'.repeat(20), generateToken: true })).status, 422,
    'a token is typed or made');

// ---- change: two at once -----------------------------------------------------------------

const etag = `"${shown.version}"`;
tap.is((await ada.patch(`/integrations/${beta.key}`, { contact: 'x' })).status, 428, 'If-Match is needed');
r = await ada.patch(`/integrations/${beta.key}`, {
	contact: 'night shift', requestTimeout: null,
	replyHeaders: [{ name: 'X-Mine', value: null, secret: true }, { name: 'X-New', value: 'n' }],
}, { ifMatch: etag });
tap.is([r.status, r.json.contact, r.json.requestTimeout, r.json.team], [200, 'night shift', null, 'databases'],
    'what is given is changed, the rest stays');
tap.is(r.json.replyHeaders.map((h) => h.name), ['X-Mine', 'X-New'], 'headers are replaced');
tap.is(await b.value('select count(*) from ewa.integration_header where sealed is not null and name = \'X-Mine\''), 1,
    'a secret whose value is not given stays');
tap.is((await ada.patch(`/integrations/${beta.key}`, { contact: 'y' }, { ifMatch: etag })).status, 412,
    'the second of two administrators is told');
tap.is((await ada.get(`/integrations/${beta.key}`)).json.contact, 'night shift', '... and changes nothing');
tap.is((await ada.patch(`/integrations/${beta.key}`, { contact: 'y' }, { ifMatch: '"x"' })).status, 412, 'a made-up ETag is stale');

// a signing secret is changed with the rest, or not at all
const signing = async () => (await b.sql(`select s.id, s.expires_at from ewa.integration_signing_secret s
	join ewa.integration i on i.id = s.integration_id where i.key = $1`, beta.key));
const before = await signing();
tap.is(before.length, 1, 'it has a signing secret');
r = await ada.get(`/integrations/${beta.key}`);
const now = r.headers.etag;
r = await ada.patch(`/integrations/${beta.key}`, { name: 'ALPHA', signingSecret: 'another-canary-signing' }, { ifMatch: now });
tap.is(r.status, 409, 'a taken name refuses the change');
r = await ada.patch(`/integrations/${beta.key}`, { signingSecret: null }, { ifMatch: now });
tap.is(r.status, 422, 'what demands signatures keeps its secret');
tap.is([await signing(), (await ada.get(`/integrations/${beta.key}`)).headers.etag], [before, now], '... and nothing is changed');
r = await ada.patch(`/integrations/${beta.key}`, { contact: 'signed', signingSecret: 'another-canary-signing' }, { ifMatch: now });
tap.is([r.status, r.json.contact, r.json.signingSecretSet], [200, 'signed', true], 'both are changed');
const after = await signing();
tap.ok(after.length === 1 && after[0].id !== before[0].id, 'the old one is gone at once');
r = await ada.patch(`/integrations/${beta.key}`, { signingSecret: null, signatureRule: 'either' }, { ifMatch: r.headers.etag });
tap.is([r.status, r.json.signingSecretSet, (await signing()).length], [200, false, 0], 'null takes it away');
r = await ada.patch(`/integrations/${beta.key}`, { externalSystem: 'async' }, { ifMatch: r.headers.etag });
tap.is(r.json.errors[0].pointer, '/externalSystem', 'the external system is fixed');

// ---- operate --------------------------------------------------------------------------------

const ops = await signedIn(b, 'oscar', ['operator:databases']);
tap.is((await ops.post(`/integrations/${beta.key}/disable`)).json.enabled, false, 'disable');
tap.is((await ops.post(`/integrations/${beta.key}/enable`, undefined, { ifMatch: '"1"' })).status, 412,
    'If-Match is minded where it is given');
tap.is((await ops.post(`/integrations/${beta.key}/enable`)).json.enabled, true, 'enable');
tap.is((await ada.post(`/integrations/${alpha.key}/enable`)).status, 422, 'not without a credential');
const soon = new Date(Date.now() + 3600e3).toISOString();
r = await ops.post(`/integrations/${beta.key}/pause`, { until: soon });
tap.is([r.json.paused, r.json.pausedUntil], [true, soon], 'pause until a time');
r = await ops.post(`/integrations/${beta.key}/pause`, {});
tap.is([r.json.paused, r.json.pausedUntil], [true, null], 'pause until somebody resumes');
tap.is((await ops.post(`/integrations/${beta.key}/pause`, { until: '2001-01-01T00:00:00Z' })).status, 422, 'not into the past');
tap.is((await ops.get(`/integrations/${beta.key}/pause?until=${encodeURIComponent(soon)}`)).json,
    { waiting: 0, expiring: 0, capped: false }, 'what a pause would cost');
tap.is((await ops.post(`/integrations/${beta.key}/resume`)).json.paused, false, 'resume');
tap.is((await ops.post(`/integrations/${beta.key}/resume`, { now: true })).status, 422, 'no unknown fields there either');

// ---- token --------------------------------------------------------------------------------------

r = await ada.post(`/integrations/${beta.key}/token`, { keepOldFor: 'PT1H' });
tap.is([r.status, r.json.tokens.length], [200, 2], 'a rotated token leaves the old one for a while');
tap.isnt(r.json.token, beta.token, '... and is another one');
tap.is((await ada.post(`/integrations/${beta.key}/token`, { token: 'typed-token-of-mine' })).json.tokens.length, 1,
    'a typed one replaces both');

// ---- copy, delete ----------------------------------------------------------------------------------

r = await ada.post(`/integrations/${beta.key}/copy`, { name: 'Beta 2' });
tap.is([r.status, r.json.name, r.json.enabled, r.json.tokens, r.json.team, r.json.replySecretSet],
    [201, 'Beta 2', false, [], 'databases', true], 'a copy is disabled, without token, with its secrets');
tap.isnt(r.json.key, beta.key, '... under a key of its own');
tap.is(r.json.replyHeaders.length, 2, '... with its headers');
tap.is((await ada.post(`/integrations/${beta.key}/copy`, { name: 'beta' })).status, 409, 'not under a taken name');
const copied = r.json;
tap.is((await ada.delete(`/integrations/${copied.key}?name=Beta`, { ifMatch: r.headers.etag })).status, 422,
    'deleting needs the name');
tap.is((await ada.delete(`/integrations/${copied.key}?name=Beta%202`)).status, 428, '... and the version');
tap.is((await ada.delete(`/integrations/${copied.key}?name=Beta%202`, { ifMatch: r.headers.etag })).status, 204, 'deleted');
tap.is((await ada.get(`/integrations/${copied.key}`)).status, 404, '... and gone');

// ---- lists ----------------------------------------------------------------------------------------------

for (let i = 0; i < 7; i++)
	await ada.post('/integrations', { name: `List ${i}`, team: i % 2 ? 'databases' : 'network' });
r = await ada.get('/integrations?limit=4');
tap.is(r.json.items.map((i) => i.name), ['Alpha', 'Beta', 'List 0', 'List 1'], 'by name');
tap.is([r.json.total, r.json.previous], [9, null], 'how many there are');
r = await ada.get(`/integrations?limit=4&cursor=${r.json.next}`);
tap.is(r.json.items.map((i) => i.name), ['List 2', 'List 3', 'List 4', 'List 5'], 'the next page');
r = await ada.get(`/integrations?limit=4&cursor=${r.json.previous}`);
tap.is(r.json.items.map((i) => i.name), ['Alpha', 'Beta', 'List 0', 'List 1'], 'and back');
r = await ada.get('/integrations?sort=-created&limit=2');
tap.is(r.json.items.map((i) => i.name), ['List 6', 'List 5'], 'sorted by creation, the last first');
tap.is((await ada.get('/integrations?sort=colour')).status, 422, 'only by what there is');
tap.is((await ada.get('/integrations?q=LIST&team=network')).json.items.length, 4, 'searched, and by team');
tap.is((await ada.get('/integrations?q=%25')).json.items.length, 0, 'a percent sign is one');
tap.is((await ada.get('/integrations?cursor=x')).status, 422, 'a made-up cursor is refused');
tap.is((await ada.get('/teams')).json.items, ['databases', 'network'], 'teams');

// ---- who sees what -------------------------------------------------------------------------------------------

const list = (await ops.get('/integrations')).json.items;
tap.is([...new Set(list.map((i) => `${i.team} ${i.role}`))], ['databases operator'], 'a team sees its own');
tap.is((await ops.get(`/integrations/${alpha.key}`)).status, 404, '... and nothing else');
tap.is((await ops.patch(`/integrations/${beta.key}`, { contact: 'x' }, { ifMatch: '"1"' })).status, 403, 'an operator changes no settings');
tap.is((await ops.post(`/integrations/${beta.key}/token`, {})).status, 403, '... nor tokens');
const dba = await signedIn(b, 'dora', ['admin:databases', 'viewer']);
tap.is((await dba.get(`/integrations/${alpha.key}`)).json.role, 'viewer', 'a role for all and another for a team');
tap.is((await dba.post(`/integrations/${alpha.key}/disable`)).status, 403, '... each holds where it was granted');
tap.is((await dba.post('/integrations', { name: 'D', team: 'databases' })).status, 201, 'an admin of a team creates in it');
tap.is((await dba.post('/integrations', { name: 'E', team: 'network' })).status, 403, '... and in no other');
tap.is((await dba.post('/integrations', { name: 'E' })).status, 403, '... nor outside of teams');
r = await dba.get(`/integrations/${beta.key}`);
tap.is((await dba.patch(`/integrations/${beta.key}`, { team: 'network' }, { ifMatch: r.headers.etag })).status, 403,
    '... nor moves one away');

// ---- hostile strings -----------------------------------------------------------------------------------------------

for (const s of ['<img src=x onerror=alert(1)>', '\u202egnp.exe', '"; drop table ewa.event; --', 'x'.repeat(200), '😀'.repeat(200)]) {
	r = await ada.post('/integrations', { name: s, description: s.repeat(9).slice(0, 1500), contact: s, team: s });
	tap.is([r.status, r.json.name], [201, s], `kept as it is: ${JSON.stringify(s).slice(0, 30)}`);
}
tap.is((await ada.post('/integrations', { name: 'x'.repeat(201) })).status, 422, 'too long a name is refused');
tap.is((await ada.post('/integrations', { name: 'a', description: 'x'.repeat(10000) })).status, 422, '... and description');
tap.is((await ada.get('/integrations/../users', { unchecked: true })).status, 404, 'dots in a path lead nowhere');

await b.stop();
tap.done();
