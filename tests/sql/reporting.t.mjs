#!/usr/bin/env node
// docs/reporting.md: every example runs as ewa_report and shows what it says.

import fs from 'node:fs';
import path from 'node:path';

import * as tap from '../lib/tap.mjs';
import { srcdir } from '../lib/ewa.mjs';
import { addEvent, addIntegration, as, database, uuidAt } from './sample.mjs';

const b = await database();
const alerts = await addIntegration(b, 'Alerts');
const orders = await addIntegration(b, 'Orders', { reply_url: '' });

// All samples lie in one hour of yesterday or today that is surely over.
const now = Date.now();
const at = (secondsAgo) => now - secondsAgo * 1000;
const after = (ms, plus) => new Date(ms + plus);
const firing = JSON.stringify({
	status: 'firing',
	commonLabels: { alertname: 'DiskFull' },
	alerts: [{ status: 'firing', labels: { instance: 'a:1' } },
		{ status: 'resolved', labels: { instance: 'b:1' } }],
});

const ids = [];
for (let i = 1; i <= 10; i++)
	ids.push(await addEvent(b, {
		integration: alerts,
		at: at(i),
		body: firing,
		outcome: {
			handled_at: after(at(i), 10 * i),
			finished_at: after(at(i), 100 * i),
			reply_state: i <= 8 ? 'sent' : 'expired',
			reason: i <= 8 ? null : 'HTTP status 503',
			attempts: i <= 8 ? 1 : 4,
		},
	}));
// A reply sent again: the later outcome counts.
await b.sql(`insert into ewa.outcome (event_id, seq, integration_id, state, reply_state,
    attempts, handled_at) values ($1, 1, $2, 'handled', 'sent', 5, now())`, ids[9], alerts);

const odd = {
	'nul in a string': Buffer.from('{"a":"x\\u0000y"}'),
	'lone surrogate': Buffer.from('{"a":"\\ud800"}'),
	'huge number': Buffer.from('1e400000'),
	'not UTF-8': Buffer.from([0x22, 0xff, 0x22]),
	'raw NUL': Buffer.from('{"a":\0}'),
	'no JSON': Buffer.from('{'),
	'empty': Buffer.from(''),
};
const oddIds = {};
for (const [name, body] of Object.entries(odd))
	oddIds[name] = await addEvent(b, { integration: orders, body,
		outcome: { reply_state: 'none', attempts: 0 } });
const bom = await addEvent(b, { integration: orders, at: at(3), queue: {},
	body: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('{"total": 3}')]) });
const text = await addEvent(b, { integration: orders, at: at(2), kind: 'text', body: 'hello',
	malformed: 'line 1, column 1: not a value', queue: { step: 0, owner: uuidAt(now),
		due_at: new Date(now + 20000) } });
const binary = await addEvent(b, { integration: orders, at: at(1), kind: 'binary',
	body: Buffer.from([0, 1]), queue: { step: 1, tries: 2, handled_at: new Date(now),
		due_at: new Date(now + 60000), deadline: new Date(now - 1) } });
const test = await addEvent(b, { integration: alerts, body: firing, test: true,
	outcome: { state: 'failed', attempts: 77 } });
await addEvent(b, { integration: alerts, body: firing, test: true, queue: {} });

for (const [id, source, n] of [[alerts, '192.0.2.1', 3], [0, '192.0.2.2', 5]])
	await b.sql(`insert into ewa.refusal values ($1, $2, 'unauthorized', 401, $3, now(), now(), 2, '/hooks/x',
	    'no credential')`, id, source, n);

await b.sql(`insert into ewa.repeat values ($1, date_trunc('hour', now(), 'UTC'), 30, now())`, alerts);

// ---- the examples ---------------------------------------------------------

const c = await as(b, 'ewa_report');
const page = fs.readFileSync(path.join(srcdir, 'docs/reporting.md'), 'utf8');
const blocks = [...page.matchAll(/^```sql\n([\s\S]*?)^```/gm)].map((m) => m[1]);
tap.ok(blocks.length >= 10, 'the page has its examples');
const results = [];
for (const [i, sql] of blocks.entries()) {
	try {
		results.push((await c.query(sql)).rows);
		tap.ok(true, `example ${i + 1} runs`);
	} catch (e) {
		results.push([]);
		tap.ok(false, `example ${i + 1} runs`, `${e.message}\n${sql}`);
	}
}
// The result of the example whose text holds this.
const shown = (text) => {
	const i = blocks.findIndex((s) => s.includes(text));
	if (i < 0)
		throw new Error(`no example has: ${text}`);
	return results[i];
};

const perHour = shown('pg_size_pretty(bytes)');
const sum = (rows, name) => rows.reduce((n, r) => n + Number(r[name]), 0);
tap.is(sum(perHour.filter((r) => r.integration === 'Alerts'), 'events'), 10,
    'events by hour: all of them, without the test events');
tap.is(sum(shown('sum(events) as events'), 'events'), 20, 'by day: the same from the view');
const ended = shown('sent_percent').find((r) => r.integration === 'Alerts');
tap.is([ended.finished, ended.reply_sent, ended.reply_expired, ended.sent_percent].map(Number),
    [10, 9, 1, 90], 'outcomes: a reply sent again counts as sent');
tap.is(shown('oldest_age').map((r) => ({ ...r, oldest_age: null })), [{
	integration: 'Orders', enabled: true, events: '3', waiting: '1', in_hand: '1',
	retrying: '1', past_deadline: '1', oldest_age: null,
}], 'backlog: who works on what');
tap.is(shown('report.refusals').map((r) => [r.integration, r.source, r.status, r.detail, Number(r.requests)]),
    [[null, '192.0.2.2', 401, 'no credential', 5], ['Alerts', '192.0.2.1', 401, 'no credential', 3]],
    'refusals: counted, those of unknown keys too');
tap.is(shown('repeats_by_hour').map((r) => [r.integration, Number(r.repeats), Number(r.events), Number(r.percent)]),
    [['Alerts', 30, 10, 75]], 'repeats: counted, beside the events that were stored');
tap.is(shown('as alert'), [{ alert: 'DiskFull', events: '10' }], 'payload: its fields are queried');
tap.is(shown('jsonb_array_elements').length, 20, 'payload: its arrays unfold');
tap.is(sum(shown('payload is null'), 'events'), Object.keys(odd).length + 2,
    'bodies that are no jsonb are counted');
const today = shown(`('failed', 'expired')`);
tap.is(today.filter((r) => r.reason !== 'HTTP status 503').length, 0,
    'expired replies show their reason');

// ---- latency ----------------------------------------------------------------

const latency = (await c.query(`select sum(handled)::int as handled, max(handled_max_ms) as hmax,
    sum(replied)::int as replied, max(replied_max_ms) as rmax
    from report.latency(now() - interval '1 day') where integration = 'Alerts'`)).rows[0];
tap.is(latency, { handled: 10, hmax: 100, replied: 8, rmax: 800 },
    'latency: from stored to handled and to sent; expired replies are none');
const span = (await c.query(`select handled::int, handled_p50_ms, handled_p90_ms, replied_p50_ms
    from report.latency($1, $2)`, [new Date(at(5)), new Date(at(0.5))])).rows;
if (span.length === 1) // else midnight lay between
	tap.is(span[0].handled_p50_ms, 30, 'latency: the median of the span that was asked for');
tap.is(span.reduce((n, r) => n + r.handled, 0), 5, 'latency: since is included, until is not');

// ---- single events -------------------------------------------------------------

const one = async (id) => (await c.query('select * from report.event where id = $1', [id])).rows[0];
const sent = await one(ids[0]);
tap.is([sent.state, sent.reply_state, sent.attempts, sent.payload, sent.payload_problem],
    ['handled', 'sent', 1, JSON.parse(firing), null], 'a finished event as it is');
tap.is((await one(ids[9])).attempts, 5, 'the last outcome counts');
for (const [name, id] of Object.entries(oddIds)) {
	const e = await one(id);
	tap.is(e.payload, null, `${name}: no payload`);
	tap.ok(e.payload_problem?.length > 10, `${name}: ${e.payload_problem}`);
}
tap.is((await one(bom)).payload, { total: 3 }, 'a byte order mark is skipped');
const kept = await one(text);
tap.is([kept.state, kept.payload, kept.payload_problem, kept.attempts],
    ['handling', null, 'line 1, column 1: not a value', 0], 'malformed JSON says why');
const bytes = await one(binary);
tap.is([bytes.state, bytes.reply_state, bytes.payload_problem, bytes.attempts],
    ['handled', 'none', 'the body is binary', 2], 'an event between its attempts');
tap.is((await one(bom)).state, 'accepted', 'an event that waits');
tap.is(await one(test), undefined, 'a test event is not there');

// ---- only the days that were named ------------------------------------------------

const explain = async (sql) => (await c.query(`explain (costs off) ${sql}`)).rows
    .map((r) => r['QUERY PLAN']).join('\n');
const days = (plan) => new Set(plan.match(/\bevent_\d{8}\b/g)).size;
const since = new Date(now - 60000).toISOString();
tap.within(days(await explain(`select payload from report.event
    where id >= report.id_floor('${since}') and id < report.id_floor('${new Date(now).toISOString()}')`)),
1, 2, 'a span of ids reads its days only');
await c.end();

// The functions read no day that is not in their span.
const watch = await as(b, 'postgres');
const readDays = async (call) => {
	await watch.query('begin');
	await watch.query(`select * from report.${call}`,
	    [new Date(now - 3000), new Date(now - 1000)]);
	const r = await watch.query(`select distinct right(relname, 8) as day
	    from pg_stat_xact_user_tables
	    where schemaname = 'ewa' and relname ~ '_[0-9]{8}$'
	    and coalesce(seq_scan, 0) + coalesce(idx_scan, 0) > 0`);
	await watch.query('commit');
	return r.rows.length;
};
for (const f of ['events_by_hour', 'outcomes_by_integration', 'latency'])
	tap.within(await readDays(`${f}($1, $2)`), 1, 2, `${f}: reads the days of its span only`);
await watch.end();

await b.stop();
tap.done();
