#!/usr/bin/env node
// Signed replies (judged by Standard Webhooks' own library), credentials in
// the reply URL, headers: what is sent, and what is never seen again.

import { Webhook } from 'standardwebhooks';

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, command, sleep, waitFor } from '../lib/ewa.mjs';
import { queue } from '../lib/queued.mjs';

const ewa = await Bench.start({ servers: [], responder: false });
const receiver = await Receiver.start();
const canaries = []; // secrets that must not be seen

async function reply(i) {
	const [id] = await queue(ewa, i.key, 1);
	return waitFor(() => receiver.of(id).at(-1), 'a reply arrives');
}

// A dispatcher follows changes within a second.
const known = () => sleep(1200);

function verifies(secret, r) {
	try {
		new Webhook(secret).verify(r.body.toString(), r.headers);
		return true;
	} catch {
		return false;
	}
}

{
	const i = await ewa.ctlJson('integration', 'create', '--name', 'signed', '--generate-token', '--enable',
	    '--reply-url', receiver.url(), '--generate-reply-secret');
	const first = i.replySecret;
	canaries.push(first);
	t.like(first, /^whsec_[A-Za-z0-9+/]{43}=$/, 'a reply secret is made up, and shown once');
	const r = await reply(i);
	t.ok(verifies(first, r), 'the library takes the signature', r.headers);
	t.like(r.headers['webhook-signature'], /^v1,[A-Za-z0-9+/]{43}=$/, 'one signature');
	t.ok(!verifies('whsec_' + Buffer.alloc(32).toString('base64'), r), 'another secret does not fit');
	r.body[0] ^= 1;
	t.ok(!verifies(first, r), 'a changed body neither');

	const shown = (await ewa.mustCtl('integration', 'show', i.key, '--json')).stdout;
	t.is(JSON.parse(shown).replySecrets, [{ expiresAt: null }], 'later it is only shown that there is one');
	t.ok(!shown.includes(first), 'never which');

	// rotation: both sign until the old one's time is over
	const { replySecret: second } = await ewa.ctlJson('integration', 'reply-secret', i.key,
	    '--keep-old', 'PT12S');
	canaries.push(second);
	await known();
	const both = await reply(i);
	t.is(both.headers['webhook-signature'].split(' ').length, 2, 'during a rotation two signatures');
	t.is([verifies(first, both), verifies(second, both)], [true, true], 'of the old secret and the new');
	await sleep(12000);
	const after = await reply(i);
	t.is([verifies(first, after), verifies(second, after)], [false, true], 'afterwards of the new one');

	// every attempt is signed anew, under the same id
	let n = 0;
	receiver.answer = () => (++n < 3 ? 503 : 200);
	const [id] = await queue(ewa, i.key, 1);
	await waitFor(() => receiver.of(id).length === 3, 'it is tried three times');
	const tries = receiver.of(id);
	t.is(new Set(tries.map((x) => x.headers['webhook-id'])).size, 1, 'three attempts with one id');
	t.ok(tries.every((x) => verifies(second, x)), 'each signature is good');
	t.is(new Set(tries.map((x) => x.headers['webhook-timestamp'])).size, 3, 'each has its own timestamp');
	t.ok(tries.every((x) => Math.abs(Number(x.headers['webhook-timestamp']) * 1000 - x.at) < 20000),
	    'of its own time');
	receiver.answer = () => 200;

	await ewa.mustCtl('integration', 'reply-secret', i.key, '--remove');
	await known();
	t.is((await reply(i)).headers['webhook-signature'], undefined, 'taken away: not signed');
	for (const wrong of ['secret', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_!!!!', 'whsec_' + 'A'.repeat(200)])
		t.is((await ewa.ctl('integration', 'reply-secret', i.key, '--reply-secret', wrong)).status, 1,
		    `${wrong.slice(0, 20)}: refused`);
	const given = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
	canaries.push(given);
	await ewa.mustCtl('integration', 'reply-secret', i.key, '--reply-secret', given);
	await known();
	t.ok(verifies(given, await reply(i)), 'a secret that is given is taken');
}

{
	const url = receiver.url('/basic?q=1').replace('http://', 'http://us%40er:p%3Aa%2Fss%20w%C3%B6rd@');
	canaries.push('p:a/ss w', 'p%3Aa%2Fss', Buffer.from('us@er:p:a/ss wörd').toString('base64'));
	const made = await ewa.ctl('integration', 'create', '--name', 'basic', '--generate-token', '--enable',
	    '--reply-url', url, '--json');
	const i = JSON.parse(made.stdout);
	t.is([i.replyUrl, i.replyCredentials], [receiver.url('/basic?q=1'), true],
	    'user and password are taken out of the URL');
	t.is(await ewa.value('select reply_url from ewa.integration where key = $1', i.key),
	    receiver.url('/basic?q=1'), 'in the database too');
	const r = await reply(i);
	t.is([r.url, r.headers.authorization], ['/basic?q=1',
		`Basic ${Buffer.from('us@er:p:a/ss wörd').toString('base64')}`], 'and sent as Basic');

	await ewa.mustCtl('integration', 'update', i.key, '--reply-url', receiver.url('/other'));
	await known();
	t.ok((await reply(i)).headers.authorization, 'another path of the same server: they stay');
	const clash = await ewa.ctl('integration', 'update', i.key, '--reply-header', 'Authorization: Bearer x');
	t.is(clash.status, 1, 'an Authorization header besides them is refused');
	t.like(clash.stderr, /Authorization/, 'in words');
	const elsewhere = await Receiver.start();
	await ewa.mustCtl('integration', 'update', i.key, '--reply-url', elsewhere.url());
	await known();
	const [id] = await queue(ewa, i.key, 1);
	const e = await waitFor(() => elsewhere.of(id)[0], 'the reply goes to the other server');
	t.is(e.headers.authorization, undefined, 'another server does not get them');
	await elsewhere.stop();
	await ewa.mustCtl('integration', 'update', i.key, '--reply-url', url);
	await ewa.mustCtl('integration', 'update', i.key, '--no-reply-credentials');
	await known();
	t.is((await reply(i)).headers.authorization, undefined, 'they can be taken away');
	for (const [wrong, words] of [['http://a%0d%0ab:c@127.0.0.1/', /control/],
		['http://a%3Ab:c@127.0.0.1/', /colon/], [`http://${'u'.repeat(1100)}@127.0.0.1/`, /characters/]]) {
		const bad = await ewa.ctl('integration', 'update', i.key, '--reply-url', wrong);
		t.is(bad.status, 1, `${wrong.slice(0, 24)}: refused`);
		t.like(bad.stderr, words, 'in words');
	}
}

{
	const i = await ewa.integration({
		replyUrl: receiver.url(),
		replyHeaders: ['content-type: application/vnd.acme+json', 'X-A: caf\u00e9', 'User-Agent: acme/1'],
		secretReplyHeaders: ['X-Token: canary-of-a-header'],
	});
	canaries.push('canary-of-a-header');
	const r = await reply(i);
	t.is(r.rawHeaders.filter((h, k) => k % 2 === 0 && /^content-type$/i.test(h)).length, 1,
	    'one Content-Type');
	t.is(r.headers['content-type'], 'application/vnd.acme+json', 'the configured one');
	t.is(Buffer.from(r.headers['x-a'], 'latin1').toString(), 'caf\u00e9', 'UTF-8 as it is');
	t.is(r.headers['user-agent'], 'acme/1', 'even User-Agent');
	for (const h of ['Host: evil', 'Content-Length: 3', 'Transfer-Encoding: chunked', 'TE: trailers',
		'Connection: close', 'webhook-id: x', 'webhook-signature: v1,x', 'traceparent: x', 'Expect: x',
		'X Y: a', 'X-A: a\r\nX-B: b', 'X-A: a\nB: b', ': x', 'X-\u00e9: x', 'nothing']) {
		const bad = await ewa.ctl('integration', 'update', i.key, '--reply-header', h);
		t.is(bad.status, 1, `${JSON.stringify(h)}: refused when it is saved`);
	}
	// what stands in the database all the same is refused when it is sent
	await ewa.sql(`update ewa.integration_header set value = E'a\\r\\nInjected: yes'
	    where name = 'X-A'`);
	await ewa.sql('update ewa.integration set modified_at = now() where key = $1', i.key);
	await known();
	const before = receiver.total;
	const [id] = await queue(ewa, i.key, 1, { timeoutMs: 60000 });
	const [a] = await waitFor(async () => {
		const all = await ewa.sql('select * from ewa.attempt where event_id = $1', id);
		return all.length > 0 && all;
	}, 'it is tried');
	t.is([a.outcome, a.cause, receiver.total], ['retry', 'internal', before],
	    'a header that was written past the rules is not sent');
	t.like(a.detail, /X-A/, 'its name is told');
}

// Nothing of it is seen in logs, dumps, or what is shown.
{
	const dump = await command(['pg_dump', '-h', ewa.pgHost, '-U', 'postgres', '-d', ewa.database]);
	t.is(dump.status, 0, 'the database is dumped');
	const shown = [];
	for (const { key } of await ewa.ctlJson('integration', 'list'))
		for (const json of [[], ['--json']])
			shown.push((await ewa.mustCtl('integration', 'show', key, ...json)).stdout);
	for (const [where, text] of [['the dump', dump.stdout], ['the logs', ewa.logs()],
		['what is shown', shown.join('')]]) {
		const hex = (s) => Buffer.from(s).toString('hex');
		t.is(canaries.filter((c) => text.includes(c) || text.includes(hex(c))), [],
		    `no secret stands in ${where}`);
	}
	const audit = JSON.stringify(await ewa.sql('select action, detail from ewa.audit order by id'));
	t.like(audit, /"reply_secret":\{"to":"set"\}/, 'the audit tells that there is a secret');
	t.like(audit, /"reply_credentials":\{"from":"set","to":""\}/, 'and when it was taken away');
}

await receiver.stop();
await ewa.stop();
t.done();
