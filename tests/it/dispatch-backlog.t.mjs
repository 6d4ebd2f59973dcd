#!/usr/bin/env node
// A backlog that can't be answered any more: what still can be goes first, and
// what can't comes to its end though its reply URL hangs.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, waitFor } from '../lib/ewa.mjs';
import { queue, settled } from '../lib/queued.mjs';

const ewa = await Bench.start({ servers: [], responder: false, dispatchers: 0 });
const receiver = await Receiver.start();
const i = await ewa.integration({ requestTimeout: 'PT60S', replyUrl: receiver.url() });

// as after an outage of some minutes
const late = await queue(ewa, i.key, 20000, { ring: false, timeoutMs: 60000 });
await ewa.sql(`update ewa.queue set due_at = due_at - interval '5 min',
    deadline = deadline - interval '5 min'`);
const fresh = await queue(ewa, i.key, 20, { ring: false, timeoutMs: 60000 });
await ewa.startDispatcher();
await waitFor(() => fresh.every((id) => receiver.of(id).length), 'the fresh ones are replied to');
t.is(await settled(ewa, late), [{ state: 'handled', reply_state: 'expired', n: 20000 }],
    'the backlog ends: handled, and its replies expired');
t.is(receiver.total, fresh.length, 'without any attempt');
const early = await ewa.value(`select count(*) from ewa.outcome where event_id = any($1) and finished_at <
    (select max(started_at) from ewa.attempt where event_id = any($2))`, late, fresh);
t.ok(early < 10000, 'what can still be answered went before the backlog', `${early} were earlier`);

// a reply URL that hangs: its window is soon full, its events end in time
receiver.answer = () => 'hang';
const short = await ewa.integration({ requestTimeout: 'PT3S', replyUrl: receiver.url() });
const stuck = await queue(ewa, short.key, 5000, { timeoutMs: 3000 });
await waitFor(() => ewa.value(`select count(*) = 5000 from ewa.outcome
    where event_id = any($1)`, stuck), 'all of them end', 120000, 200);
const worst = await ewa.value(`select max(extract(epoch from o.finished_at - e.deadline))::float8
    from ewa.outcome o join ewa.event e on e.id = o.event_id where e.id = any($1)`, stuck);
t.diag(`the last one ended ${worst.toFixed(1)} s after the deadline`);
t.ok(worst < 60, 'soon after their deadline', worst);
t.is(await settled(ewa, stuck), [{ state: 'handled', reply_state: 'expired', n: 5000 }],
    'handled, and their replies expired');
t.is(await ewa.value(`select count(*) from ewa.attempt a join ewa.event e on e.id = a.event_id
    where a.started_at > e.deadline`), 0, 'no attempt began after its deadline');

await receiver.stop();
await ewa.stop();
t.done();
