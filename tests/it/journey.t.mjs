#!/usr/bin/env node
// The whole journey: a sender's request, the 202, the event handled, the reply
// at the receiver with the payload byte for byte, the final state.

import fs from 'node:fs';

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, waitFor } from '../lib/ewa.mjs';

const { cases } = JSON.parse(fs.readFileSync(new URL('cases.json', import.meta.url)));
const payload = Buffer.from(
    cases.find((c) => c.name === 'alertmanager-v4').request.body_base64, 'base64');

const ewa = await Bench.start({ servers: ['lighttpd', 'apache'] });
const receiver = await Receiver.start();
const integration = await ewa.integration({ name: 'Alertmanager', replyUrl: receiver.url() });

for (const server of ['lighttpd', 'apache']) {
	const before = Date.now();
	const answer = await ewa.send(integration, { server, body: payload });
	t.is(answer.status, 202, `${server}: accepted`);
	const { eventId, receivedAt } = answer.json;
	t.like(eventId, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
	    `${server}: the Event ID is a UUIDv7`);
	t.is(answer.headers.location, `/hooks/${integration.key}/events/${eventId}`,
	    `${server}: Location`);

	const reply = await waitFor(() => receiver.of(eventId)[0], 'the reply arrives');
	t.is([reply.method, reply.headers['content-type']], ['POST', 'application/json'],
	    `${server}: the reply is a POST of JSON`);
	t.ok(reply.body.includes(Buffer.concat([Buffer.from('"event":'), payload])),
	    `${server}: the payload is inside, byte for byte`, reply.body.toString());
	const handled = reply.json;
	t.is(handled.eventId, eventId, `${server}: the reply's Event ID`);
	t.is(handled.status, 'handled', `${server}: the reply's status`);
	t.is(handled.integration, { key: integration.key, name: 'Alertmanager' },
	    `${server}: the reply's integration`);
	t.is(handled.receivedAt, receivedAt, `${server}: the reply's received time`);
	t.within(Date.parse(handled.handledAt), Date.parse(receivedAt), Date.now() + 1000,
	    `${server}: handled after it was received`);
	t.is(handled.results, [], `${server}: no automations, no results`);
	t.within(Date.parse(receivedAt), before - 1000, Date.now() + 1000,
	    `${server}: received now`);

	const status = await ewa.finished(integration, eventId);
	t.is([status.eventId, status.status, status.reply.state], [eventId, 'handled', 'sent'],
	    `${server}: the status resource says handled and sent`);
	t.is(status.reply.attempts.length, 1, `${server}: in one attempt`);
	t.is(status.reply.attempts[0].status, 200, `${server}: answered 200`);
	t.is(receiver.of(eventId).length, 1, `${server}: sent once`);

	const shown = await ewa.ctlJson('event', 'show', eventId);
	t.is([shown.eventId, shown.status, shown.reply.state], [eventId, 'handled', 'sent'],
	    `${server}: ewactl event show says the same`);
	const body = await ewa.mustCtl('event', 'body', eventId);
	t.is(body.bytes, payload, `${server}: ewactl event body gives the bytes`);
}

// What is not JSON travels as text or base64.
for (const [type, bytes, want] of [
	['text/plain', Buffer.from('Alert: disk\n'), { encoding: 'utf-8', data: 'Alert: disk\n' }],
	['application/octet-stream', Buffer.from([0xff, 0, 1, 2]),
		{ encoding: 'base64', data: '/wABAg==' }],
]) {
	const eventId = await ewa.accept(integration,
	    { json: undefined, body: bytes, headers: { 'Content-Type': type } });
	const reply = await waitFor(() => receiver.of(eventId)[0], 'the reply arrives');
	t.is(reply.json.event, { contentType: type, ...want }, `${type} in the reply`);
}

// A byte order mark is stored, and left out where the event is embedded.
{
	const bytes = Buffer.from('\ufeff{"a": 1}');
	const eventId = await ewa.accept(integration, { json: undefined, body: bytes });
	const reply = await waitFor(() => receiver.of(eventId)[0], 'the reply arrives');
	t.is(reply.json.event, { a: 1 }, 'without its byte order mark in the reply');
	t.is((await ewa.mustCtl('event', 'body', eventId)).bytes, bytes, 'with it in the store');
}

// The status resource is for the integration's own events and credential.
{
	const eventId = await ewa.accept(integration);
	const stranger = await ewa.integration();
	const path = `/events/${eventId}`;
	t.is((await ewa.send(stranger, { method: 'GET', path })).status, 404,
	    "another integration's event is not found");
	t.is((await ewa.send(integration, { method: 'GET', path, token: stranger.token })).status,
	    401, "another integration's token is none");
	t.is((await ewa.send(integration, { method: 'GET', path: '/events/nonsense' })).status,
	    404, 'what is no Event ID is not found');
}

for (const path of ['/healthz', '/readyz'])
	for (const server of ['lighttpd', 'apache'])
		t.is((await fetch(ewa.url(server) + path)).status, 200, `${server}: ${path}`);

await receiver.stop();
await ewa.stop();
t.done();
