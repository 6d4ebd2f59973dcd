#!/usr/bin/env node
// The dispatchers ring ewa_done only while somebody waits, at most each 10 ms
// however many events they record.

import * as t from '../lib/tap.mjs';
import { Bench, sleep, waitFor } from '../lib/ewa.mjs';

const ewa = await Bench.start();
const integration = await ewa.integration();
const listener = ewa.client();
await listener.connect();
let rings = 0;
listener.on('notification', () => rings++);
await listener.query('listen ewa_done');

await ewa.sendMany(integration, 200);
await ewa.drained();
await sleep(300);
t.is(rings, 0, 'nobody waits: no ring');

const started = performance.now();
const [waited] = await Promise.all([
	ewa.send(integration, { json: {}, headers: { Prefer: 'wait=20' } }),
	ewa.sendMany(integration, 1000),
]);
t.is(waited.status, 200, 'somebody waits');
await ewa.drained();
await waitFor(() => rings > 0, 'they ring');
const ms = performance.now() - started;
t.ok(rings <= ms / 10 + 2, 'at most each 10 ms', `${rings} in ${ms} ms`);
t.diag(`${rings} rings in ${ms.toFixed(0)} ms for 1,001 events`);

await sleep(4500); // what was heard of the wait is over
const before = rings;
await ewa.sendMany(integration, 200);
await ewa.drained();
await sleep(300);
t.is(rings, before, 'and no more when nobody waits any more');

await listener.end();
await ewa.stop();
t.done();
