#!/usr/bin/env node
// The queue's statements, as the store has them, use indexes: on fresh tables
// without statistics, and by those that autovacuum makes.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import * as tap from '../lib/tap.mjs';
import { builddir, srcdir } from '../lib/ewa.mjs';
import { addEvent, addIntegration, as, database } from './sample.mjs';

// The statements of a source file, put together from their C string literals
// as the preprocessor leaves them: { name: text }.
function statements(file) {
	const source = execFileSync('sh', ['-c',
		'cc -E -P -I "$2" -I "$3/src" $(pkg-config --cflags libpq) "$1"', 'sh', file,
		builddir, srcdir], { encoding: 'utf8', maxBuffer: 1 << 26 });
	const found = {};
	for (const [, name, text] of source.matchAll(
	    /struct pg_stmt \w+ = \{\s*"(\w+)",([\s\S]*?)\};/g))
		found[name] = [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)]
		    .map((m) => JSON.parse(`"${m[1]}"`)).join('');
	return found;
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

const store = path.join(srcdir, 'src/store');
const queue = Object.assign({}, ...fs.readdirSync(store)
    .filter((f) => /^queue.*\.c$/.test(f)).map((f) => statements(path.join(store, f))));
for (const name of ['queue_plan', 'queue_claim', 'queue_look', 'queue_complete',
	'queue_complete_again', 'queue_renew', 'queue_give_back'])
	tap.ok(queue[name], `the store has ${name}`);
// As each connection begins: the plan that a prepared statement settles on,
// whatever its values are.
await c.query(queue.queue_plan);
async function check(state) {
	await c.query('deallocate all');
	for (const [name, text] of Object.entries(queue)) {
		const count = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map((m) => Number(m[1])));
		const nulls = count ? `(${Array(count).fill('null')})` : '';
		await c.query(`prepare ${name} as ${text}`);
		const r = await c.query(`explain (format json) execute ${name}${nulls}`);
		const all = nodes(r.rows[0]['QUERY PLAN'][0].Plan);
		tap.is(all.filter((n) => /^Seq Scan|^(Hash|Merge) Join|^Bitmap|^Memoize/.test(n)), [],
		    `${state}: ${name}: no sequential scan, no hash or merge join, no bitmap`);
		if (name === 'queue_claim') {
			tap.ok(all.includes('Index Scan queue'), 'it reads the queue by index',
			    all.join('\n'));
			tap.is(all.filter((n) => n.startsWith('Sort')), [],
			    'in the order of the index: what it does not take it does not read');
		}
	}
}
await check('fresh');

// And it does what it should.
const array = (v) => `'{${v}}'`;
const many = (value) => Array(20).fill(value);
const run = `execute queue_claim (${array(integrations)}, ${array(many(8))},
    ${array(many('-infinity'))}, ${array(many(0))}, 20000,
    '11111111-1111-7111-8111-111111111111')`;
tap.is((await c.query(run)).rows.length, 160,
    'a claim takes from each integration what it has room for');
tap.is((await c.query(run)).rows.length, 40, 'the next takes the rest');
tap.is((await c.query(run)).rows.length, 0, 'and then nothing is due');

// As autovacuum sees it in use: a few rows, at the end of a file that was
// filled before.
await b.sql(`insert into ewa.queue (event_id, integration_id, due_at, deadline)
    select gen_random_uuid(), $1, now(), now() from generate_series(1, 20000)`, integrations[0]);
await b.sql(`delete from ewa.queue where event_id not in (
    select event_id from ewa.queue order by ctid desc limit 30)`);
await b.sql('vacuum analyze ewa.queue');
await check('filled and emptied');

await c.end();

// The responder has no such settings, and its question for waited-for events
// is asked often: by index as well.
const r = await as(b, 'ewa_responder');
await r.query('set plan_cache_mode = force_generic_plan');
const { waits_finished: finished } = statements(path.join(store, 'waits.c'));
tap.ok(finished, 'the store has waits_finished');
await r.query(`prepare waits_finished as ${finished}`);
const plan = nodes((await r.query(
    "explain (format json) execute waits_finished (null, null, null)"))
    .rows[0]['QUERY PLAN'][0].Plan);
tap.is(plan.filter((n) => /^Seq Scan|^(Hash|Merge) Join/.test(n)), [],
    'waits_finished: no sequential scan, no hash or merge join');
await r.end();
await b.stop();
tap.done();
