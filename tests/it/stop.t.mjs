#!/usr/bin/env node
// SIGTERM: the responder stops within a second, after answering what it has
// begun; what it has answered is stored.

import net from 'node:net';

import * as t from '../lib/tap.mjs';
import { Bench, sleep } from '../lib/ewa.mjs';

const ewa = await Bench.start({ dispatchers: 0 });
const i = await ewa.integration();

const load = ewa.sendMany(i, 4000, () => ({}), 32);
await sleep(500);
const stopped = await ewa.responder.stop('SIGTERM');
t.is([stopped.code, stopped.signal], [0, null], 'it ends by itself, with success');
t.diag(`under load it took ${stopped.ms} ms`);
t.ok(stopped.ms < 5000, 'soon', `${stopped.ms} ms`);
await ewa.startResponder();
const answers = await load;
const accepted = answers.filter((a) => a.status === 202);
t.ok(accepted.length > 0, 'it met a load', `${accepted.length}`);
// lighttpd says 503 where nobody listens; a request that was begun is answered
t.is(answers.filter((a) => a.error || ![202, 503].includes(a.status)), [],
    'nobody is left without an answer');
const stored = new Set((await ewa.sql('select id from ewa.event')).map((r) => r.id));
t.is(accepted.filter((a) => !stored.has(a.json.eventId)), [], 'every 202 is stored');
t.is(stored.size, accepted.length, 'and nothing else');

// An idle one, with nothing to do: several, since a loaded machine may hold one.
const idle = [];
for (let n = 0; n < 7; n++) {
	const how = await ewa.responder.stop('SIGTERM');
	t.ok(how.code === 0 && how.ms < 30000, `idle: it ends (${n + 1})`, how);
	idle.push(how.ms);
	await ewa.startResponder();
}
idle.sort((x, y) => x - y);
t.diag(`idle: ${idle.join(', ')} ms`);
t.ok(idle[3] < 1000, 'idle: within a second, by the median', idle);

// A web server that hands over half a request must not hold it.
const half = net.connect({ path: ewa.socket });
half.on('error', () => {});
half.write(Buffer.from([1, 1, 0, 1]));
await sleep(300);
const held = await ewa.responder.stop('SIGTERM');
t.ok(held.code === 0 && held.ms < 5000, 'a request that never ends does not hold it', held);
await ewa.startResponder();
await ewa.stop();
t.done();
