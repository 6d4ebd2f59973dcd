#!/usr/bin/env node
// A dispatcher that is stopped past its lease and goes on: another has done
// the work; the late result changes nothing and is recorded as lease lost.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, sleep, waitFor } from '../lib/ewa.mjs';
import { queue } from '../lib/queued.mjs';

const ewa = await Bench.start({
	servers: [], responder: false, dispatchers: 1, config: { lease: '5s', attempt_timeout: '8s' },
});
let sockets = 0;
const receiver = await Receiver.start(() => ({ status: 200, delayMs: ++sockets === 1 ? 1000 : 0 }));
const i = await ewa.integration({ replyUrl: receiver.url() });

const [frozen] = ewa.dispatchers;
const [id] = await queue(ewa, i.key, 1);
await waitFor(() => receiver.of(id)[0], 'the attempt is under way');
frozen.signal('SIGSTOP');
await ewa.startDispatcher();
await waitFor(() => receiver.of(id)[1], 'another has taken it');
await waitFor(() => ewa.value('select count(*) from ewa.outcome'), 'and finished it');
const outcome = await ewa.sql('select * from ewa.outcome');
const recorded = await ewa.sql('select * from ewa.attempt');
t.is(recorded.map((a) => [a.outcome, a.number]), [['ok', 1]], 'its attempt is recorded');

frozen.signal('SIGCONT');
await waitFor(() => ewa.value(`select count(*) from ewa.attempt where outcome = 'lease lost'`),
    'the late result is recorded as lease lost');
const attempts = await ewa.sql('select * from ewa.attempt order by claim');
t.is(attempts.map((a) => a.outcome), ['lease lost', 'ok'], 'one of each');
t.ok(Number(attempts[0].claim) < Number(attempts[1].claim), 'the later claim is the greater one');
t.is(await ewa.sql('select * from ewa.outcome'), outcome, 'the outcome is unchanged');
t.like(frozen.text(), /lease lost/, 'and it says so');

// it goes on as if nothing had been
const later = await queue(ewa, i.key, 50);
await ewa.drained();
t.is(await ewa.value(`select count(*) from ewa.outcome where event_id = any($1) and
    reply_state = 'sent'`, later), 50, 'both go on');
t.is(later.filter((e) => receiver.of(e).length !== 1), [], 'each reply is sent once');

// the same with the work not begun: given to a reply URL that hangs
receiver.answer = () => 'hang';
const many = await queue(ewa, i.key, 30);
await waitFor(() => many.some((e) => receiver.of(e).length), 'some are under way');
for (const d of ewa.dispatchers)
	d.signal('SIGSTOP');
await sleep(6500);
receiver.answer = () => 200;
for (const d of ewa.dispatchers)
	d.signal('SIGCONT');
await ewa.drained();
t.is(await ewa.value(`select count(*) from ewa.outcome where event_id = any($1) and
    reply_state = 'sent'`, many), 30, 'both frozen and woken: all are sent in the end');

await receiver.stop();
await ewa.stop();
t.done();
