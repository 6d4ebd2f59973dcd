#!/usr/bin/env node
// 500 requests wait through lighttpd: the intake goes on as it was, no worker
// is held, and all are answered when their events are handled.

import fs from 'node:fs';

import * as t from '../lib/tap.mjs';
import { Bench, sleep, waitFor } from '../lib/ewa.mjs';

const many = 500;
const ewa = await Bench.start({ config: { workers: 8 } });
const slow = await ewa.integration({ name: 'Waited for' });
const other = await ewa.integration({ name: 'Goes on' });

const median = (a) => a.sort((x, y) => x - y)[Math.floor(a.length / 2)];
// The CPU seconds of a process.
const cpu = (pid) => fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    .slice(11, 13).reduce((a, b) => a + Number(b), 0) / 100;

// One after the other.
async function accepted(n) {
	const answers = await ewa.sendMany(other, n, () => ({ json: { n: 1 }, connections: 1 }), 1);
	t.is(answers.filter((a) => a.status === 202).length, n, `${n} are accepted`);
	return median(answers.map((a) => a.ms));
}

await accepted(50);
const alone = await accepted(300);
await ewa.mustCtl('integration', 'pause', slow.key);
await sleep(1500);
const eventId = await ewa.accept(slow);
const waiting = Array.from({ length: many }, (_, i) => ewa.send(slow, i % 5 === 0 ?
    { method: 'GET', path: `/events/${eventId}`, headers: { Prefer: 'wait=30' } } :
    { json: { i }, headers: { Prefer: 'wait=30' } }));
await waitFor(async () => await ewa.value(`select count(*) from ewa.queue q
    join ewa.integration i on i.id = q.integration_id where i.key = $1`, slow.key) >=
    many * 4 / 5 + 1, 'their events are stored', 25000);
const sockets = fs.readdirSync(`/proc/${ewa.responder.pid}/fd`).length;
t.ok(sockets >= many, 'all of them are held', sockets);

const before = cpu(ewa.responder.pid);
const beside = await accepted(150);
t.diag(`accepted one after the other: median ${alone.toFixed(2)} ms alone, ` +
    `${beside.toFixed(2)} ms beside ${many} waits; ` +
    `responder ${(cpu(ewa.responder.pid) - before).toFixed(2)} s of CPU meanwhile`);
t.ok(beside < 3 * alone + 100, 'the intake goes on as it was', `${beside} ms`);
// nor do wakes for others' events hold them up
const burst = await ewa.sendMany(other, 500, () => ({ json: {} }), 16);
t.is(burst.filter((a) => a.status === 202).length, 500, 'a burst too');

const resumed = performance.now();
await ewa.mustCtl('integration', 'resume', slow.key);
const answers = await Promise.all(waiting);
t.diag(`all answered ${(performance.now() - resumed).toFixed(0)} ms after resuming`);
t.is(answers.filter((a) => a.status === 200).length, many, 'each is answered with 200');
t.is(answers.filter((a) => a.json.status === 'handled').length, many, 'handled');
const ids = answers.filter((_, i) => i % 5 !== 0).map((a) => [a.json.eventId, a.json.event.i]);
t.is(new Set(ids.map(([id]) => id)).size, many * 4 / 5, 'each with its own event');
t.ok(answers.every((a, i) => i % 5 === 0 ? a.json.eventId === eventId : a.json.event.i === i),
    'and nobody else\'s');
await waitFor(() => fs.readdirSync(`/proc/${ewa.responder.pid}/fd`).length < 60,
    'nothing is left open');

await ewa.stop();
t.done();
