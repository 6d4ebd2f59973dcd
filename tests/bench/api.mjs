#!/usr/bin/env node
// How long the API's lists take with 1,000 integrations and 1,000,000 events
// of this day, and by which plans.  Not a test: it takes minutes.
// docs/performance.md has what came out.
//
//	EWA_BUILDDIR=build tests/bench/api.mjs [REQUEST...]

import { Bench, waitFor } from '../lib/ewa.mjs';
import { signedIn } from '../lib/api.mjs';
import { addMany, addRecords } from '../lib/many.mjs';
import { logPlans, logSize, planConf, plansSince, rowsOf } from '../lib/plans.mjs';
import { limit } from '../lib/tap.mjs';

const ROUNDS = 15;
const BOUND_MS = 300;

limit(1800);
const b = await Bench.start({ dispatchers: 0, pgConf: planConf });
const ada = await signedIn(b, 'ada', ['admin']);
await addMany(b, { integrations: 1000, events: 1000000 });
// what few events have, and what only the oldest have
await b.sql(`update ewa.outcome o set subject = case when x.n > 996000 then 'Old' else 'Fan' end
    from (select event_id, row_number() over (order by event_id desc) as n from ewa.outcome) x
    where o.event_id = x.event_id and (x.n > 996000 or x.n % 250 = 0)`);
// 2,000 that wait
await b.sql(`with e as (insert into ewa.event (id, integration_id, received_at, deadline, headers, body, body_length, kind)
    select (lpad(to_hex((extract(epoch from now()) * 1000)::bigint), 12, '0') || '70009000' || lpad(to_hex(n), 12, '0'))::uuid,
    (select min(id) from ewa.integration) + n % 1000, now(), now() + interval '1 day', '{}', '{}', 2, 'json'
    from generate_series(1, 2000) n returning id, integration_id, deadline)
    insert into ewa.queue (event_id, integration_id, due_at, deadline) select id, integration_id, now(), deadline from e`);
await addRecords(b, { audit: 100000, refusals: 50000 });
for (const table of ['event', 'outcome', 'queue'])
	await b.sql(`vacuum analyze ewa.${table}`);
const key = await b.value('select key from ewa.integration where name = $1', 'Integration 1500');

const id = (await ada.get('/events?limit=1')).json.items[0].eventId;
const cursors = async (target) => {
	const first = (await ada.get(target)).json;
	const second = (await ada.get(`${target}&cursor=${first.next}`)).json;
	return [`${target}&cursor=${first.next}`, `${target}&cursor=${second.previous}`];
};
const middle = new Date(Date.now() / 2 + Date.parse(new Date().toISOString().slice(0, 10)) / 2);
const span = `from=${middle.toISOString()}&to=${new Date(middle.getTime() + 600000).toISOString()}`;
const asked = process.argv.slice(2);
const targets = asked.length > 0 ? asked : [
	'/integrations', '/integrations?limit=200',
	...['name', '-name', 'externalSystem', 'enabled', 'status', 'created', '-created', 'createdBy', 'modified', '-modified',
		'modifiedBy'].map((s) => `/integrations?sort=${s}&limit=200`),
	'/integrations?q=15&limit=200', '/integrations?q=nowhere', '/integrations?team=team7', '/teams',
	...await cursors('/integrations?limit=200'), `/integrations/${key}`, `/integrations/${key}/pause`,
	'/events', '/events?limit=200', ...await cursors('/events?limit=200'),
	`/events?integration=${key}`, ...await cursors(`/events?integration=${key}&limit=200`), '/events?team=team7',
	'/events?state=failed', '/events?state=handled', '/events?state=accepted', '/events?replyState=sent',
	'/events?replyState=expired', ...await cursors('/events?replyState=expired&limit=200'), '/events?replyState=pending',
	'/events?replyState=none', `/events?state=failed&integration=${key}`, '/events?test=true', `/events?${span}`,
	`/events?${span}&replyState=expired`, `/events?id=${id}`,
	'/events?subject=disk', '/events?subject=disk%2012345', '/events?subject=fan', '/events?subject=old',
	'/events?subject=nothing', `/events?subject=disk&integration=${key}`, '/events?subject=fan&state=failed',
	'/events?text=disk%2012345', '/events?text=nowhere', ...await cursors('/events?text=nowhere&limit=200'),
	'/events?text=%C3%BCberall', `/events?text=nowhere&integration=${key}`,
	'/events/count', '/events/count?state=failed', '/events/count?replyState=expired', `/events/count?integration=${key}`,
	`/events/${id}`, '/report', '/report?team=team7', `/report?integration=${key}`, '/changes', `/changes?integration=${key}`,
	'/audit', '/audit?limit=200', ...await cursors('/audit?limit=200'), `/audit?integration=${key}`, '/audit?actor=user7',
	'/audit?actor=nobody', '/audit?action=enable', `/audit?${span}`,
	'/refusals', '/refusals?limit=200', ...await cursors('/refusals?limit=200'), `/refusals?integration=${key}`,
	'/refusals?unknownKeys=true', '/users', '/tokens',
];

// ---- how long ---------------------------------------------------------------

const measured = new Map();
for (const target of targets) {
	const times = [];
	let r;
	for (let n = 0; n < ROUNDS; n++) {
		const began = performance.now();
		r = await ada.get(target);
		times.push(performance.now() - began);
		if (r.status !== 200)
			throw new Error(`${target}: ${r.status}: ${r.text}`);
	}
	times.sort((x, y) => x - y);
	measured.set(target, { items: r.json.items?.length ?? '', median: times[ROUNDS >> 1], greatest: times[ROUNDS - 1] });
}

// ---- by which plans: what a statement reads when it is planned once for all --------

await logPlans(b);

// "outcome by outcome_trouble 51; event by its key 51"
function told(plans) {
	const read = new Map();
	for (const n of plans.flatMap((p) => p.nodes)) {
		if (!n['Actual Loops'] || !(n['Relation Name'] || n['Index Name']) || n['Node Type'] === 'Bitmap Heap Scan')
			continue;
		const day = /_\d{8}/;
		const index = (n['Index Name'] ?? '').replace(day, '');
		const of = (n['Relation Name'] ?? index).replace(day, '');
		const way = of === index ? index : `${of} ${index === '' ? 'whole' : `by ${index}`}`;
		read.set(way, (read.get(way) ?? 0) + rowsOf(n));
	}
	return [...read].filter(([, rows]) => rows > 0).map(([way, rows]) => `${way}: ${rows}`).join('; ');
}

console.log('| request | items | median ms | greatest ms | read, rows |\n|---|---|---|---|---|');
const late = [];
for (const [target, m] of measured) {
	let plans = [];
	for (let n = 0; n < 7 && !/^.(users|tokens)/.test(target); n++) {
		const from = logSize(b);
		await ada.get(target);
		await waitFor(() => (plans = plansSince(b, from)).length > 0, 'the plan is logged');
	}
	console.log(`| \`${target.replace(key, 'KEY').replace(id, 'ID').replace(/cursor=[^&]+/, 'cursor=...')}\` | ${m.items} |` +
	    ` ${m.median.toFixed(0)} | ${m.greatest.toFixed(0)} | ${told(plans)} |`);
	if (m.greatest > BOUND_MS)
		late.push(target);
}
console.log(late.length === 0 ? `\nAll within ${BOUND_MS} ms.` : `\nLater than ${BOUND_MS} ms: ${late.join(' ')}`);
await b.stop();
process.exit(late.length === 0 ? 0 : 1);
