#!/usr/bin/env node
// Repeats: the same delivery twice is one event, whoever sends it, however many
// at once; another body under the same key is told apart.

import { createHash, randomUUID } from 'node:crypto';

import * as t from '../lib/tap.mjs';
import { Bench, waitFor } from '../lib/ewa.mjs';

const ewa = await Bench.start({ servers: ['lighttpd', 'apache'] });
const a = await ewa.integration({ name: 'Repeats' });
const b = await ewa.integration({ name: 'Another' });

const count = (i) => ewa.value(
    'select count(*) from ewa.event e join ewa.integration i on i.id = e.integration_id where i.key = $1', i.key);

const ways = {
	'Idempotency-Key': () => ({ 'Idempotency-Key': randomUUID() }),
	'webhook-id': () => ({ 'webhook-id': `msg_${randomUUID()}` }),
	'X-GitHub-Delivery': () => ({ 'X-GitHub-Delivery': randomUUID() }),
	'x-amz-sns-message-id': () => ({ 'x-amz-sns-message-id': randomUUID() }),
	'CloudEvents source and id': () => ({
		'ce-specversion': '1.0', 'ce-type': 't', 'ce-source': '/s', 'ce-id': randomUUID(),
	}),
};

// ---- each way, through both servers ------------------------------------------

for (const server of ['lighttpd', 'apache']) {
	for (const [what, make] of Object.entries(ways)) {
		const name = `${server}: ${what}`;
		const headers = make();
		const before = await count(a);
		const first = await ewa.send(a, { server, headers, json: { n: 1 } });
		const again = await ewa.send(a, { server, headers, json: { n: 1 } });
		t.is([first.status, again.status], [202, 202], `${name}: taken twice`);
		t.is(first.json.duplicate, undefined, `${name}: the first is no duplicate`);
		t.is(again.json, { ...first.json, duplicate: true },
		    `${name}: the second has the same Event ID and time`);
		t.is(again.headers.location, first.headers.location, `${name}: and Location`);
		t.is(await count(a), before + 1, `${name}: one event`);
		const elsewhere = await ewa.send(b, { server, headers, json: { n: 1 } });
		t.isnt(elsewhere.json.eventId, first.json.eventId, `${name}: a key is its integration's`);
		t.is(elsewhere.json.duplicate, undefined, `${name}: where it is new`);
	}
}

// A CloudEvent in structured mode.
{
	const event = { specversion: '1.0', id: 'S-1', source: '/s', type: 't', data: 1 };
	const send = (json) => ewa.send(a, { type: 'application/cloudevents+json', json });
	const first = await send(event);
	t.is((await send(event)).json, { ...first.json, duplicate: true }, 'structured CloudEvents: the same id');
	t.is((await send({ ...event, id: 'S-2' })).json.duplicate, undefined, 'another id');
	t.is((await send({ ...event, source: '/other' })).json.duplicate, undefined, 'another source');
}

// Without a key nothing is a repeat; an empty one is none.
for (const headers of [{}, { 'Idempotency-Key': '' }]) {
	const ids = [];
	for (let i = 0; i < 2; i++)
		ids.push(await ewa.accept(a, { headers, json: { same: true } }));
	t.isnt(ids[0], ids[1], `${JSON.stringify(headers)}: two events`);
}

// ---- another body --------------------------------------------------------------

{
	const headers = { 'Idempotency-Key': randomUUID() };
	const first = await ewa.send(a, { headers, json: { n: 1 } });
	const before = await count(a);
	const other = await ewa.send(a, { headers, json: { n: 2 } });
	t.is(other.status, 409, 'Idempotency-Key with another body: 409');
	t.like(other.headers['content-type'], /problem\+json/, 'a problem document');
	t.like(other.json.detail, /Idempotency-Key/, 'that says so');
	t.is(await count(a), before, 'nothing is stored');
	t.is((await ewa.send(a, { headers, json: { n: 1 } })).json.eventId, first.json.eventId,
	    'and the first body is still known');
}
{
	const headers = { 'X-GitHub-Delivery': randomUUID() };
	const send = async (n) => (await ewa.send(a, { headers, json: { n } })).json;
	const first = await send(1);
	const other = await send(2);
	t.isnt(other.eventId, first.eventId, 'a delivery id with another body: a new event');
	t.is(other.duplicate, undefined, 'which is no duplicate');
	t.is((await ewa.ctlJson('event', 'show', other.eventId)).differsFrom, first.eventId,
	    'event show --json says from which it differs');
	t.like((await ewa.mustCtl('event', 'show', other.eventId)).stdout, new RegExp(first.eventId),
	    'event show says so too');
	t.is((await ewa.ctlJson('event', 'show', first.eventId)).differsFrom, null, 'the first differs from none');
	t.is((await send(2)).eventId, other.eventId, 'a repeat of the second is known');
	t.is((await send(2)).duplicate, true, 'as a duplicate');
	t.is((await send(1)).eventId, first.eventId, 'as is one of the first');
	const third = await send(3);
	t.is((await ewa.ctlJson('event', 'show', third.eventId)).differsFrom, first.eventId, 'a third body differs too');
}

// ---- many at once ----------------------------------------------------------------

for (const server of ['lighttpd', 'apache']) {
	const headers = { 'webhook-id': `msg_${randomUUID()}` };
	const before = await count(a);
	const answers = await ewa.sendMany(a, 50, () => ({ server, headers, json: { x: 1 } }), 50);
	const ids = new Set(answers.map((r) => r.json?.eventId));
	t.is(answers.map((r) => r.status).filter((s) => s !== 202), [], `${server}: 50 equal posts at once: all 202`);
	t.is(ids.size, 1, `${server}: 50 times the same Event ID`);
	t.is(answers.filter((r) => r.json.duplicate).length, 49, `${server}: 49 say that they are duplicates`);
	t.is(new Set(answers.map((r) => r.json.receivedAt)).size, 1, `${server}: all with the same time`);
	t.is(await count(a), before + 1, `${server}: one event`);
}

// Different bodies under one key, at once: one wins, the others are refused.
{
	const headers = { 'Idempotency-Key': randomUUID() };
	const answers = await ewa.sendMany(a, 20, (n) => ({ headers, json: { n } }), 20);
	t.is(answers.filter((r) => r.status === 202).length, 1, '20 bodies under one Idempotency-Key: one is stored');
	t.is(answers.filter((r) => r.status === 409).length, 19, 'the others are 409');
}
{
	const headers = { 'X-GitHub-Delivery': randomUUID() };
	const before = await count(a);
	const answers = await ewa.sendMany(a, 20, (n) => ({ headers, json: { n: n % 10 } }), 20);
	t.is(answers.filter((r) => r.status === 202).length, 20, '10 bodies under one delivery id, each twice: all 202');
	t.is(new Set(answers.map((r) => r.json.eventId)).size, 10, 'ten events');
	t.is(await count(a), before + 10, 'are stored');
}

// ---- keys expire -------------------------------------------------------------------

{
	const c = await ewa.integration({ repeatWindow: 'PT2M' });
	const headers = { 'Idempotency-Key': 'k' };
	const first = await ewa.accept(c, { headers, json: 1 });
	t.is(await ewa.accept(c, { headers, json: 1 }), first, 'within the window it is a repeat');
	t.is(Number(await ewa.value(`select extract(epoch from d.expires_at - d.received_at) from ewa.dedup d
	    join ewa.integration i on i.id = d.integration_id where i.key = $1`, c.key)), 120, 'which is as set');
	t.is(await ewa.value(`update ewa.dedup d set expires_at = now() - interval '1 s' from ewa.integration i
	    where i.id = d.integration_id and i.key = $1
	    returning extract(epoch from d.received_at)::int8`, c.key) > 0, true, 'its time is over');
	const second = await ewa.send(c, { headers, json: 2 });
	t.is([second.status, second.json.duplicate], [202, undefined], 'an expired key is a new one, with any body');
	t.isnt(second.json.eventId, first, 'for a new event');
	t.is(await ewa.accept(c, { headers, json: 2 }), second.json.eventId, 'which is remembered in its place');
}
{
	const c = await ewa.integration({ repeatWindow: '' });
	const headers = { 'Idempotency-Key': 'k' };
	t.isnt(await ewa.accept(c, { headers, json: 1 }), await ewa.accept(c, { headers, json: 1 }),
	    'no window: repeats are not looked for');
	t.is(await ewa.value('select count(*) from ewa.dedup d join ewa.integration i on i.id = d.integration_id where i.key = $1',
	    c.key), 0, 'and no key is kept');
}
{
	const row = await ewa.sql(`select extract(epoch from d.expires_at - d.received_at) as s, length(d.key) as k
	    from ewa.dedup d join ewa.integration i on i.id = d.integration_id where i.key = $1`, a.key);
	t.ok(row.length > 10 && row.every((r) => Number(r.s) === 86400 && r.k === 32),
	    'by default a key is kept for 24 hours, as a hash');
}

// ---- repeats are counted -----------------------------------------------------------

{
	const c = await ewa.integration({ name: 'Counted' });
	const counted = () => ewa.value(`select coalesce(sum(repeats), 0)::int from report.repeats_by_hour
	    where integration_key = $1`, c.key);
	const show = async () => (await ewa.ctlJson('integration', 'show', c.key)).repeats;
	t.is(await show(), { lastDay: 0, lastAt: null }, 'integration show --json: no repeats yet');
	const key = (k) => ({ headers: { 'Idempotency-Key': k }, json: 1 });
	const delivery = (n) => ({ headers: { 'X-GitHub-Delivery': 'd' }, json: n });
	await ewa.accept(c, key('a'));
	await ewa.accept(c, { json: 1 });
	t.is(await counted(), 0, 'what comes once is none');
	await ewa.accept(c, key('a'));
	t.is(await counted(), 1, 'what comes twice is one');
	await ewa.sendMany(c, 50, () => key('b'), 50);
	t.is(await counted(), 50, '50 at once: 49 more');
	t.is((await ewa.send(c, { ...key('a'), json: 2 })).status, 409, 'another body under its key');
	await ewa.accept(c, delivery(1));
	await ewa.accept(c, delivery(2));
	t.is(await counted(), 50, 'is none: neither a conflict nor a new event');
	await ewa.accept(c, delivery(2));
	t.is(await counted(), 51, 'but that one, twice');
	const shown = await show();
	t.is(shown.lastDay, 51, 'integration show --json tells how many');
	t.ok(Math.abs(Date.parse(shown.lastAt) - Date.now()) < 600000, 'and when the last came', shown);
	t.like((await ewa.mustCtl('integration', 'show', c.key)).stdout, /^Repeats +51 in the last 24 hours, /m,
	    'integration show: so for people');
	t.is(await ewa.value('select count(*) from ewa.event e join ewa.integration i on i.id = e.integration_id where i.key = $1',
	    c.key), 5, 'beside the events themselves');
}

await ewa.drained();
t.is(await ewa.value(`select count(*) from ewa.event e
    where not exists (select from ewa.outcome o where o.event_id = e.id)`), 0,
    'every event that was stored was handled');
await ewa.stop();
t.done();
