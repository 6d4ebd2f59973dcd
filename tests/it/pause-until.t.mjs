#!/usr/bin/env node
// Pause until a time: events are accepted and wait, and go on by themselves;
// beforehand it says how many waiting replies would expire.  And events that
// come in while their integration is being deleted are cancelled.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, sleep } from '../lib/ewa.mjs';
import { queue } from '../lib/queued.mjs';

const ewa = await Bench.start();
const receiver = await Receiver.start();
const i = await ewa.integration({ replyUrl: receiver.url(), requestTimeout: 'PT60S' });

await ewa.mustCtl('integration', 'pause', i.key, '--for', 'PT12S');
const until = Date.parse((await ewa.ctlJson('integration', 'show', i.key)).pausedUntil);
const ids = [await ewa.accept(i), await ewa.accept(i)];
await sleep(2000);
t.is([receiver.total, (await ewa.status(i, ids[0])).status], [0, 'accepted'],
    'while it is paused events are accepted, and nothing is handled or sent');
for (const id of ids)
	t.is((await ewa.finished(i, id)).reply.state, 'sent', 'then it goes on by itself');
t.ok(receiver.requests.every((r) => r.at >= until - 1000), 'not before the time');

receiver.answer = () => 503;
const late = await ewa.integration({ replyUrl: receiver.url(), requestTimeout: 'PT60S' });
await queue(ewa, late.key, 5, { timeoutMs: 60000 });
await queue(ewa, late.key, 7, { timeoutMs: 7200000 });
const asked = await ewa.mustCtl('integration', 'pause', late.key, '--for', 'PT1H', '--dry-run');
t.like(asked.stderr, /5 waiting replies expire meanwhile/, 'how many replies a pause would cost');
t.is((await ewa.ctlJson('integration', 'show', late.key)).paused, false, 'a dry run does not pause');
const paused = await ewa.mustCtl('integration', 'pause', late.key);
t.like(paused.stderr, /12 waiting replies expire if it is not resumed before/,
    'a pause without an end may cost them all, and says so');

// an event that a responder's cache let in
const gone = await ewa.integration({ replyUrl: receiver.url() });
for (const d of ewa.dispatchers)
	await d.stop();
await ewa.mustCtl('integration', 'delete', gone.key);
const [id] = await queue(ewa, gone.key, 1, { ring: false });
await ewa.startDispatcher();
await ewa.drained(60000, gone);
t.is(await ewa.sql('select reply_state, reason from ewa.outcome where event_id = $1', id),
    [{ reply_state: 'cancelled', reason: 'the integration was deleted' }],
    'what came in while it was being deleted is cancelled');

await receiver.stop();
await ewa.stop();
t.done();
