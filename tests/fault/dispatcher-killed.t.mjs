#!/usr/bin/env node
// kill -9 of a dispatcher with 1,000 attempts under way: their leases run out,
// another finishes them all, and nothing else is sent twice.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, sleep, waitFor } from '../lib/ewa.mjs';
import { arrivals, copies, queue, settled } from '../lib/queued.mjs';

const ewa = await Bench.start({
	servers: [], responder: false, dispatchers: 0,
	config: { lease: '10s', active_max: 4000 },
});
const receiver = await Receiver.start(() => 'hang');
const first = await ewa.integration({ name: 'many', replyUrl: receiver.url() });
// a window begins with 8: so many destinations have 1,000 at once
const keys = [first.key, ...await copies(ewa, first.key, 149)];
const ids = [];
for (const key of keys)
	ids.push(...await queue(ewa, key, 20, { ring: false }));

const victim = await ewa.startDispatcher();
await waitFor(() => receiver.total >= 1000, '1,000 attempts are under way', 90000);
await victim.kill();
await sleep(1000); // what it had written still arrives
const underWay = new Set(receiver.requests.map((r) => r.headers['webhook-id']));
t.ok(underWay.size >= 1000, 'killed with 1,000 attempts under way', underWay.size);
t.is(await ewa.value('select count(*) from ewa.attempt'), 0, 'none of them was recorded');

receiver.answer = () => 200;
await ewa.startDispatcher();
t.is(await settled(ewa, ids), [{ state: 'handled', reply_state: 'sent', n: ids.length }],
    'every event is handled and its reply sent');
const { missing, twice } = arrivals(receiver, ids);
t.is(missing, [], 'every Event ID arrived');
t.diag(`${twice.length} arrived twice, ${underWay.size} were under way at the kill`);
t.is(twice.filter((id) => !underWay.has(id)), [], 'only what was under way arrived twice');
t.is(await ewa.value(`select count(*) from ewa.attempt where number <> 1`), 0,
    'the lost attempts are not counted');

await receiver.stop();
await ewa.stop();
t.done();
