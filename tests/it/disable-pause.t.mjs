#!/usr/bin/env node
// Disabled between accept and reply: nothing is sent until it is enabled again.
// Paused: the same, and it goes on accepting.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, sleep, waitFor } from '../lib/ewa.mjs';

const ewa = await Bench.start();
const receiver = await Receiver.start(() => 503);

// One whose reply has failed once, so that the next attempt is due in 1 s.
async function waiting(name) {
	const i = await ewa.integration({ name, replyUrl: receiver.url(`/${name}`) });
	const eventId = await ewa.accept(i);
	await waitFor(() => receiver.of(eventId)[0], 'the first attempt arrives');
	return { i, eventId };
}

const disabled = await waiting('disabled');
const paused = await waiting('paused');
const deleted = await waiting('deleted');
const control = await waiting('control');
await ewa.mustCtl('integration', 'disable', disabled.i.key);
await ewa.mustCtl('integration', 'pause', paused.i.key);
await ewa.mustCtl('integration', 'delete', deleted.i.key);
// what was claimed just before is given back or done
await waitFor(async () => await ewa.value(`select count(*) from ewa.queue q join ewa.integration i
    on i.id = q.integration_id where q.owner is not null and i.key = any($1)`,
[disabled.i.key, paused.i.key, deleted.i.key]) === 0, 'none of them is in hand');
const frozen = [disabled, paused, deleted].map((w) => receiver.of(w.eventId).length);
receiver.answer = () => 200;

// The control shows that attempts were made meanwhile.
const last = await ewa.finished(control.i, control.eventId);
t.is(last.reply.state, 'sent', 'an integration that runs goes on');
await sleep(3000);
t.is([disabled, paused, deleted].map((w) => receiver.of(w.eventId).length), frozen,
    'disabled, paused, deleted: no further attempt');

t.is((await ewa.send(disabled.i, { json: {} })).status, 403, 'disabled: events are refused');
t.is((await ewa.send(deleted.i, { json: {} })).status, 401, 'deleted: as if it never was');
const during = await ewa.accept(paused.i, { json: { during: 'pause' } });
t.ok(during, 'paused: events are accepted');
await sleep(1500);
t.is((await ewa.status(paused.i, during)).status, 'accepted', 'paused: but not handled');
t.is(receiver.of(during).length, 0, 'paused: nor replied to');
t.is((await ewa.status(paused.i, paused.eventId)).reply.state, 'pending',
    'paused: the reply is pending');

await ewa.mustCtl('integration', 'enable', disabled.i.key);
await ewa.mustCtl('integration', 'resume', paused.i.key);
for (const [name, w] of Object.entries({ disabled, paused })) {
	const status = await ewa.finished(w.i, w.eventId);
	t.is([status.status, status.reply.state], ['handled', 'sent'], `${name}: sent afterwards`);
}
t.is((await ewa.finished(paused.i, during)).reply.state, 'sent',
    'what was accepted in the pause is sent too');

await waitFor(async () => (await ewa.ctlJson('event', 'show', deleted.eventId)).reply.state ===
    'cancelled', 'deleted: the reply is cancelled');
t.is(receiver.of(deleted.eventId).length, frozen[2], 'deleted: and was never sent');

// A pause with an end is over by itself.
{
	const i = await ewa.integration({ name: 'maintenance', replyUrl: receiver.url('/m') });
	const until = new Date(Date.now() + 6000).toISOString();
	await ewa.mustCtl('integration', 'pause', i.key, '--until', until);
	const eventId = await ewa.accept(i);
	const reply = await waitFor(() => receiver.of(eventId)[0], 'the pause ends');
	t.ok(reply.at >= Date.parse(until) - 50, 'paused until: nothing is sent before',
	    `${reply.at - Date.parse(until)} ms`);
}

await receiver.stop();
await ewa.stop();
t.done();
