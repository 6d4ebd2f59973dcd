#!/usr/bin/env node
// The reply is sent as the integration's settings say: method, headers, or not
// at all; and changed settings are used by the very next attempt.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, sleep, waitFor } from '../lib/ewa.mjs';

const ewa = await Bench.start();
const receiver = await Receiver.start();

{
	const i = await ewa.integration({
		replyUrl: receiver.url('/put?x=1'),
		replyMethod: 'PUT',
		replyHeaders: ['X-Team: platform', 'X-Empty:', 'Content-Language: en'],
		secretReplyHeaders: ['X-Api-Key: s3cret, with a comma'],
	});
	const eventId = await ewa.accept(i);
	const reply = await waitFor(() => receiver.of(eventId)[0], 'the reply arrives');
	t.is([reply.method, reply.url], ['PUT', '/put?x=1'], 'PUT to the URL with its query');
	t.is(reply.headers['x-team'], 'platform', 'a header arrives');
	t.is(reply.headers['x-empty'], '', 'a header without a value arrives empty');
	t.is(reply.headers['content-language'], 'en', 'a third one too');
	t.is(reply.headers['x-api-key'], 's3cret, with a comma', 'a secret header arrives opened');
	t.is(reply.headers['content-type'], 'application/json', 'our own content type');
	t.is(reply.headers['expect'], undefined, 'no Expect');
	const shown = (await ewa.mustCtl('integration', 'show', i.key, '--json')).stdout;
	t.ok(!shown.includes('s3cret'), 'a secret header is never shown');
	const all = await ewa.sql('select * from ewa.integration_header');
	t.ok(!JSON.stringify(all.map((r) => ({ ...r, sealed: r.sealed?.toString('latin1') })))
	    .includes('s3cret'), 'and is sealed in the database');
	t.ok(!ewa.logs().includes('s3cret'), 'and stands in no log');
}

{
	const i = await ewa.integration();
	const before = receiver.total;
	const eventId = await ewa.accept(i);
	const status = await ewa.finished(i, eventId);
	t.is([status.status, status.reply.state, status.reply.attempts],
	    ['handled', 'none', []], 'a blank URL: handled, no reply');
	t.is(receiver.total, before, 'and nothing is sent');
}

for (const code of [200, 201, 204, 299]) {
	receiver.answer = () => code;
	const i = await ewa.integration({ replyUrl: receiver.url() });
	const status = await ewa.finished(i, await ewa.accept(i));
	t.is(status.reply.state, 'sent', `${code} is success`);
}
for (const code of [400, 401, 404, 422]) {
	receiver.answer = () => code;
	const i = await ewa.integration({ replyUrl: receiver.url() });
	const status = await ewa.finished(i, await ewa.accept(i));
	t.is([status.reply.state, status.reply.attempts.length], ['failed', 1], `${code} is final`);
}
for (const code of [301, 302, 307]) {
	const other = await Receiver.start();
	receiver.answer = () => ({ status: code, headers: { Location: other.url() } });
	const i = await ewa.integration({ replyUrl: receiver.url() });
	const eventId = await ewa.accept(i);
	await waitFor(() => receiver.of(eventId)[0], 'the attempt arrives');
	await sleep(300);
	t.is(other.total, 0, `${code} is not followed`);
	t.isnt((await ewa.status(i, eventId)).reply.state, 'sent', `${code} is no success`);
	await ewa.mustCtl('integration', 'disable', i.key);
	await other.stop();
}
for (const [what, answer] of Object.entries({
	408: () => 408, 425: () => 425, 429: () => 429, 500: () => 500,
	'a closed connection': () => 'close',
})) {
	receiver.answer = answer;
	const i = await ewa.integration({ replyUrl: receiver.url() });
	const eventId = await ewa.accept(i);
	await waitFor(() => receiver.of(eventId)[0], 'the first attempt arrives');
	receiver.answer = () => 200;
	const status = await ewa.finished(i, eventId);
	t.is(status.reply.state, 'sent', `after ${what} it is tried again`);
	// A kept connection that the peer drops makes libcurl send once more by
	// itself, within the same attempt and under the same webhook-id.
	const tries = status.reply.attempts.length;
	t.within(receiver.of(eventId).length, tries, tries + (answer() === 'close' ? 1 : 0),
	    `after ${what}: as recorded`);
}

// A change between two attempts: the next one uses it.
{
	// late enough for the change to be made before
	receiver.answer = () => ({ status: 503, headers: { 'Retry-After': '6' } });
	const better = await Receiver.start();
	const i = await ewa.integration({ replyUrl: receiver.url('/old'), replyHeaders: ['X-V: 1'] });
	const eventId = await ewa.accept(i);
	await waitFor(() => receiver.of(eventId)[0], 'the first attempt arrives');
	await ewa.update(i, {
		replyUrl: better.url('/new'), replyMethod: 'PUT', replyHeaders: ['X-V: 2'],
	});
	const reply = await waitFor(() => better.of(eventId)[0], 'the next attempt arrives');
	t.is([reply.method, reply.url, reply.headers['x-v']], ['PUT', '/new', '2'],
	    'the next attempt uses the new settings');
	t.is(receiver.of(eventId).length, 1, 'the old address got no more');
	await better.stop();
}

await receiver.stop();
await ewa.stop();
t.done();
