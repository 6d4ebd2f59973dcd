#!/usr/bin/env node
// The dispatcher's connections are cut, one kind after the other, and all of
// them under load: it connects again, listens again, and loses nothing.  The
// poll is set to a minute, so that only notifications can bring the news.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, sleep, waitFor } from '../lib/ewa.mjs';
import { arrivals, queue, settled } from '../lib/queued.mjs';

const ewa = await Bench.start({
	servers: [], responder: false, config: { poll: '60s', lease: '8s' },
});
const receiver = await Receiver.start();
const i = await ewa.integration({ replyUrl: receiver.url() });

const backends = (like) => ewa.sql(`select pid from pg_stat_activity
    where application_name like $1 and datname = current_database()`, like);

async function cut(like) {
	return ewa.value(`select count(pg_terminate_backend(pid)) from pg_stat_activity
	    where application_name like $1 and datname = current_database()`, like);
}

async function journey(name) {
	const [id] = await queue(ewa, i.key, 1);
	const started = performance.now();
	await waitFor(() => receiver.of(id).length, `${name}: its reply`, 45000, 2);
	return performance.now() - started;
}

t.ok(await journey('at first') < 45000, 'a notification brings the event');
for (const [what, like] of [['listening', '% listen'], ['queue', 'ewa-dispatcher'],
	['settings', '% settings']]) {
	const [before] = await backends(like);
	t.ok(await cut(like) >= 1, `the ${what} connection is cut`);
	await waitFor(async () => {
		const [now] = await backends(like);
		return now && now.pid !== before.pid;
	}, `the ${what} connection is there again`);
	t.ok(await journey(what) < 45000, `after that a notification still brings the event`);
}

// what was missed while nobody listened is found without a notification
await cut('% listen');
const missed = await queue(ewa, i.key, 10);
await waitFor(() => missed.every((id) => receiver.of(id).length), 'what was missed is found');
t.ok(true, 'what comes while nobody listens is found at once after');

// under load, all of them, again and again
receiver.answer = () => ({ status: 200, delayMs: 20 });
const ids = [];
for (let n = 0; n < 6; n++) {
	ids.push(...await queue(ewa, i.key, 300));
	await sleep(150);
	await cut('ewa-dispatcher%');
}
t.is(await settled(ewa, ids), [{ state: 'handled', reply_state: 'sent', n: ids.length }],
    'cut under load: every event is handled and its reply sent');
const { missing, twice } = arrivals(receiver, ids);
t.is(missing, [], 'every Event ID arrived');
t.diag(`${twice.length} of ${ids.length} arrived twice`);
t.is(await ewa.value(`select count(*) from (select event_id from ewa.outcome
    group by event_id having count(*) > 1) x`), 0, 'each has one outcome');

// a changed setting is heard by notification too
const other = await Receiver.start();
await ewa.update(i, { replyUrl: other.url() });
const [id] = await queue(ewa, i.key, 1);
await waitFor(() => other.of(id).length, 'the next attempt uses the new settings');
t.is(receiver.of(id).length, 0, 'and nothing goes to the old address');

await other.stop();
await receiver.stop();
await ewa.stop();
t.done();
