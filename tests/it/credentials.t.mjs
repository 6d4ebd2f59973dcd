#!/usr/bin/env node
// Credentials through both servers: the first present decides, what is empty is
// none, what is repeated or spelled twice is refused; two live tokens; the
// same answer for a wrong token and an unknown key; and in no log.

import fs from 'node:fs';

import * as t from '../lib/tap.mjs';
import { Bench, sleep, waitFor } from '../lib/ewa.mjs';
import { fcgi } from '../lib/fcgi.mjs';

const ewa = await Bench.start({ servers: ['lighttpd', 'apache'] });
const i = await ewa.integration({ name: 'Credentials', allowQueryToken: true });
const own = await ewa.integration({ name: 'Own header', tokenHeader: 'X-Our-Key' });
const strict = await ewa.integration({ name: 'No query' });

const wrong = 'wrong-wrong-wrong-wrong';
const basic = (password) => `Basic ${Buffer.from(`user:${password}`).toString('base64')}`;

async function tried(integration, server, headers, status, name, path = '') {
	const r = await ewa.send(integration, { server, token: null, json: {}, headers, path });
	t.is(r.status, status, `${server}: ${name}: ${status}`);
	return r;
}

for (const server of ['lighttpd', 'apache']) {
	const { token } = i;
	const good = {
		'X-Platform-Token': { 'X-Platform-Token': token },
		Bearer: { Authorization: `Bearer ${token}` },
		'bearer in small letters': { Authorization: `bearer ${token}` },
		'the Basic password': { Authorization: basic(token) },
		'X-Gitlab-Token': { 'X-Gitlab-Token': token },
	};
	for (const [name, headers] of Object.entries(good))
		await tried(i, server, headers, 202, name);
	for (const name of ['token', 'access_token']) {
		await tried(i, server, {}, 202, `?${name}=`, `?${name}=${token}`);
		await tried(i, server, {}, 202, `?x=1&${name}=, escaped`,
		    `?x=1&${name}=%${token.charCodeAt(0).toString(16)}${token.slice(1)}`);
		await tried(strict, server, {}, 401, `?${name}= where it is not allowed`, `?${name}=${strict.token}`);
	}
	await tried(own, server, { 'X-Our-Key': own.token }, 202, 'a header of its own');
	await tried(own, server, { 'X-Platform-Token': own.token }, 401, 'then not the default one');
	await tried(own, server, { Authorization: `Bearer ${own.token}` }, 202, 'but Bearer still');

	// the first present decides, whatever follows
	await tried(i, server, { 'X-Platform-Token': wrong, Authorization: `Bearer ${token}` }, 401, 'a wrong header before a right Bearer');
	await tried(i, server, { 'X-Platform-Token': token, Authorization: `Bearer ${wrong}` }, 202, 'a right header before a wrong Bearer');
	await tried(i, server, { Authorization: `Bearer ${wrong}`, 'X-Gitlab-Token': token }, 401, 'a wrong Bearer before a right X-Gitlab-Token');
	await tried(i, server, { Authorization: basic(token), 'X-Gitlab-Token': wrong }, 202, 'a right Basic before a wrong X-Gitlab-Token');
	await tried(i, server, { 'X-Gitlab-Token': wrong }, 401, 'a wrong X-Gitlab-Token before a right query', `?token=${token}`);
	await tried(i, server, { 'X-Gitlab-Token': token }, 202, 'a right X-Gitlab-Token before a wrong query', `?token=${wrong}`);
	await tried(i, server, {}, 401, 'two in the query: the first decides', `?token=${wrong}&token=${token}`);

	// empty is none
	await tried(i, server, { 'X-Platform-Token': '' }, 401, 'an empty header');
	await tried(i, server, { Authorization: 'Bearer ' }, 401, 'an empty Bearer');
	await tried(i, server, { Authorization: basic('') }, 401, 'an empty password');
	await tried(i, server, {}, 401, 'an empty query token', '?token=');
	await tried(i, server, { 'X-Platform-Token': '', Authorization: `Bearer ${token}` }, 202, 'an empty header, then a right Bearer');
	await tried(i, server, { Authorization: `Digest ${token}` }, 401, 'another scheme');
	await tried(i, server, { Authorization: `Basic ${token}!` }, 401, 'Basic that is no base64');

	// a repeated header is no token
	await tried(i, server, [['X-Platform-Token', token], ['X-Platform-Token', token]], 401, 'a repeated X-Platform-Token');
	await tried(i, server, [['X-Platform-Token', token], ['X-Platform-Token', wrong]], 401, 'a second X-Platform-Token');
	const twice = await ewa.send(i, { server, token: null, json: {},
		headers: [['Authorization', `Bearer ${token}`], ['Authorization', `Bearer ${token}`]] });
	t.ok([400, 401].includes(twice.status), `${server}: a repeated Authorization: ${twice.status}`);
	await tried(i, server, { X_Platform_Token: token }, 401, 'an underscore spelling is none');

	// wrong token and unknown key: the same bytes
	const answers = [
		await tried(i, server, { Authorization: `Bearer ${wrong}` }, 401, 'a wrong token'),
		await tried({ ...i, path: '/hooks/aaaaaaaaaaaaaaaa' }, server, { Authorization: `Bearer ${token}` }, 401, 'an unknown key'),
		await tried({ ...i, path: '/hooks/short' }, server, { Authorization: `Bearer ${token}` }, 401, 'a key of another form'),
		await tried(i, server, {}, 401, 'no token'),
	];
	const seen = answers.map((r) => JSON.stringify([r.status, r.body.toString(),
		Object.entries(r.headers).filter(([n]) => n !== 'date').sort()]));
	t.is(new Set(seen).size, 1, `${server}: all of these answers are the same, byte for byte`);
	t.like(answers[0].headers['www-authenticate'], /Bearer.*, Basic realm="ewa"/, `${server}: with a challenge`);

	// GET confirms
	const get = (headers, path = '') => ewa.send(i, { server, method: 'GET', token: null, headers, path });
	t.is((await get({ 'X-Gitlab-Token': token })).json, { integration: { key: i.key, name: i.name, enabled: true } },
	    `${server}: GET with a credential says which integration it is`);
	t.is((await get({}, `?token=${token}`)).status, 200, `${server}: GET with one in the query`);
	t.is((await get({ 'X-Gitlab-Token': wrong })).status, 401, `${server}: GET with a wrong one`);
	t.is([(await get({})).status, (await get({ 'X-Platform-Token': '' })).status], [204, 204], `${server}: GET with none is a probe`);
	const head = await ewa.send(i, { server, method: 'HEAD' });
	t.is([head.status, head.body.length], [200, 0], `${server}: HEAD with a credential, without a body`);
}

// ---- two spellings of one CGI name ---------------------------------------------

{
	const request = (params) => fcgi(ewa.socket, {
		REQUEST_METHOD: 'POST', REQUEST_URI: i.path, CONTENT_TYPE: 'application/json', CONTENT_LENGTH: '2',
	}, params, '{}');
	const once = await request([['HTTP_X_PLATFORM_TOKEN', i.token]]);
	t.is(once.status, 202, 'one spelling: 202');
	const twice = await request([['HTTP_X_PLATFORM_TOKEN', i.token], ['HTTP_X_PLATFORM_TOKEN', wrong]]);
	t.is(twice.status, 400, 'two spellings of one header: 400');
	t.like(twice.body, /two spellings: HTTP_X_PLATFORM_TOKEN"/, 'which names it, without its value');
	t.is((await request([['HTTP_X_PLATFORM_TOKEN', i.token], ['HTTP_X_OTHER', '1'], ['HTTP_X_OTHER', '1']])).status, 400,
	    'of any header');
}

// Through the servers, as far as they pass both on.  Apache leaves out fields
// whose names have an underscore, lighttpd (by our configuration) those two that
// could be taken for a credential; any other pair reaches the responder through
// lighttpd, and is refused.
for (const [server, other] of [['lighttpd', 400], ['apache', 202]]) {
	const { token } = i;
	const both = (one, two) => [['X-Platform-Token', one], ['X_Platform_Token', two]];
	await tried(i, server, both(token, wrong), 202, 'of two spellings the underscore\'s is not passed on');
	await tried(i, server, both(wrong, token), 401, 'however right it is');
	await tried(i, server, both(token, wrong).reverse(), 202, 'nor when it comes first');
	await tried(i, server, [['X_Gitlab_Token', token], ['X-Gitlab-Token', wrong]], 401, 'so with X-Gitlab-Token');
	const r = await tried(i, server, [['X-Platform-Token', token], ['X-Other', '1'], ['X_Other', 'one-more']], other,
	    'X-Other and X_Other');
	if (other === 400)
		t.ok(/two spellings: HTTP_X_OTHER/.test(r.json.detail) && !r.text.includes('one-more'),
		    `${server}: which is named, without its value`, r.text);
	// a header of the integration's own is not in lighttpd's configuration
	await tried(own, server, [['X-Our-Key', own.token], ['X_Our_Key', wrong]], other, 'two spellings of a header of its own');
}

// ---- the same work -------------------------------------------------------------

// How much is computed is counted in tests/unit/test_credential.c.  Here, what
// PostgreSQL is asked: nothing, by any connection but the watcher's, which
// follows the settings and adds up refusals whoever knocks.
{
	const asked = () => ewa.sql(`select pid, application_name as name, query_start, state_change
	    from pg_stat_activity where datname = current_database() and usename = 'ewa_responder'
	    and application_name <> 'ewa-responder watch' order by pid`);
	const refusals = () => ewa.value('select coalesce(sum(count), 0)::int8 from ewa.refusal where status = 401');
	const knock = async (integration, token) => {
		const answers = await ewa.sendMany(integration, 100, () => ({ token }), 8);
		return answers.filter((r) => r.status !== 401);
	};
	await tried(i, 'lighttpd', { 'X-Platform-Token': i.token }, 202, 'one that is stored');
	const first = await asked();
	t.ok(first.some((r) => r.name === 'ewa-responder intake'), 'the responder\'s connections are seen', first);
	await tried(i, 'lighttpd', { 'X-Platform-Token': i.token }, 202, 'one more');
	let before;
	await waitFor(async () => { // the doorbell rings after the answer
		before = await asked();
		await sleep(1000);
		return JSON.stringify(before) === JSON.stringify(await asked());
	}, 'nothing is asked any more');
	t.isnt(before, first, 'and what is asked on them');
	const counted = await refusals();
	for (const [name, integration, token] of [
		['wrong tokens', i, wrong],
		['unknown keys', { ...i, path: '/hooks/aaaaaaaaaaaaaaaa' }, i.token],
	]) {
		t.is(await knock(integration, token), [], `100 ${name}`);
		t.is(await asked(), before, `100 ${name}: PostgreSQL is asked nothing`);
	}
	await waitFor(async () => await refusals() >= counted + 200, 'but each is counted as refused');
}

// ---- rotation --------------------------------------------------------------------

{
	const old = i.token;
	const fresh = (await ewa.ctlJson('integration', 'token', i.key, '--keep-old', 'PT10S')).token;
	const works = async (token) => (await ewa.send(i, { token, json: {} })).status;
	await waitFor(async () => await works(fresh) === 202, 'the new token is taken');
	t.is(await works(old), 202, 'and the old one too');
	await waitFor(async () => await works(old) === 401, 'until its time is over');
	t.is(await works(fresh), 202, 'the new one stays');
	const last = (await ewa.ctlJson('integration', 'token', i.key)).token;
	await waitFor(async () => await works(last) === 202, 'without --keep-old: the next');
	t.is(await works(fresh), 401, 'and the one before is gone');

	// ---- in no log -----------------------------------------------------------
	const { accessLog: a, errorLog: b } = ewa.servers.lighttpd;
	await waitFor(async () => fs.readFileSync(a, 'utf8').includes('HEAD '), 'the access log is written');
	const logs = [ewa.responder.log, a, b, ewa.servers.apache.accessLog, ewa.servers.apache.errorLog];
	for (const log of logs) {
		const text = fs.existsSync(log) ? fs.readFileSync(log, 'utf8') : '';
		const found = [old, fresh, last, own.token, strict.token, wrong, 'token=', basic(old)].filter((s) => text.includes(s));
		t.is(found, [], `no credential and no query is in ${log.replace(ewa.dir, '')}`);
	}
	t.ok(fs.readFileSync(ewa.servers.apache.accessLog, 'utf8').includes(i.path), 'though the requests are');
	const kept = JSON.stringify(await ewa.sql('select headers from ewa.event'));
	t.is([old, own.token, basic(old)].filter((s) => kept.includes(s)), [], 'no credential is kept with an event');
}

await ewa.stop();
t.done();
