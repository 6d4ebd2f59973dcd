// How fast events are handled and replied to, what a claim costs, and how
// much memory it takes.

import { Bench, Receiver, sleep } from '../lib/ewa.mjs';
import { waitFor } from '../lib/proc.mjs';
import { add, startBench } from '../lib/automations.mjs';
import { ROUNDS, SECONDS, median, newId, post, round, rssMiB, say, settle, startSink } from './load.mjs';

const WAITING = Number(process.env.BENCH_WAITING ?? 1000000);

// Accept to reply received, one event at a time.
export async function idle() {
	const b = await Bench.start();
	const receiver = await Receiver.start();
	const i = await b.integration({ replyUrl: receiver.url() });
	const times = [];
	for (let n = 0; n < 200; n++) {
		const before = performance.now();
		await b.accept(i, { connections: 1 });
		await waitFor(() => receiver.requests.length > n, 'a reply', 5000, 1);
		times.push(performance.now() - before);
		await sleep(10);
	}
	times.sort((x, y) => x - y);
	const p50 = round(median(times));
	say(`idle: accept to reply received: median ${p50} ms, p99 ${round(times[Math.floor(times.length * 0.99)])} ms`);
	await receiver.stop();
	await b.stop();
	return [['idle, accept to reply received, median', `${p50} ms`, 'under 10 ms']];
}

// Accepted to reply received, while accepting.
export async function through() {
	const b = await Bench.start();
	const sink = await startSink(b.dir);
	const i = await b.integration({ replyUrl: sink.url });
	const rates = [];
	await settle(b);
	for (let n = 0; n < ROUNDS; n++) {
		const before = await b.value('select clock_timestamp()');
		const load = await post(b.url(), i, SECONDS);
		await b.drained(120000);
		const [r] = await b.sql(`select count(*)::float8 as n,
		    extract(epoch from max(o.finished_at) - min(e.received_at))::float8 as seconds,
		    percentile_cont(array[0.5, 0.99]) within group
		    (order by extract(epoch from o.finished_at - e.received_at)::float8 * 1000) as ms
		    from ewa.event e join ewa.outcome o on o.event_id = e.id
		    where e.received_at > $1 and o.reply_state = 'sent'`, before);
		rates.push(r.n / r.seconds);
		say(`through: ${r.n} accepted, handled and replied to in ${round(r.seconds)} s: ` +
		    `${Math.round(rates[n])}/s (accepted at ${Math.round(load.rate)}/s; accepted to replied to: ` +
		    `p50 ${round(r.ms[0])} ms, p99 ${round(r.ms[1])} ms); ` +
		    `responder ${round(rssMiB(b.responder))} MiB, dispatcher ${round(rssMiB(b.dispatchers[0]))} MiB`);
	}
	await sink.program.stop();
	await b.stop();
	return [['accepted, handled and replied to, while accepting', `${Math.round(median(rates))}/s`, 'at least 8000/s']];
}

// `count` events of the integration's that are due now.
async function addWaiting(b, key, count) {
	await b.sql(`with e as (insert into ewa.event (id, integration_id, received_at, deadline, headers, body, body_length, kind)
	    select ${newId}, (select id from ewa.integration where key = '${key}'), now(), now() + interval '1 day', '{}', '{"n":1}', 7, 'json'
	    from generate_series(1, ${count}) n returning id, integration_id, deadline)
	    insert into ewa.queue (event_id, integration_id, due_at, deadline) select id, integration_id, now(), deadline from e`);
}

// The server's time for a claim, an event, by pg_stat_statements.
export async function claim() {
	const b = await Bench.start({ pgConf: "shared_preload_libraries = 'pg_stat_statements'\n" });
	const sink = await startSink(b.dir);
	const i = await b.integration({ replyUrl: sink.url });
	await b.sql('create extension pg_stat_statements');
	const done = () => b.value('select count(*) from ewa.outcome');
	const costUs = async (waiting) => {
		await b.mustCtl('integration', 'pause', i.key);
		await sleep(1500);
		await addWaiting(b, i.key, waiting);
		await b.sql('vacuum analyze ewa.queue');
		await b.sql('checkpoint');
		const before = await done();
		await b.sql('select pg_stat_statements_reset()');
		await b.mustCtl('integration', 'resume', i.key);
		await waitFor(async () => await done() >= before + 1000, 'a thousand are done', 60000, 20);
		return b.value(`select sum(total_exec_time) * 1000 / sum(rows) from pg_stat_statements
		    where query like '%update ewa.queue q set%claims = q.claims + %'`);
	};
	const few = [];
	for (let n = 0; n < ROUNDS; n++)
		few.push(await costUs(1000));
	const many = [await costUs(WAITING)];
	while (many.length < ROUNDS)
		many.push(await costUs(0));
	const ratio = round(median(many) / median(few));
	say(`claim: ${round(median(few))} us an event with 1000 waiting, ${round(median(many))} us with ${WAITING}, ratio ${ratio}`);
	await sink.program.stop();
	await b.stop();
	return [[`cost of a claim with ${WAITING} waiting against 1000`, ratio, 'at most 1.2']];
}

// Both programs with 100,000 events waiting.
export async function memory() {
	const b = await Bench.start();
	const i = await b.integration();
	await b.mustCtl('integration', 'pause', i.key);
	await sleep(1500);
	while (await b.value('select count(*) from ewa.queue') < 100000)
		await post(b.url(), i, SECONDS);
	await sleep(2000);
	const [r, d] = [rssMiB(b.responder), rssMiB(b.dispatchers[0])];
	const waiting = await b.value('select count(*) from ewa.queue');
	say(`memory: ${waiting} waiting: responder ${round(r)} MiB + dispatcher ${round(d)} MiB = ${round(r + d)} MiB`);
	await b.stop();
	return [[`memory of both programs with ${waiting} waiting`, `${round(r + d)} MiB`, 'under 40 MiB']];
}

// Events a second with one action each, after they have waited; none is the
// same path without automations.
export async function automations() {
	const b = await startBench({ true: '#!/bin/sh\n' });
	const sink = await startSink(b.dir);
	const c = b.client(undefined, 'ewa_owner');
	await c.connect();
	await c.query(`create function ewa_action.nothing(event jsonb) returns jsonb
	    language sql as $$ select null::jsonb $$`);
	await c.end();
	const kinds = { none: [0, []], sql: [5000, ['--sql', 'nothing']],
		http: [5000, ['--http', sink.url]], command: [1000, ['--command', 'true']] };
	const rates = {};
	for (const [kind, [, args]] of Object.entries(kinds)) {
		const count = kinds[kind][0] || 5000;
		const i = await b.integration();
		if (args.length !== 0)
			await add(b, i, kind, ...args);
		await b.mustCtl('integration', 'pause', i.key);
		await sleep(1500);
		await b.sendMany(i, count);
		await b.mustCtl('integration', 'resume', i.key);
		await b.drained(120000);
		rates[kind] = await b.value(`select (count(*) / extract(epoch from
		    max(o.finished_at) - min(o.handled_at)))::float8 from ewa.outcome o
		    join ewa.integration i on i.id = o.integration_id
		    where i.key = $1 and o.state = 'handled'`, i.key);
		say(`automations: ${kind}: ${Math.round(rates[kind])} events/s`);
	}
	await sink.program.stop();
	await b.stop();
	return [];
}
