#!/usr/bin/env node
// The queue's statements, as the store has them, use indexes on fresh tables
// without statistics.

import fs from 'node:fs';
import path from 'node:path';

import * as tap from '../lib/tap.mjs';
import { srcdir } from '../lib/ewa.mjs';
import { addEvent, addIntegration, as, database } from './sample.mjs';

// The text of a statement, put together from its C string literals.
function statement(file, name) {
	const source = fs.readFileSync(path.join(srcdir, 'src/store', file), 'utf8');
	const from = source.indexOf(`{"${name}",`);
	if (from < 0)
		throw new Error(`${file}: no statement ${name}`);
	const text = source.slice(from + name.length + 4, source.indexOf('};', from));
	return [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => JSON.parse(`"${m[1]}"`)).join('');
}

// Each node of a plan, as "Node Type relation".
function nodes(plan, out = []) {
	out.push(`${plan['Node Type']} ${plan['Relation Name'] ?? plan['CTE Name'] ??
	    plan['Alias'] ?? ''}`.trim());
	for (const p of plan.Plans ?? [])
		nodes(p, out);
	return out;
}

const b = await database();
const integrations = [];
for (let i = 0; i < 20; i++)
	integrations.push(await addIntegration(b, `Plan ${i}`));
for (let i = 0; i < 200; i++)
	await addEvent(b, { integration: integrations[i % 20], queue: {} });

const c = await as(b, 'ewa_dispatcher');
for (const set of ['jit', 'enable_seqscan', 'enable_hashjoin', 'enable_mergejoin'])
	tap.is((await c.query(`show ${set}`)).rows[0][set], 'off', `ewa_dispatcher: ${set} is off`);

const ids = (await b.sql('select event_id from ewa.queue')).map((r) => r.event_id);
const many = (value, n = 2) => Array(n).fill(value);
const owner = '11111111-1111-7111-8111-111111111111';

async function indexed(name, text, params) {
	const r = await c.query(`explain (format json) ${text}`, params);
	const all = nodes(r.rows[0]['QUERY PLAN'][0].Plan);
	const bad = all.filter((n) => /^Seq Scan/.test(n) ||
	    /^(Hash|Merge) Join/.test(n));
	tap.is(bad, [], `${name}: no sequential scan, no hash or merge join`);
	return all;
}

const claim = await indexed('claim', statement('queue_claim.c', 'queue_claim'),
    [integrations, many(8, 20), many('-infinity', 20), many(0, 20), 20000, owner]);
tap.ok(claim.includes('Index Scan queue'), 'claim: the queue by index', claim.join('\n'));
await indexed('look', statement('queue_claim.c', 'queue_look'), [1000]);
await indexed('renew', statement('queue_complete.c', 'queue_renew'),
    [ids.slice(0, 2), many(0), many(1), owner, 20000]);
await indexed('give back', statement('queue_complete.c', 'queue_give_back'),
    [ids.slice(0, 2), many(0), many(1), owner]);

// The same holds with the plan that a prepared statement settles on.
await c.query('set plan_cache_mode = force_generic_plan');
await c.query(`prepare claim (int4[], int4[], timestamptz[], int8[], int8, uuid) as
    ${statement('queue_claim.c', 'queue_claim')}`);
const array = (v) => `'{${v}}'`;
const run = `execute claim (${array(integrations)}, ${array(many(8, 20))},
    ${array(many('-infinity', 20))}, ${array(many(0, 20))}, 20000, '${owner}')`;
const generic = nodes((await c.query(`explain (format json) ${run}`)).rows[0]['QUERY PLAN'][0].Plan);
tap.is(generic.filter((n) => /^Seq Scan|^(Hash|Merge) Join/.test(n)), [],
    'claim, generic plan: the same');
const claimed = await c.query(run);
tap.is(claimed.rows.length, 160, 'a claim takes from each integration what it has room for');
tap.is((await c.query(run)).rows.length, 40, 'the next takes the rest');
tap.is((await c.query(run)).rows.length, 0, 'and then nothing is due');

await c.end();
await b.stop();
tap.done();
