#!/usr/bin/env node
// Signed requests: Standard Webhooks, GitHub, any other header; over the raw
// bytes; in place of a token, besides it, or either.

import { createHmac, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import * as t from '../lib/tap.mjs';
import { Bench, waitFor } from '../lib/ewa.mjs';

const ewa = await Bench.start({ servers: ['lighttpd', 'apache'] });
const secret = 'It\'s a secret to everybody';
const whsec = `whsec_${Buffer.from('0123456789abcdefghijklmn').toString('base64')}`;

const mac = (key, data, encoding = 'hex') => createHmac('sha256', key).update(data).digest(encoding);

const now = () => Math.floor(Date.now() / 1000);

// The headers of Standard Webhooks.
function standard(body, { key = whsec, id = `msg_${randomUUID()}`, at = now(), also = [] } = {}) {
	const raw = key.startsWith('whsec_') ? Buffer.from(key.slice(6), 'base64') : key;
	const signature = `v1,${mac(raw, Buffer.concat([Buffer.from(`${id}.${at}.`), Buffer.from(body)]), 'base64')}`;
	return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': [...also, signature].join(' ') };
}
const github = (body, key = secret) => ({ 'X-Hub-Signature-256': `sha256=${mac(key, body)}` });

async function answers(integration, headers, status, name, options = {}) {
	const r = await ewa.send(integration, { body: '{"a":1}', token: null, headers, ...options });
	t.is(r.status, status, name);
	if (status >= 400)
		t.like(r.headers['content-type'], /^application\/problem\+json/, `${name}: a problem document`);
	if (status === 401)
		t.like(r.headers['www-authenticate'], /Bearer/, `${name}: challenged`);
	return r;
}
const events = () => ewa.value('select count(*) from ewa.event');

// ---- an integration without a token ------------------------------------------

const github1 = await ewa.integration({ name: 'GitHub', token: null, signingSecret: secret });
const standard1 = await ewa.integration({ name: 'Standard', token: null, signingSecret: whsec });

for (const server of ['lighttpd', 'apache']) {
	const o = { server };
	const body = '{"a":1}';
	let before = await events();
	await answers(github1, github(body), 202, `${server}: X-Hub-Signature-256`, o);
	await answers(standard1, standard(body), 202, `${server}: Standard Webhooks`, o);
	await answers(standard1, standard(body, { also: [`v1,${mac('x', 'y', 'base64')}`, 'v1a,AAAA'] }), 202,
	    `${server}: one of several signatures`, o);
	t.is(await events(), before + 3, `${server}: stored`);

	before = await events();
	await answers(github1, {}, 401, `${server}: no signature`, o);
	await answers(github1, { 'X-Hub-Signature-256': '' }, 401, `${server}: an empty one`, o);
	await answers(github1, github('{"a":2}'), 401, `${server}: of another body`, o);
	await answers(github1, github(body, 'another secret, wrong'), 401, `${server}: by another secret`, o);
	await answers(github1, standard(body), 401, `${server}: of another kind and key`, o);
	await answers(standard1, standard(body, { at: now() - 400 }), 401, `${server}: too old`, o);
	await answers(standard1, standard(body, { at: now() + 400 }), 401, `${server}: of the future`, o);
	const s = standard(body);
	await answers(standard1, { ...s, 'webhook-id': 'msg_other' }, 401, `${server}: with another id`, o);
	delete s['webhook-timestamp'];
	await answers(standard1, s, 401, `${server}: without its time`, o);
	await answers(github1, { Authorization: `Bearer ${'x'.repeat(40)}` }, 401, `${server}: a token where there is none`, o);
	t.is(await events(), before, `${server}: nothing is stored of those`);

	// over what comes over the wire, not what is stored
	const packed = gzipSync(body);
	await answers(github1, { ...github(packed), 'Content-Encoding': 'gzip' }, 202, `${server}: of compressed bytes`, { ...o, body: packed });
	await answers(github1, { ...github(body), 'Content-Encoding': 'gzip' }, 401, `${server}: of what is in them`, { ...o, body: packed });
	await answers(github1, { ...github(body), 'X-Nothing': '1' }, 202, `${server}: chunked`, { ...o, chunked: true });
}

// A GET is signed as a request with an empty body.
t.is((await ewa.send(github1, { method: 'GET', token: null, headers: github('') })).json,
    { integration: { key: github1.key, name: 'GitHub', enabled: true } }, 'GET with a signature confirms it');
t.is((await ewa.send(github1, { method: 'GET', token: null, headers: github('x') })).status, 401, 'with a wrong one 401');
t.is((await ewa.send(github1, { method: 'GET', token: null })).status, 204, 'with none it is a probe');
{
	const r = await ewa.send(github1, { body: '{}', token: null, headers: github('{}') });
	t.is((await ewa.send(github1, { method: 'GET', token: null, path: `/events/${r.json.eventId}`,
		headers: github('') })).json.eventId, r.json.eventId, 'the status resource takes a signature');
}
await ewa.mustCtl('integration', 'disable', github1.key);
await waitFor(async () => (await ewa.send(github1, { body: '{}', token: null, headers: github('{}') })).status === 403,
    'disabled: 403 with a right signature');
await answers(github1, github('{"a":2}'), 401, 'disabled: 401 with a wrong one');
await ewa.mustCtl('integration', 'enable', github1.key);

// ---- a header of its own, hex and base64 -----------------------------------------

const own = await ewa.integration({ name: 'Own', token: null, signingSecret: secret, signatureHeader: 'X-My-Check' });
for (const [what, value] of Object.entries({
	hex: mac(secret, '{"a":1}'),
	'hex with a name': `sha256=${mac(secret, '{"a":1}')}`,
	base64: mac(secret, '{"a":1}', 'base64'),
	'two, as PagerDuty': `v1=${mac('old', '{"a":1}')},v1=${mac(secret, '{"a":1}')}`,
}))
	await answers(own, { 'X-My-Check': value }, 202, `a header of its own: ${what}`);
await answers(own, github('{"a":1}'), 401, 'then no other header is looked at');
{
	const id = await ewa.accept(own, { body: '{"a":1}', json: undefined, token: null,
		headers: { 'X-My-Check': mac(secret, '{"a":1}'), 'X-Other': 'kept' } });
	const { headers } = await ewa.ctlJson('event', 'show', id);
	t.is([headers['x-other'], headers['x-my-check']], ['kept', undefined], 'the signature is not kept with the event');
}

// ---- token and signature -----------------------------------------------------------

const bodies = { body: '{"a":1}' };
const both = await ewa.integration({ name: 'Both', signingSecret: secret, signatureRule: 'besides' });
const right = { Authorization: `Bearer ${both.token}` };
await answers(both, { ...right, ...github('{"a":1}') }, 202, 'besides: both');
await answers(both, right, 401, 'besides: the token alone');
await answers(both, github('{"a":1}'), 401, 'besides: the signature alone');
await answers(both, { ...right, ...github('{"a":2}') }, 401, 'besides: with a wrong signature');
await answers(both, { Authorization: 'Bearer wrong', ...github('{"a":1}') }, 401, 'besides: with a wrong token');

const either = await ewa.integration({ name: 'Either', signingSecret: secret });
await answers(either, { Authorization: `Bearer ${either.token}` }, 202, 'either: the token');
await answers(either, github('{"a":1}'), 202, 'either: the signature');
await answers(either, { Authorization: `Bearer ${either.token}`, ...github('{"a":2}') }, 202,
    'either: the first credential decides, which is the token');
await answers(either, { Authorization: 'Bearer wrong', ...github('{"a":1}') }, 401, 'either: also if it is wrong');
await answers(either, {}, 401, 'either: none');

const instead = await ewa.integration({ name: 'Instead', signingSecret: secret, signatureRule: 'instead' });
await answers(instead, github('{"a":1}'), 202, 'instead: the signature');
await answers(instead, { Authorization: `Bearer ${instead.token}` }, 401, 'instead: the token is no credential');
await answers(instead, { Authorization: 'Bearer wrong', ...github('{"a":1}') }, 202, 'instead: nor is a wrong one looked at');

// ---- rotation ------------------------------------------------------------------------

{
	const fresh = (await ewa.ctlJson('integration', 'signing', github1.key, '--keep-old', 'PT1H')).signingSecret;
	t.like(fresh, /^whsec_[A-Za-z0-9+/]{43}=$/, 'a secret is made up');
	await waitFor(async () => (await ewa.send(github1, { ...bodies, token: null, headers: standard('{"a":1}', { key: fresh }) })).status === 202,
	    'the new secret is taken');
	await answers(github1, github('{"a":1}'), 202, 'and the old one still');
	await answers(github1, github('{"a":1}', fresh), 202, 'the new one for GitHub too, as it is written');
	await ewa.mustCtl('integration', 'signing', github1.key, '--signing-secret', 'the third of its secrets');
	await waitFor(async () => (await ewa.send(github1, { ...bodies, token: null,
		headers: github('{"a":1}', 'the third of its secrets') })).status === 202, 'a third is taken');
	await answers(github1, github('{"a":1}'), 401, 'the first is gone');
	await answers(github1, github('{"a":1}', fresh), 401, 'and so is the second');
}

// ---- settings that make no sense, and what is shown and kept ------------------------------

async function refused(args, pattern, name) {
	const r = await ewa.ctl(...args);
	t.is(r.status, 1, `${name}: refused`);
	t.like(r.stderr, pattern, `${name}: says why`);
}
await refused(['integration', 'create', '--name', 'x', '--enable'], /platform token or a signing secret/, 'enabled with neither');
await refused(['integration', 'create', '--name', 'x', '--enable', '--generate-token', '--signature-rule', 'instead'],
    /signing secret/, 'instead, without a secret');
await refused(['integration', 'create', '--name', 'x', '--enable', '--signing-secret', secret, '--signature-rule', 'besides'],
    /platform token besides/, 'besides, without a token');
await refused(['integration', 'create', '--name', 'x', '--signing-secret', 'short'], /characters/, 'a short secret');
await refused(['integration', 'create', '--name', 'x', '--signature-rule', 'maybe'], /either, besides or instead/, 'another rule');
await refused(['integration', 'create', '--name', 'x', '--signature-header', 'Authorization'], /meaning of its own/, 'a header with a meaning');
await refused(['integration', 'signing', both.key, '--remove'], /signing secret/, 'the secret of an enabled one is needed');
await refused(['integration', 'signing', standard1.key, '--remove'], /platform token or a signing secret/, 'the only credential');
await ewa.mustCtl('integration', 'signing', either.key, '--remove');
await waitFor(async () => (await ewa.send(either, { ...bodies, token: null, headers: github('{"a":1}') })).status === 401,
    'a secret that was removed is none');
await answers(either, { Authorization: `Bearer ${either.token}` }, 202, 'the token still is one');

const shown = (await ewa.mustCtl('integration', 'show', both.key)).stdout + (await ewa.mustCtl('integration', 'show', both.key, '--json')).stdout;
t.ok(!shown.includes(secret), 'a secret is never shown');
t.like(shown, /Signing Secret +set, asked for: token and signature/, 'but that there is one');
const audit = JSON.stringify(await ewa.sql('select action, detail from ewa.audit order by id'));
t.ok(!audit.includes(secret) && !audit.includes('third of its'), 'nor is it in the audit');
t.like(audit, /"signature_rule":\{"to":"besides"\}/, 'settings of signatures are audited');
t.like(audit, /"action":"integration.signing".*"signing_secret":"set".*old_valid_until/, 'but that it was changed');
const sealed = await ewa.sql('select sealed from ewa.integration_signing_secret');
t.ok(sealed.length >= 5 && sealed.every((r) => !r.sealed.includes(secret)), 'in the database it is sealed');
t.ok(!ewa.responder.text().includes(secret) && !ewa.responder.text().includes(mac(secret, '{"a":1}')),
    'neither secret nor signature is in the log');

await ewa.stop();
t.done();
