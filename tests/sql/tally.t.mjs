#!/usr/bin/env node
// Quarters of an hour are counted once they are over: each event once, what
// is unfinished later, test events apart, and no longer than events are kept.

import * as tap from '../lib/tap.mjs';
import { DAY_MS, addEvent, addIntegration, as, database, dayName } from './sample.mjs';

const b = await database();
const SLOT = 15 * 60000;
const [one, two] = [await addIntegration(b, 'One'), await addIntegration(b, 'Two')];
const dispatcher = await as(b, 'ewa_dispatcher');
const count = async () => (await dispatcher.query('select ewa.tally_events(1000) as n')).rows[0].n;
const row = async (id, slot) => (await b.sql(`select accepted::int, tests::int, handled::int, failed::int,
    sent::int, reply_failed::int, expired::int, cancelled::int, handling_bins, latency_bins, latency_counts
    from ewa.tally where integration_id = $1 and slot = $2`, id, new Date(slot)))[0];

// A slot of yesterday, well over.
const slot = Math.floor((Date.now() - DAY_MS) / SLOT) * SLOT;
const at = slot + 60000;
const done = (ms, more = {}) => ({ handled_at: new Date(at + 2), finished_at: new Date(at + ms), ...more });
await addEvent(b, { integration: one, at, outcome: done(100) });
await addEvent(b, { integration: one, at, outcome: done(100) });
await addEvent(b, { integration: one, at, outcome: done(7000) });
await addEvent(b, { integration: one, at, outcome: done(50, { state: 'failed', reply_state: 'expired' }) });
await addEvent(b, { integration: one, at, outcome: done(50, { reply_state: 'cancelled' }) });
await addEvent(b, { integration: one, at, test: true, outcome: done(1) });
await addEvent(b, { integration: one, at: slot + SLOT - 1, outcome: done(50, { reply_state: 'failed' }) });
await addEvent(b, { integration: one, at: slot + SLOT, outcome: done(50) }); // the next slot's
const resent = await addEvent(b, { integration: one, at, outcome: done(50, { reply_state: 'none' }) });
await b.sql(`insert into ewa.outcome (event_id, seq, integration_id, state, reply_state, attempts)
    values ($1, 1, $2, 'handled', 'sent', 1)`, resent, one);
const waiting = await addEvent(b, { integration: two, at, queue: {} });
await addEvent(b, { integration: two, at, outcome: done(100) });

const slots = Math.ceil((Date.now() - Date.parse(new Date(Date.now() - DAY_MS).toISOString().slice(0, 10))) / SLOT);
const fresh = await count();
tap.ok(fresh >= slots - 3 && fresh <= slots, 'all slots are counted since events are kept', `${fresh} of ${slots}`);
tap.is(await count(), 0, '... once');
const figures = {
	accepted: 7, tests: 1, handled: 6, failed: 1, sent: 3, reply_failed: 1, expired: 1, cancelled: 1,
};
let r = await row(one, slot);
tap.is(Object.fromEntries(Object.keys(figures).map((k) => [k, r[k]])), figures,
    'each event once, by what became of it first; test events apart');
tap.is([r.handling_bins, r.latency_bins, r.latency_counts.map(Number)], [[0, 9], [54, 103], [2, 1]],
    'times of all that were handled, and of all whose reply was sent');
tap.is((await row(one, slot + SLOT))?.accepted, 1, 'an event belongs to the slot of its id');

// ---- what is not finished -----------------------------------------------------------

tap.is(await row(two, slot), undefined, 'an integration with an unfinished event waits');
tap.is(await b.value('select open from ewa.tally_slot where slot = $1', new Date(slot)), [two], '... and is told');
tap.is((await row(0, slot)).accepted, 7, 'the sum is of what is counted');
await b.sql('delete from ewa.queue where event_id = $1', waiting);
await b.sql(`insert into ewa.outcome (event_id, integration_id, state, reply_state, attempts, finished_at)
    values ($1, $2, 'handled', 'expired', 3, now())`, waiting, two);
tap.is(await count(), 0, 'no slot is new');
r = await row(two, slot);
tap.is([r.accepted, r.sent, r.expired], [2, 1, 1], '... and the integration is counted when all has finished');
tap.is(await b.value('select open from ewa.tally_slot where slot = $1', new Date(slot)), [], '... open no more');
r = await row(0, slot);
tap.is([r.accepted, r.tests, r.latency_bins, r.latency_counts.map(Number)], [9, 1, [54, 103], [3, 1]],
    '... and the sum with it');
tap.is((await row(one, slot)).accepted, 7, '... the other is as it was');

// ---- what is not over -------------------------------------------------------------------

const now = Math.floor(Date.now() / SLOT) * SLOT;
await addEvent(b, { integration: one, at: Date.now(), outcome: {} });
await count();
tap.is(await b.value('select count(*) from ewa.tally_slot where slot >= $1', new Date(now)), 0,
    'a slot that is not over is left alone');

// ---- two at once ----------------------------------------------------------------------------

const other = await as(b, 'ewa_dispatcher');
await b.sql('truncate ewa.tally, ewa.tally_slot');
await dispatcher.query('begin');
tap.ok(await count() > 0, 'one counts');
tap.is((await other.query('select ewa.tally_events() as n')).rows[0].n, 0, 'another does not wait for it');
await dispatcher.query('commit');
tap.is((await row(0, slot)).accepted, 9, 'nothing is counted twice');
await b.sql('truncate ewa.tally, ewa.tally_slot');
tap.is((await dispatcher.query('select ewa.tally_events(5) as n')).rows[0].n, 5, 'some at a time');
tap.ok(await b.value('select min(slot) from ewa.tally_slot') > new Date(now - 8 * SLOT), '... the newest first');
await count();

// ---- the end of days ---------------------------------------------------------------------------

for (const t of ['event', 'result', 'attempt', 'outcome'])
	await b.sql(`drop table ewa.${t}_${dayName(Date.now() - DAY_MS)}`);
await b.sql(`insert into ewa.repeat values ($1, $2, 5, now()), ($1, date_trunc('hour', now(), 'UTC'), 6, now())`,
    one, new Date(Date.now() - DAY_MS));
await count();
tap.is(await b.value('select sum(repeats)::int from ewa.repeat'), 6, 'counts of repeats go with the days they are of');
tap.is(await b.value('select count(*) from ewa.tally where slot < $1', new Date(new Date().toISOString().slice(0, 10))), 0,
    'figures go with the days they are of');

await dispatcher.end();
await other.end();
await b.stop();
tap.done();
