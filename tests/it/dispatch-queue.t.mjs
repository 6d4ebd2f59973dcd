#!/usr/bin/env node
// What the dispatcher does with rows of the queue as they may be found there.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, waitFor } from '../lib/ewa.mjs';
import { queue, settled } from '../lib/queued.mjs';

const ewa = await Bench.start({ servers: [], responder: false, config: { poll: '300ms', lease: '10s' } });
const receiver = await Receiver.start();
const i = await ewa.integration({ replyUrl: receiver.url() });
const outcome = async (id) => (await ewa.sql('select * from ewa.outcome where event_id = $1', id))[0];

{
	const ids = await queue(ewa, i.key, 20, { ring: false });
	t.is(await settled(ewa, ids), [{ state: 'handled', reply_state: 'sent', n: 20 }],
	    'without any notification the poll finds them');
}

{
	const [id] = await queue(ewa, i.key, 1, { timeoutMs: -1000 });
	const before = receiver.total;
	await ewa.drained();
	const o = await outcome(id);
	t.is([o.state, o.reply_state, o.attempts], ['handled', 'expired', 0],
	    'a deadline that has passed: handled, expired, without an attempt');
	t.like(o.reason, /deadline/, 'and why');
	t.is(receiver.total, before, 'nothing was sent');
}

{
	// claimed five times, and each time its dispatcher ended
	receiver.answer = () => 200;
	ewa.dispatchers[0].signal('SIGSTOP'); // so that it takes none before
	const [poison, last] = await queue(ewa, i.key, 2);
	await ewa.sql('update ewa.queue set claims = 5 where event_id = $1', poison);
	await ewa.sql('update ewa.queue set claims = 4 where event_id = $1', last);
	ewa.dispatchers[0].signal('SIGCONT');
	await ewa.drained();
	const o = await outcome(poison);
	t.is([o.state, o.reply_state], ['failed', 'failed'], 'claimed 5 times in vain: failed');
	t.like(o.reason, /taken up 5 times/, 'with that reason');
	t.is(receiver.of(poison).length, 0, 'and nothing more was tried');
	t.is((await outcome(last)).reply_state, 'sent', 'claimed 4 times: tried once more');
}

{
	// a record that the database refuses, among many
	await ewa.mustCtl('integration', 'disable', i.key);
	const ids = await queue(ewa, i.key, 300);
	const bad = ids[150];
	await ewa.sql(`alter table ewa.outcome add constraint refused check (event_id <> '${bad}')`);
	await ewa.mustCtl('integration', 'enable', i.key);
	await waitFor(() => ewa.value(`select count(*) = 299 from ewa.outcome
	    where event_id = any($1)`, ids), 'the others are recorded');
	t.ok(!await outcome(bad), 'a record that the database refuses does not hold up the others');
	await ewa.sql('alter table ewa.outcome drop constraint refused');
	await ewa.drained();
	t.is((await outcome(bad)).reply_state, 'sent', 'and is made when it can be');
	t.is(ids.filter((id) => id !== bad && receiver.of(id).length !== 1), [],
	    'the others were sent once');
}

{
	// left by a dispatcher that is gone: its lease runs out
	await ewa.mustCtl('integration', 'disable', i.key);
	const [id] = await queue(ewa, i.key, 1);
	const [{ due_at: due }] = await ewa.sql(`update ewa.queue set due_at = now() + interval '4 s', claims = 1,
	    claim = nextval('ewa.claim'), owner = gen_random_uuid() returning due_at`);
	await ewa.mustCtl('integration', 'enable', i.key);
	await ewa.drained();
	t.ok(receiver.of(id)[0].at >= due.getTime(), 'a row that another has leased is left alone');
	t.is((await outcome(id)).reply_state, 'sent', 'until its lease has run out');
}

{
	// handled is by what a dispatcher knows of the database's clock, finished by
	// that clock: here the first is an hour ahead
	const due = async (timeoutMs) => {
		await ewa.mustCtl('integration', 'disable', i.key);
		const [id] = await queue(ewa, i.key, 1, { timeoutMs });
		await ewa.sql(`update ewa.queue set step = 1, handled_at = now() + interval '1 hour'
		    where event_id = $1`, id);
		return id;
	};
	const ends = { sent: await due(86400000), expired: await due(-1000) };
	await ewa.mustCtl('integration', 'enable', i.key);
	await ewa.drained();
	const gone = await ewa.integration({ replyUrl: receiver.url() });
	await ewa.mustCtl('integration', 'pause', gone.key);
	const [id] = await queue(ewa, gone.key, 1);
	await ewa.sql(`update ewa.queue set step = 1, handled_at = now() + interval '1 hour' where event_id = $1`, id);
	await ewa.mustCtl('integration', 'delete', gone.key);
	ends.cancelled = id;
	await ewa.drained();
	for (const [end, of] of Object.entries(ends)) {
		const o = await outcome(of);
		t.is([o.reply_state, o.finished_at.getTime()], [end, o.handled_at.getTime()],
		    `${end}: never finished before it was handled`);
	}
}

{
	// an answer of 503 moves it to its next step; the fence is the new claim
	receiver.answer = () => 503;
	const [id] = await queue(ewa, i.key, 1);
	await waitFor(() => receiver.of(id).length, 'an attempt');
	const row = await waitFor(async () => (await ewa.sql(`select * from ewa.queue
	    where event_id = $1 and owner is null`, id))[0], 'it waits');
	t.is([row.step, row.tries, row.claims], [1, 1, 0], 'a failed attempt is counted, the claim is not');
	t.ok(row.handled_at !== null, 'and the event is handled');
	t.ok(row.due_at > new Date(), 'it is due later');
	await ewa.mustCtl('integration', 'delete', i.key);
	const o = await waitFor(() => outcome(id), 'deleting ends it');
	t.is([o.state, o.reply_state], ['handled', 'cancelled'], 'deleted: its reply is cancelled');
}

{
	// stored just as the integration was deleted
	const [id] = await queue(ewa, i.key, 1);
	const o = await waitFor(() => outcome(id), 'an event of a deleted integration ends');
	t.is([o.state, o.reply_state], ['failed', 'cancelled'], 'it is cancelled');
}

{
	const quiet = await ewa.integration();
	const ids = await queue(ewa, quiet.key, 500);
	t.is(await settled(ewa, ids), [{ state: 'handled', reply_state: 'none', n: 500 }],
	    'no reply URL: handled by being recorded');
}

{
	const made = await ewa.value(`select count(*) from pg_class where relname ~ '^event_[0-9]{8}$'`);
	t.ok(made >= 8, 'the keeper has made partitions for a week ahead', made);
	t.is(await ewa.value(`select count(*) from ewa.process where program = 'ewa-dispatcher'
	    and seen_at > now() - interval '30 s'`), 1, 'the dispatcher is seen');
}

await receiver.stop();
await ewa.stop();
t.done();
