#!/usr/bin/env node
// Prefer: wait on the status resource and on the POST itself, and Event
// Webhook Sync: the answer waits for the event, up to its time.

import fs from 'node:fs';

import * as t from '../lib/tap.mjs';
import { add, startBench } from '../lib/automations.mjs';
import { Bench, Receiver, sleep, waitFor } from '../lib/ewa.mjs';

const ewa = await Bench.start({ servers: ['lighttpd', 'apache'] });
const integration = await ewa.integration({ name: 'Waits' });
const sync = await ewa.integration({ name: 'Sync', externalSystem: 'sync' });
const body = '{"b":1.50,  "a":"\\u00e9"}';

// The handled event, as a reply carries it.
function isHandled(answer, of, name) {
	t.is(answer.status, 200, `${name}: 200`);
	const d = answer.json;
	t.is([d.status, d.integration, d.results],
	    ['handled', { key: of.key, name: of.name }, []], `${name}: the handled event`);
	t.ok(Date.parse(d.receivedAt) <= Date.parse(d.handledAt), `${name}: its times`);
	t.like(d.eventId, /^[0-9a-f-]{36}$/, `${name}: its Event ID`);
}

for (const server of ['lighttpd', 'apache']) {
	const wait = (prefer, options = {}) => ewa.send(integration, { server, body,
		headers: { Prefer: prefer }, ...options });
	let a = await wait('wait=10');
	isHandled(a, integration, `${server}: wait`);
	t.is(a.headers['preference-applied'], 'wait=10', `${server}: the preference is applied`);
	t.ok(a.text.includes(`"event":${body},`), `${server}: the event as it was sent`, a.text);
	t.like(a.headers['content-type'], /^application\/json/, `${server}: JSON`);

	a = await wait('respond-async, wait=10');
	isHandled(a, integration, `${server}: respond-async with wait`);
	a = await wait('respond-async');
	t.is([a.status, a.headers['preference-applied'], a.json.status],
	    [202, 'respond-async', 'accepted'], `${server}: respond-async alone is the 202 at once`);
	a = await wait('wait=0');
	t.is([a.status, a.headers['preference-applied']], [202, 'wait=0'], `${server}: wait=0`);
	a = await wait('wait=ten');
	t.is([a.status, a.headers['preference-applied']], [202, undefined],
	    `${server}: an odd spelling is passed over`);
	a = await ewa.send(integration, { server, body,
		headers: [['Prefer', 'handling=lenient'], ['prefer', 'Wait="10"']] });
	isHandled(a, integration, `${server}: several Prefer headers`);
	t.is(a.headers['preference-applied'], 'wait=10', `${server}: quoted, in any case`);

	a = await ewa.send(integration, { server, body: Buffer.from([0, 1, 254, 255]),
		type: 'application/octet-stream', headers: { Prefer: 'wait=10' } });
	isHandled(a, integration, `${server}: a binary event`);
	t.is(a.json.event, { contentType: 'application/octet-stream', encoding: 'base64',
		data: 'AAH+/w==' }, `${server}: as base64`);
	const big = JSON.stringify({ text: 'x'.repeat(900_000) });
	a = await wait('wait=10', { body: big });
	isHandled(a, integration, `${server}: a large event`);
	t.ok(a.text.includes(`"event":${big},`), `${server}: whole`);

	a = await ewa.send(sync, { server, body });
	isHandled(a, sync, `${server}: Event Webhook Sync`);
	t.is(a.headers['preference-applied'], undefined, `${server}: nobody preferred that`);
	a = await ewa.send(sync, { server, body, headers: { Prefer: 'respond-async' } });
	t.is([a.status, a.headers['preference-applied']], [202, 'respond-async'],
	    `${server}: unless the sender prefers the 202`);
}
t.is((await ewa.send(integration, { body: 'no JSON', headers: { Prefer: 'wait=10' } })).status, 400,
    'a refusal does not wait');

// ---- until time is up ----------------------------------------------------------

await ewa.mustCtl('integration', 'pause', integration.key);
await ewa.mustCtl('integration', 'pause', sync.key);
await ewa.update(sync, { requestTimeout: 'PT1S' });
await ewa.integration(); // who knows this one knows what was changed before
let started = performance.now();
let a = await ewa.send(integration, { body, headers: { Prefer: 'respond-async, wait=2' } });
t.is([a.status, a.headers['preference-applied'], a.json.status],
    [202, 'respond-async, wait=2', 'accepted'], 'not in time: the 202');
t.within(performance.now() - started, 1900, 8000, 'after two seconds');
const eventId = a.json.eventId;
t.is(a.headers.location, `${integration.path}/events/${eventId}`, 'with its Location');

started = performance.now();
a = await ewa.send(sync, { body });
t.is([a.status, a.json.status], [202, 'accepted'], 'Sync, not within its request timeout: the 202');
t.within(performance.now() - started, 900, 8000, 'after that second');

const status = (id, prefer, options = {}) => ewa.send(integration, { method: 'GET',
	path: `/events/${id}`, headers: prefer ? { Prefer: prefer } : {}, ...options });
started = performance.now();
a = await status(eventId, 'wait=2');
t.is([a.status, a.json.status, a.headers['preference-applied']], [200, 'accepted', 'wait=2'],
    'the status waits, and then tells the present state');
t.within(performance.now() - started, 1900, 8000, 'after two seconds');
t.is((await status(eventId)).headers['preference-applied'], undefined, 'without Prefer at once');

const waiting = [];
for (const server of ['lighttpd', 'apache']) {
	waiting.push(status(eventId, 'wait=25', { server }));
	waiting.push(status(eventId, 'wait=25', { server, method: 'HEAD' }));
	waiting.push(ewa.send(integration, { server, body, headers: { Prefer: 'wait=25' } }));
}
await sleep(500);
const resumed = performance.now();
await ewa.mustCtl('integration', 'resume', integration.key);
const answers = await Promise.all(waiting);
t.ok(performance.now() - resumed < 15000, 'all are answered when their events are handled');
t.is(answers.map((x) => x.status), [200, 200, 200, 200, 200, 200], 'with 200');
for (const k of [0, 3])
	t.is([answers[k].json.status, answers[k].json.eventId], ['handled', eventId],
	    'the status says handled');
for (const k of [1, 4])
	t.is(answers[k].body.length, 0, 'HEAD has no body');
for (const k of [2, 5])
	isHandled(answers[k], integration, 'a POST that waited');
a = await status(eventId, 'wait=25');
t.is([a.json.status, a.headers['preference-applied']], ['handled', 'wait=25'],
    'what is finished is told at once');

// A wait is woken, not polled for: the median lies far below the sweep's second.
const times = [];
await ewa.mustCtl('integration', 'resume', sync.key);
await ewa.update(sync, { requestTimeout: 'PT20S' });
await waitFor(async () => (await ewa.send(sync, { body })).status === 200, 'it is resumed');
for (let i = 0; i < 200; i++)
	times.push((await ewa.send(sync, { body })).ms);
times.sort((x, y) => x - y);
t.diag(`Sync, from POST to its 200: median ${times[100].toFixed(1)} ms, worst ${times[199].toFixed(1)} ms`);
t.ok(times[100] < 500, 'a wait is woken', `median ${times[100]} ms`);
t.ok(times[190] < 900, 'and rings are not lost', `19 of 20 within ${times[190]} ms`);

// With a reply URL that fails the event is handled all the same.
const broken = await Receiver.start(() => 503);
const replying = await ewa.integration({ name: 'Replies', externalSystem: 'sync',
	replyUrl: broken.url() });
isHandled(await ewa.send(replying, { body }), replying, 'while its reply still fails');
await broken.stop();

// ---- automations --------------------------------------------------------------

{
	const actions = await startBench({
		slow: '#!/bin/sh\nsleep 1; printf \'{"n" : 1.0, "n": 2}\'\n',
		fail: '#!/bin/sh\necho "disk is full" >&2; exit 3\n',
	});
	const receiver = await Receiver.start();
	const acting = await actions.integration({ name: 'Acts', externalSystem: 'sync',
		replyUrl: receiver.url() });
	await add(actions, acting, 'Slow', '--command', 'slow');
	const at = performance.now();
	const got = await actions.send(acting, { body });
	t.is([got.status, got.json.status], [200, 'handled'], 'automations: handled');
	t.ok(performance.now() - at >= 900, 'not before they have ended');
	t.ok(got.text.includes('"output":{"n" : 1.0, "n": 2}'), 'the output as it was', got.text);
	await waitFor(() => receiver.of(got.json.eventId)[0], 'the reply arrives');
	t.is(got.text.trim(), receiver.of(got.json.eventId)[0].body.toString().trim(),
	    'the answer is the document that the reply carries');
	await add(actions, acting, 'Fails', '--command', 'fail');
	const failed = await actions.send(acting, { body });
	t.is([failed.status, failed.json.status, failed.json.results.map((r) => r.status)],
	    [200, 'failed', ['ok', 'failed']], 'a failed event is told as failed');
	await receiver.stop();
	await actions.stop();
}

// ---- those who went away -------------------------------------------------------

await ewa.mustCtl('integration', 'pause', integration.key);
await sleep(1500);
const fds = () => fs.readdirSync(`/proc/${ewa.responder.pid}/fd`).length;
const before = fds();
const give = (prefer) => Promise.all(Array.from({ length: 20 }, () => ewa.send(integration,
    { body, headers: { Prefer: prefer }, timeoutMs: 1500 }).catch((e) => e.message)));

// lighttpd keeps the request of a client that has half closed: to its time.
t.ok((await give('wait=4')).every((m) => /no answer/.test(m)), '20 senders give up');
await waitFor(() => fds() <= before + 3, 'their requests are let go', 24000);
t.ok(true, 'their requests are let go when their time is up');

const lost = give('wait=29');
await waitFor(() => fds() >= before + 15, '20 more wait');
await ewa.servers.lighttpd.program.kill();
started = performance.now();
await waitFor(() => fds() <= before + 3, 'their requests are let go', 24000);
t.ok(performance.now() - started < 24000, 'when the web server is gone so are they');
await lost;
await ewa.startServer('lighttpd');

// ---- stopping ------------------------------------------------------------------

const had = await ewa.value('select count(*) from ewa.event');
const held = [
	ewa.send(integration, { body, headers: { Prefer: 'wait=28' } }),
	ewa.send(integration, { method: 'GET', path: `/events/${await ewa.accept(integration)}`,
		headers: { Prefer: 'wait=28' } }),
];
await waitFor(async () => await ewa.value('select count(*) from ewa.event') === had + 2, 'both have come');
await sleep(700);
started = performance.now();
const end = await ewa.responder.stop();
t.is(end.code, 0, 'SIGTERM: ends well');
const told = await Promise.all(held);
t.ok(performance.now() - started < 20000, 'at once');
t.is([told[0].status, told[0].json.status], [202, 'accepted'], 'a POST that waits gets its 202');
t.is([told[1].status, told[1].json.status], [200, 'accepted'], 'a GET the present state');
await ewa.startResponder();

await ewa.stop();
t.done();
