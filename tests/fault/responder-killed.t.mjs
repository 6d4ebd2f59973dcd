#!/usr/bin/env node
// kill -9 of the responder under load: every event that got a 202 is handled
// and replied to, and no sender is told anything but 202 or a problem.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, sleep, waitFor } from '../lib/ewa.mjs';

const ewa = await Bench.start();
const receiver = await Receiver.start();
const i = await ewa.integration({ replyUrl: receiver.url() });

const load = ewa.sendMany(i, 6000, () => ({}), 32);
for (let n = 0; n < 3; n++) {
	await sleep(700);
	await ewa.responder.kill();
	await ewa.startResponder();
}
const answers = await load;
const accepted = answers.filter((a) => a.status === 202).map((a) => a.json.eventId);
const refused = answers.filter((a) => !a.error && a.status !== 202);
t.ok(accepted.length > 0 && accepted.length < answers.length,
    'the kills met a load: some were accepted, some were not',
    `${accepted.length} of ${answers.length}`);
t.is(new Set(accepted).size, accepted.length, 'every Event ID is new');
t.is(refused.filter((a) => a.headers['content-type'] !== 'application/problem+json' ||
    a.status < 500), [], 'the others got a problem document of the 5xx kind');

await ewa.drained();
const got = new Map();
for (const r of receiver.requests) {
	const id = r.headers['webhook-id'];
	got.set(id, (got.get(id) ?? 0) + 1);
}
t.is(accepted.filter((id) => !got.has(id)), [], 'every event with a 202 was replied to');
t.is([...got.values()].filter((n) => n !== 1).length, 0, 'none of them twice');
t.diag(`${accepted.length} accepted, ${refused.length} refused, ` +
    `${answers.filter((a) => a.error).length} without an answer, ${got.size} replies`);
t.is(await ewa.value(`select count(*) from ewa.event e where not exists
    (select from ewa.outcome o where o.event_id = e.id)`), 0, 'every stored event has its outcome');

await waitFor(async () => (await ewa.send(i, { json: {} })).status === 202, 'it goes on');
await receiver.stop();
await ewa.stop();
t.done();
