#!/usr/bin/env node
// SIGTERM: attempts under way end, what has not begun is given back untouched,
// what does not end within the drain too; another dispatcher goes on at once.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, sleep, waitFor } from '../lib/ewa.mjs';
import { queue, settled } from '../lib/queued.mjs';

const ewa = await Bench.start({
	servers: [], responder: false, dispatchers: 0,
	config: { drain: '30s', lease: '600s' },
});
const receiver = await Receiver.start(() => ({ status: 200, delayMs: 700 }));
const i = await ewa.integration({ replyUrl: receiver.url() });
const rows = () => ewa.sql('select tries, claims, owner, handled_at from ewa.queue');

// attempts that end in time
const first = await ewa.startDispatcher();
const ids = await queue(ewa, i.key, 40);
await waitFor(() => receiver.total >= 8, 'attempts are under way');
let ended = await first.stop();
const sent = receiver.total;
t.is([ended.code, ended.signal], [0, null], 'it ends with success');
t.is(await ewa.value(`select count(*) from ewa.outcome where reply_state = 'sent'`), sent,
    'attempts under way were let end, and are recorded');
t.is(await ewa.value('select count(*) from ewa.queue'), 40 - sent, 'the rest waits');
t.is((await rows()).filter((r) => r.owner !== null || r.claims !== 0 || r.tries !== 0), [],
    'given back as if it had never been claimed');
t.is(await ewa.value('select count(*) from ewa.process'), 0, 'it has signed off');

// attempts that don't end
receiver.answer = () => 'hang';
ewa.writeConfig({ drain: '2s' });
const second = await ewa.startDispatcher();
const before = receiver.total;
await waitFor(() => receiver.total > before, 'an attempt hangs');
ended = await second.stop();
t.is(ended.code, 0, 'attempts that hang: it ends with success');
t.within(ended.ms, 1500, 29000, 'not before the drain was over');
t.is((await rows()).filter((r) => r.owner !== null || r.claims !== 0 || r.tries !== 0), [],
    'what hung is given back, and no attempt is counted');

// told twice, it does not wait
const third = await ewa.startDispatcher();
const hung = receiver.total;
await waitFor(() => receiver.total > hung, 'an attempt hangs again');
third.signal('SIGTERM');
await sleep(100);
ended = await third.stop();
t.is(ended.code, 0, 'told twice: it ends at once');
t.is((await rows()).filter((r) => r.owner !== null), [], 'and gives back all the same');

// the leases are ten minutes: only what was given back can be taken so soon
receiver.answer = () => 200;
await ewa.startDispatcher();
t.is(await settled(ewa, ids), [{ state: 'handled', reply_state: 'sent', n: 40 }],
    'another goes on at once');

await receiver.stop();
await ewa.stop();
t.done();
