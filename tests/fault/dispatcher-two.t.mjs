#!/usr/bin/env node
// Two dispatchers and 20,000 events: each Event ID arrives, and once.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver } from '../lib/ewa.mjs';
import { arrivals, copies, queue, settled } from '../lib/queued.mjs';

const ewa = await Bench.start({ servers: [], responder: false, dispatchers: 2 });
const receiver = await Receiver.start();
const first = await ewa.integration({ name: 'many', replyUrl: receiver.url() });
const keys = [first.key, ...await copies(ewa, first.key, 9)];
const ids = [];
const started = performance.now();
for (let n = 0; n < 20; n++)
	ids.push(...await queue(ewa, keys[n % keys.length], 1000));
t.is(new Set(ids).size, 20000, '20,000 events');

t.is(await settled(ewa, ids, 120000), [{ state: 'handled', reply_state: 'sent', n: 20000 }],
    'every event is handled and its reply sent');
t.diag(`${(20000 / (performance.now() - started) * 1000).toFixed(0)} events/s with Node as receiver`);
const { missing, twice } = arrivals(receiver, ids);
t.is(missing, [], 'every Event ID arrived');
t.is(twice, [], 'none arrived twice');
t.is(receiver.total, 20000, 'nothing else arrived');
t.is(await ewa.value('select count(*) from ewa.attempt'), 20000, 'as many attempts are recorded');
const shares = await ewa.sql('select count(*)::int as n from ewa.process group by program');
t.is(shares, [{ n: 2 }], 'both are known to be alive');

await receiver.stop();
await ewa.stop();
t.done();
