#!/usr/bin/env node
// Request Timeout: no attempt starts after it and the reply expires; within it
// the reply is tried again, under the same webhook-id.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, sleep } from '../lib/ewa.mjs';

const ewa = await Bench.start();
let started = null; // when the first event was sent
const failing = () => (started === null || Date.now() - started < 10000 ? 503 : 200);
const receiver = await Receiver.start(failing);

const short = await ewa.integration({ requestTimeout: 'PT3S', replyUrl: receiver.url('/short') });
const long = await ewa.integration({ requestTimeout: 'PT30S', replyUrl: receiver.url('/long') });
const none = await ewa.integration({ replyUrl: receiver.url('/none') });
const dead = await ewa.integration({ requestTimeout: 'PT2S', replyUrl: 'http://127.0.0.1:1/' });

const ids = {};
started = Date.now();
for (const [name, integration] of Object.entries({ short, long, none, dead }))
	ids[name] = await ewa.accept(integration);

{
	const status = await ewa.finished(short, ids.short);
	t.is([status.status, status.reply.state], ['handled', 'expired'],
	    'PT3S: handled, and its reply expired');
	const deadline = Date.parse(status.receivedAt) + 3000;
	t.is(Date.parse(status.reply.deadline), deadline, 'the deadline is received + 3 s');
	// The receiver's clock is the database's: one machine.
	await sleep(Math.max(0, deadline + 3000 - Date.now()));
	const tries = receiver.of(ids.short);
	t.ok(tries.length >= 2, 'it was tried more than once', tries.length);
	t.is(status.reply.attempts.filter((a) => Date.parse(a.startedAt) > deadline), [], 'no attempt started after the deadline');
	t.ok(status.reply.attempts.every((a) => a.status === 503), 'each attempt is recorded',
	    status.reply.attempts);
	t.is(status.reply.attempts.length, tries.length, 'as many as arrived');
}

{
	const status = await ewa.finished(dead, ids.dead);
	t.is([status.status, status.reply.state], ['handled', 'expired'],
	    'nobody listens: handled, and expired');
	t.is(status.reply.attempts[0].cause, 'connect', 'the cause of each attempt is told');
}

for (const [name, integration] of Object.entries({ long, none })) {
	const status = await ewa.finished(integration, ids[name]);
	t.is([status.status, status.reply.state], ['handled', 'sent'], `${name}: sent in the end`);
	const tries = receiver.requests.filter((r) => r.url === `/${name}`);
	t.ok(tries.length >= 3, `${name}: on a later attempt`, tries.length);
	t.is(new Set(tries.map((r) => r.headers['webhook-id'])), new Set([ids[name]]),
	    `${name}: every attempt has the same webhook-id`);
	t.is(tries.filter((r) => r.answered === 200).length, 1, `${name}: it succeeded once`);
	const gaps = tries.slice(1).map((r, i) => r.at - tries[i].at);
	const schedule = [1000, 2000, 5000, 10000, 20000];
	t.ok(gaps.every((g, i) => g >= schedule[i] - 20), `${name}: never earlier than the schedule`,
	    gaps);
}

await receiver.stop();
await ewa.stop();
t.done();
