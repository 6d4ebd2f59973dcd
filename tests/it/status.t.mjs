#!/usr/bin/env node
// Whether an integration's replies arrive: Unknown, Ok, Error with its cause,
// and Ok again by itself; 410 and long failure stop its replies, never its
// intake, until somebody saves or resumes it.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, sleep, waitFor } from '../lib/ewa.mjs';
import { queue } from '../lib/queued.mjs';

const ewa = await Bench.start({ dispatchers: 2 });
const receiver = await Receiver.start();
const i = await ewa.integration({ replyUrl: receiver.url(), requestTimeout: 'PT60S' });
const show = (integration = i) => ewa.ctlJson('integration', 'show', integration.key);
const status = async (integration) => (await show(integration)).replyStatus;
const becomes = (word, integration) => waitFor(async () => {
	const s = await status(integration);
	return s.status === word ? s : null;
}, `the status is ${word}`, 60000, 100);

// ---- Unknown, Ok, Error, Ok ------------------------------------------------------
{
	t.is((await status()).status, 'unknown', 'without a reply the status is Unknown');
	t.like((await ewa.mustCtl('integration', 'list')).stdout, /Enabled +Unknown/, 'in the list too');
	await ewa.accept(i);
	const ok = await becomes('ok');
	t.is([ok.cause, ok.stoppedAt], [null, null], 'after a reply it is Ok');
	receiver.answer = () => ({ status: 503, body: 'no' });
	const id = await ewa.accept(i);
	const bad = await becomes('error');
	t.like(bad.cause, /^answered 503/, 'a reply that fails: Error, with the cause');
	t.ok(bad.since >= ok.since, 'and since when');
	t.like((await ewa.mustCtl('integration', 'show', i.key)).stdout,
	    /Reply Status +Error since 20.*: answered 503/, 'in words');
	t.like((await ewa.mustCtl('integration', 'list')).stdout, /Enabled +Error/, 'and in the list');
	await receiver.stop();
	await waitFor(async () => /refused/.test((await status()).cause), 'the last cause is told', 60000);
	t.is((await status()).since, bad.since, 'a new cause does not change since when');
	await receiver.listen();
	receiver.answer = () => 200;
	await ewa.finished(i, id);
	await becomes('ok');
	t.ok(true, 'it recovers by itself');
}

// ---- two dispatchers of different minds ----------------------------------------------
{
	// what another said is corrected by the next attempts
	await ewa.sql(`update ewa.integration_status set state = 'error', cause = 'made up'`);
	const timer = setInterval(() => ewa.accept(i).catch(() => {}), 200);
	await becomes('ok');
	clearInterval(timer);
	t.ok(true, 'a status that is no longer true is written again');
	await ewa.drained();
	const before = await ewa.value('select n_tup_ins + n_tup_upd from pg_stat_user_tables where relname = $1',
	    'integration_status');
	await queue(ewa, i.key, 2000);
	await ewa.drained();
	await sleep(1500);
	const writes = await ewa.value('select n_tup_ins + n_tup_upd from pg_stat_user_tables where relname = $1',
	    'integration_status') - before;
	t.within(writes, 0, 10, '2,000 replies of one kind are not told one by one');
}

// ---- 410 -------------------------------------------------------------------------
{
	receiver.answer = () => 410;
	const gone = await ewa.accept(i);
	t.is((await ewa.finished(i, gone)).reply.state, 'failed', '410 is final for its event');
	await waitFor(async () => (await status()).stoppedAt !== null, 'the replies are stopped');
	t.like((await status()).stoppedReason, /410/, 'with the reason');
	receiver.answer = () => 200;
	await sleep(2500); // the other dispatcher has heard of it
	const total = receiver.total;
	const waiting = [];
	for (let n = 0; n < 20; n++)
		waiting.push(await ewa.accept(i));
	t.is(waiting.length, 20, 'events are accepted all the same');
	await waitFor(async () => (await ewa.status(i, waiting[19])).status === 'handled', 'they are handled');
	await sleep(1500);
	const s = await ewa.status(i, waiting[0]);
	t.is([s.status, s.reply.state, s.reply.nextAttemptAt], ['handled', 'pending', null],
	    'and their replies wait');
	t.is(receiver.total, total, 'none is sent');
	await ewa.update(i, { requestTimeout: 'PT1S' }); // a save: they go on
	for (const id of waiting)
		t.is((await ewa.finished(i, id)).reply.state, 'sent', 'sent after somebody saved');
	t.is((await status()).stoppedAt, null, 'not stopped any more');

	receiver.answer = () => 410;
	await ewa.accept(i);
	await waitFor(async () => (await status()).stoppedAt !== null, 'stopped again');
	receiver.answer = () => 200;
	await sleep(3000);
	const late = await ewa.accept(i);
	t.is((await ewa.finished(i, late)).reply.state, 'expired', 'while stopped a reply expires at its deadline');
	await ewa.update(i, { requestTimeout: 'PT60S' });
	await ewa.drained();

	receiver.answer = () => 410;
	await ewa.accept(i);
	await waitFor(async () => (await status()).stoppedAt !== null, 'stopped once more');
	receiver.answer = () => 200;
	await sleep(3000);
	const held = await ewa.accept(i);
	const many = await queue(ewa, i.key, 7000, { timeoutMs: 60000 });
	await waitFor(async () => await ewa.value(
	    'select count(*) from ewa.queue where handled_at is null') === 0, 'all are handled');
	await ewa.mustCtl('integration', 'pause', i.key);
	t.isnt((await status()).stoppedAt, null, 'a pause does not lift the stop');
	await ewa.mustCtl('integration', 'resume', i.key);
	t.is((await ewa.finished(i, held)).reply.state, 'sent', 'sent after somebody resumed it');
	await ewa.drained();
	t.is(await ewa.value(`select count(*) from ewa.outcome where reply_state = 'sent'
	    and event_id = any($1)`, many), 7000, 'all that waited');
}

// ---- failing for long ---------------------------------------------------------------
{
	receiver.answer = () => 500;
	const off = await ewa.integration({ replyUrl: receiver.url(), requestTimeout: 'PT60S' });
	const on = await ewa.integration({ replyUrl: receiver.url(), requestTimeout: 'PT60S' });
	await ewa.mustCtl('integration', 'update', on.key, '--stop-replies-after', 'PT2S');
	t.is((await show(on)).stopRepliesAfter, 'PT2S', 'when to stop is a setting');
	t.is((await show(off)).stopRepliesAfter, null, 'off by default');
	const id = await ewa.accept(on);
	await ewa.accept(off);
	await waitFor(async () => (await status(on)).stoppedAt !== null, 'failing for longer stops', 30000);
	t.like((await status(on)).stoppedReason, /^replies have failed since 20.*Z: answered 500/, 'and says so');
	t.is((await status(off)).stoppedAt, null, 'the other goes on');
	receiver.answer = () => 200;
	await ewa.mustCtl('integration', 'resume', on.key);
	t.is((await ewa.finished(on, id)).reply.state, 'sent', 'until it is resumed');
}

await receiver.stop();
await ewa.stop();
t.done();
