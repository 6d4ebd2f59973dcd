#!/usr/bin/env node
// Connections that are dead without saying so: the server's side is frozen.
// The probe finds the listening one, the time allowed for an answer the
// queue's; when the frozen sides go on, what they still do changes nothing.
// The poll is set to a minute, so that only notifications can bring the news.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, waitFor } from '../lib/ewa.mjs';
import { arrivals, queue, settled } from '../lib/queued.mjs';

const ewa = await Bench.start({
	servers: [], responder: false, config: { poll: '60s', lease: '6s' },
});
const receiver = await Receiver.start();
const i = await ewa.integration({ replyUrl: receiver.url() });

const backend = (name) => ewa.value(`select max(pid) from pg_stat_activity
    where application_name = $1 and datname = current_database() and not pid = any($2)`,
name, frozen);
const frozen = [];

async function freeze(name) {
	const pid = await backend(name);
	process.kill(pid, 'SIGSTOP');
	frozen.push(pid);
}

t.limit(240);
const ids = await queue(ewa, i.key, 10);
await waitFor(() => ids.every((id) => receiver.of(id).length), 'all is well at first');

await freeze('ewa-dispatcher listen');
await waitFor(() => backend('ewa-dispatcher listen'), 'the probe finds that nobody answers', 40000);
ids.push(...await queue(ewa, i.key, 1));
await waitFor(() => receiver.of(ids.at(-1)).length, 'a notification is heard again');
t.ok(true, 'the listening connection is replaced');

await freeze('ewa-dispatcher');
ids.push(...await queue(ewa, i.key, 50));
await waitFor(() => backend('ewa-dispatcher'), 'no answer: another connection', 40000);
await waitFor(() => ids.every((id) => receiver.of(id).length), 'its events are sent', 60000);
t.ok(true, "the queue's connection is replaced");

for (const pid of frozen)
	process.kill(pid, 'SIGCONT');
ids.push(...await queue(ewa, i.key, 50));
t.is(await settled(ewa, ids), [{ state: 'handled', reply_state: 'sent', n: ids.length }],
    'when the frozen ones go on nothing is lost');
t.is(arrivals(receiver, ids).missing, [], 'every Event ID arrived');
t.is(await ewa.value(`select count(*) from (select event_id from ewa.outcome
    group by event_id having count(*) > 1) x`), 0, 'each has one outcome');

await receiver.stop();
await ewa.stop();
t.done();
