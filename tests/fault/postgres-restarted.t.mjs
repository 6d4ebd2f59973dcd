#!/usr/bin/env node
// PostgreSQL restarted, and killed, under load: requests wait and succeed or
// get 503 with Retry-After; both programs recover by themselves; LISTEN works
// again (the poll is set to a minute, so that only notifications can do it);
// acknowledged <= stored <= acknowledged + in flight.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, sleep } from '../lib/ewa.mjs';

const connections = 16;
const ewa = await Bench.start({ ownCluster: true, config: {
	poll: '60s', lease: '3s', database_wait: '8s',
} });
const receiver = await Receiver.start();
const i = await ewa.integration({ replyUrl: receiver.url() });
const all = [];

// A load that goes on until it is told to stop.
function startLoad() {
	let going = true;
	const answers = [];
	const worker = async () => {
		while (going) {
			try {
				answers.push(await ewa.send(i, { json: { n: answers.length }, connections }));
			} catch (error) {
				answers.push({ error });
			}
		}
	};
	const workers = Array.from({ length: connections }, worker);
	return async () => {
		going = false;
		await Promise.all(workers);
		return answers;
	};
}

async function outage(what, signal, seconds) {
	const before = receiver.requests.length;
	const stopLoad = startLoad();
	await sleep(700);
	await ewa.sql('checkpoint'); // so that stopping is soon done
	await ewa.cluster.stop(signal);
	await sleep(seconds * 1000);
	await ewa.cluster.start();
	await sleep(1500);
	const answers = await stopLoad();
	all.push(...answers);
	const refused = answers.filter((a) => a.status === 503);
	const accepted = answers.filter((a) => a.status === 202);
	t.is(answers.filter((a) => a.status !== 202 && a.status !== 503), [],
	    `${what}: nothing but 202 and 503`);
	t.ok(refused.every((a) => Number(a.headers['retry-after']) > 0 &&
	    a.headers['content-type'] === 'application/problem+json'),
	    `${what}: every 503 has Retry-After`, refused.slice(0, 1));
	t.diag(`${what}: ${accepted.length} accepted, ${refused.length} refused, slowest ` +
	    `${Math.max(...answers.map((a) => a.ms ?? 0)).toFixed(0)} ms`);
	return { accepted, refused, slow: accepted.filter((a) => a.ms > 500), before };
}

const short = await outage('a restart', 'SIGINT', 0.5);
t.ok(short.slow.length > 0, 'a restart: requests waited for the database and succeeded');
const long = await outage('an outage of 9 s', 'SIGINT', 9);
t.ok(long.refused.length > 0, 'an outage of 5 s: some were refused');
await outage('a crash', 'SIGQUIT', 0.5);

await ewa.drained();
const acknowledged = all.filter((a) => a.status === 202).map((a) => a.json.eventId);
const stored = new Set((await ewa.sql('select id from ewa.event')).map((r) => r.id));
t.is(acknowledged.filter((id) => !stored.has(id)), [], 'acknowledged <= stored');
// each outage can leave as many in doubt as were in flight
t.ok(stored.size <= acknowledged.length + 3 * connections,
    'stored <= acknowledged + in flight', `${stored.size} ${acknowledged.length}`);
t.is(await ewa.value(`select count(*) from ewa.event e where not exists
    (select from ewa.outcome o where o.event_id = e.id)`), 0, 'every stored event has its outcome');
const replied = new Set(receiver.requests.map((r) => r.headers['webhook-id']));
t.is(acknowledged.filter((id) => !replied.has(id)), [], 'every event with a 202 was replied to');

const started = performance.now();
const eventId = await ewa.accept(i);
await ewa.finished(i, eventId, 40000);
t.ok(performance.now() - started < 40000, 'LISTEN works again: handled long before the poll',
    `${performance.now() - started} ms`);
t.is((await ewa.send(i, { method: 'GET' })).status, 200, 'the responder has gone on');

await receiver.stop();
await ewa.stop();
t.done();
