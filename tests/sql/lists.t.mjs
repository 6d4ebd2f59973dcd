#!/usr/bin/env node
// What the workspace's lists and its overview read, whatever there is: the
// plans that the API's own requests ran by, as PostgreSQL has logged them.
// Indexes, no table from end to end, and a number of rows that is bounded.

import * as tap from '../lib/tap.mjs';
import { Bench, waitFor } from '../lib/ewa.mjs';
import { signedIn } from '../lib/api.mjs';
import { addMany, addRecords } from '../lib/many.mjs';
import { logPlans, logSize, planConf, plansSince, rowsOf } from '../lib/plans.mjs';

const EVENTS = 60000;
const b = await Bench.start({ dispatchers: 0, pgConf: planConf });
const ada = await signedIn(b, 'ada', ['admin']);
await addMany(b, { integrations: 300, events: EVENTS, pad: 10 });
await b.sql(`update ewa.outcome set subject = 'Old' where event_id in
    (select event_id from ewa.outcome order by event_id limit 4000)`);
await b.sql('vacuum analyze ewa.outcome');
await addRecords(b, { audit: 20000, refusals: 20000 });
await logPlans(b);
const key = await b.value('select key from ewa.integration where name = $1', 'Integration 1100');

// The tables that grow.
const big = (n) => /^((event|outcome|result|attempt)_\d{8}|audit|refusal)$/.test(n['Relation Name'] ?? '');

/*
 * One request; most: rows of events, outcomes and so on that it may read.
 * The first uses of a statement are planned with its values, later ones
 * without: so it is asked seven times over one connection, and each counts.
 */
async function reads(target, most, wanted) {
	const from = logSize(b);
	for (let n = 0; n < 7; n++) {
		const r = await ada.get(target);
		if (r.status !== 200)
			tap.is(r.status, 200, target, r.text);
		if (n === 0 && wanted)
			tap.ok(wanted(r.json), `${target} finds what it should`, r.text.slice(0, 500));
	}
	let all;
	await waitFor(() => {
		all = plansSince(b, from);
		return all.length >= 7;
	}, 'the plans are logged');
	const whole = all.flatMap((p) => p.nodes.filter((n) => big(n) && n['Node Type'] === 'Seq Scan' && n['Actual Loops'] > 0));
	tap.is(whole.map((n) => n['Relation Name']), [], `${target}: no table that grows from end to end`);
	const read = all.map((p) => p.nodes.filter(big).reduce((sum, n) => sum + rowsOf(n), 0));
	const greatest = Math.max(...read);
	tap.ok(greatest <= most, `${target}: one statement reads at most ${most} rows`,
	    `${greatest}: ${all[read.indexOf(greatest)].text.slice(0, 300)}`);
	return all;
}
const uses = (all, index) => all.some((p) => p.nodes.some((n) => index.test(n['Index Name'] ?? '') && n['Actual Loops'] > 0));

// What is not tallied yet: at most the last 20 minutes, and the slots at its ends.
const passed = (Date.now() - Date.parse(new Date().toISOString().slice(0, 10))) / 60000;
const fresh = Math.ceil(EVENTS * Math.min(1, 22 / passed));

// A page of events, each with its event, its last outcome, its attempts.
await reads('/events?limit=50', 51 * 6, (j) => j.items.length === 50);
let all = await reads(`/events?integration=${key}&limit=50`, 200 * 6, (j) => j.items.length === 50);
tap.ok(uses(all, /^outcome_.*integration_id_event_id_idx$/), '... by outcome_integration');
all = await reads('/events?state=failed', EVENTS / 1000 * 2 + EVENTS / 500 * 2 + 400, (j) => j.items.length === 50);
tap.ok(uses(all, /^outcome_\d{8}_event_id_idx/), '... by outcome_trouble');
all = await reads('/events?subject=DISK%20123', 111 * 8, (j) => j.items.length === 50);
tap.ok(uses(all, /^outcome_\d{8}_lower_event_id_idx/), '... by outcome_subject');
await reads('/events?subject=nothing', 10, (j) => j.items.length === 0 && j.next === null);
await reads('/events?subject=disk', 5001 + 51 * 6, (j) => j.items.length === 50);
// few have it, and only the oldest of all: found none the less, by the index
await reads('/events?subject=old', 5001 + 51 * 6, (j) => j.items.length === 50);
await reads('/events?state=accepted', 10, (j) => j.items.length === 0);
// what is rare and has no index: EVENT_SCAN candidates at a time, then it can be gone on with
await reads('/events?replyState=none', 10000 * 4, (j) => j.items.length === 0 && j.next !== null);
await reads('/events?text=nowhere', 10000 * 4, (j) => j.searched === 10000 && j.next !== null);
await reads('/events/count', 10001 * 4, (j) => j.count === 10000 && j.capped);

// Figures: what is tallied is not counted again.
all = await reads('/integrations?limit=200', fresh + 200 * 4, (j) => j.items.length === 200 &&
    j.items.filter((i) => /^Integration/.test(i.name)).every((i) => Math.abs(i.eventsToday - EVENTS / 300) <= 1));
tap.ok(uses(all, /^tally_pkey$/), '... today\'s events are tallied');
const whole = await ada.get('/report');
tap.ok(whole.json.totals.accepted > 0, 'the report has events');
all = await reads('/report', fresh + 100, (j) => j.totals.accepted === whole.json.totals.accepted);
tap.ok(uses(all, /^tally_pkey$/), '... from what is tallied');
await reads(`/report?integration=${key}`, Math.ceil(fresh / 300) * 3 + 300, (j) => j.totals.accepted > 0);
await reads('/changes', 100 * 6 + 200);
await reads(`/changes?integration=${key}`, 100 * 6 + 200);

// What was changed and what was refused.
const onward = async (target) => {
	const first = (await ada.get(target)).json;
	const second = (await ada.get(`${target}&cursor=${first.next}`)).json;
	return [`${target}&cursor=${first.next}`, `${target}&cursor=${second.previous}`];
};
const full = (j) => j.items.length === 50;
for (const target of ['/audit', ...await onward('/audit?limit=50'), `/audit?from=${new Date(Date.now() - 3600e3).toISOString()}`])
	await reads(target, 120, full);
await reads(`/audit?integration=${key}`, 120, (j) => j.items.length > 20);
for (const target of ['/refusals', ...await onward('/refusals?limit=50'), '/refusals?unknownKeys=true'])
	await reads(target, 1060, full);
await reads(`/refusals?integration=${key}`, 200, (j) => j.items.length > 20);

// Pages there and back hold each once, also where many came in one millisecond.
await b.sql(`update ewa.refusal set last_at = (select max(last_at) from ewa.refusal) where integration_id = 0 and count % 2 = 0`);
for (const [target, total] of [['/refusals?unknownKeys=true', 408], [`/refusals?integration=${key}`, 65]]) {
	const there = [];
	const back = [];
	let page = (await ada.get(`${target}&limit=30`)).json;
	for (; ; page = (await ada.get(`${target}&limit=30&cursor=${page.next}`)).json) {
		there.push(...page.items.map((x) => x.id));
		if (page.next === null)
			break;
	}
	back.push(...page.items.map((x) => x.id));
	while (page.previous !== null) {
		page = (await ada.get(`${target}&limit=30&cursor=${page.previous}`)).json;
		back.unshift(...page.items.map((x) => x.id));
	}
	tap.is(there.length, total, `${target}: all`);
	tap.is([...new Set(there)].sort((x, y) => (BigInt(x) < BigInt(y) ? 1 : -1)), there, '... each once, the latest first');
	tap.is(back, there, '... and back');
}

// The same figures come from what is tallied and from the events themselves.
const figures = (r) => JSON.stringify([r.json.totals, r.json.buckets.map((x) => [x.accepted, x.handled, x.failed, x.replySent,
	x.replyExpired, x.latency, x.handling])]);
const span = `from=${new Date(Date.now() - 20 * 3600000).toISOString()}&to=${new Date().toISOString()}&step=PT15M`;
const tallied = [await ada.get(`/report?${span}`), await ada.get(`/report?${span}&team=team7`),
	await ada.get(`/report?${span}&integration=${key}`)];
tap.ok(tallied.every((r) => r.json.totals.accepted > 0 && r.json.totals.failed + r.json.totals.replyExpired > 0) ||
    tallied[0].json.totals.failed > 0, 'there is something to compare');
await b.sql('truncate ewa.tally, ewa.tally_slot');
const counted = [await ada.get(`/report?${span}`), await ada.get(`/report?${span}&team=team7`),
	await ada.get(`/report?${span}&integration=${key}`)];
for (const [n, what] of ['all', 'a team', 'an integration'].entries())
	tap.is(figures(tallied[n]), figures(counted[n]), `figures of ${what} are the same, tallied or counted`);
const latency = counted[0].json.buckets.map((x) => x.latency).filter((x) => x !== null);
tap.ok(latency.length > 0 && latency.every((x) => Math.abs(x.p50 - 30) < 30 * 0.05 + 1), 'a time of 30 ms is told within 5%',
    JSON.stringify(latency.slice(0, 3)));

await b.stop();
tap.done();
