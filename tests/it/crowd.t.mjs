#!/usr/bin/env node
// 10,000 events wait for a reply URL that hangs, 10,000 more for a disabled
// integration: another integration's replies go on as if they weren't there.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, waitFor } from '../lib/ewa.mjs';

const each = 10000;
const ewa = await Bench.start({ config: { attempt_timeout: '30s' } });
const hanging = await Receiver.start(() => 'hang', { keep: false });
const receiver = await Receiver.start();
const good = await ewa.integration({ name: 'good', replyUrl: receiver.url() });

// One after the other, from the request to the reply; the median in ms.
async function journeys(n) {
	const times = [];
	for (let i = 0; i < n; i++) {
		const started = performance.now();
		const eventId = await ewa.accept(good, { connections: 1 });
		await waitFor(() => receiver.of(eventId)[0], 'the reply arrives', 45000, 1);
		times.push(performance.now() - started);
		receiver.requests.length = 0;
	}
	return times.sort((a, b) => a - b)[Math.floor(n / 2)];
}

async function fill(integration) {
	const answers = await ewa.sendMany(integration, each);
	t.is(answers.filter((a) => a.status === 202).length, each, `${integration.name}: ${each} accepted`);
}

const waitingFor = (i) => ewa.value(`select count(*) from ewa.queue q
    join ewa.integration i on i.id = q.integration_id where i.key = $1`, i.key);

const alone = await journeys(100);

const stuck = await ewa.integration({ name: 'hanging', replyUrl: hanging.url() });
const off = await ewa.integration({ name: 'off', replyUrl: receiver.url('/off') });
await ewa.mustCtl('integration', 'pause', off.key);
await fill(off);
await ewa.mustCtl('integration', 'disable', off.key);
await ewa.mustCtl('integration', 'resume', off.key);
await fill(stuck);
await waitFor(() => hanging.total >= 1, 'an attempt hangs');

const crowded = await journeys(100);
t.diag(`median of the journey: alone ${alone.toFixed(1)} ms, in the crowd ${crowded.toFixed(1)} ms`);
t.ok(crowded < 5000, 'replies go on at once', `${crowded} ms`);

const burst = await ewa.sendMany(good, 1000);
const ids = new Set(burst.map((a) => a.json?.eventId));
t.is(ids.size, 1000, '1,000 at once are accepted');
await waitFor(() => receiver.requests.filter((r) => ids.has(r.headers['webhook-id'])).length >= 1000,
    'their replies arrive', 90000);
t.is(receiver.requests.filter((r) => r.url === '/off').length, 0, 'nothing of the disabled one is sent');
t.is(await waitingFor(off), each, 'all of the disabled one still wait');
t.ok(await waitingFor(stuck) > each * 0.9, 'those of the hanging one too', await waitingFor(stuck));

await hanging.stop();
await receiver.stop();
await ewa.stop();
t.done();
