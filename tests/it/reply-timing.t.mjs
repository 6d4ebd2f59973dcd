#!/usr/bin/env node
// The duration of an attempt is that of its receiver: the time that an event
// waits in the dispatcher for its turn is no part of it.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver } from '../lib/ewa.mjs';
import { queue } from '../lib/queued.mjs';

const ewa = await Bench.start({ servers: [], responder: false, config: { window_max: 4 } });
const receiver = await Receiver.start(() => ({ status: 200, delayMs: 1000 }));
const i = await ewa.integration({ replyUrl: receiver.url() });
const n = 48; // claimed three windows ahead, they wait for three seconds
const ids = await queue(ewa, i.key, n);
await ewa.drained();
const rows = await ewa.sql(`select duration_ms, extract(epoch from started_at - uuid_at)::float8 * 1000 as waited
    from ewa.attempt a, lateral ewa.uuid7_time(a.event_id) uuid_at where event_id = any($1) order by started_at`, ids);
const sorted = rows.map((r) => r.duration_ms).sort((x, y) => x - y);
t.is(rows.length, n, 'one attempt each');
t.diag(`durations ${sorted.join(' ')} ms, the last waited ${Math.round(rows.at(-1).waited)} ms`);
t.ok(rows.at(-1).waited > 8000, 'four at a time: the last one waited for long', rows.at(-1).waited);
t.ok(sorted[0] >= 990, 'the time that the receiver takes counts', sorted[0]);
t.within(sorted[Math.floor(n * 0.7)], 990, 2499, 'and the time before the attempt does not');

await receiver.stop();
await ewa.stop();
t.done();
