#!/usr/bin/env node
// Bounds of automations: how many are under way at once, of one automation, of
// all and of those in the database; and how long an answer may be.

import fs from 'node:fs';
import http from 'node:http';

import * as t from '../lib/tap.mjs';
import { Receiver, sleep, waitFor } from '../lib/ewa.mjs';
import { add, marked, marks, program, startBench } from '../lib/automations.mjs';
import { queue } from '../lib/queued.mjs';

const ewa = await startBench({}, {
	dispatchers: 0, config: { automation_max: 2, actions_max: 5, action_connections: 3 },
});
const dir = marks(ewa);
program(ewa, 'gated', `#!/bin/sh
echo "+ $1" >> ${dir}/log
while [ ! -e ${dir}/open ]; do sleep 0.05; done
echo "- $1" >> ${dir}/log
`);
const owner = ewa.client(undefined, 'ewa_owner');
await owner.connect();
await owner.query(`create function ewa_action.gated(event jsonb) returns jsonb language plpgsql as $$
    begin perform pg_sleep(case when event #>> '{event,n}' = '1' then 2 else 0.05 end);
    return '"done"'; end $$`);
await owner.end();
await ewa.startDispatcher();

// Integrations with one automation each.
const several = (n, args) => Promise.all(Array.from({ length: n }, async (_, k) => {
	const i = await ewa.integration();
	await add(ewa, i, 'It', ...args(k));
	return i;
}));

// The most at once, of a log of beginnings (+) and ends (-).
function most(log, of = () => true) {
	let now = 0, top = 0;
	for (const line of log.filter((l) => of(l.slice(2)))) {
		now += line[0] === '+' ? 1 : -1;
		top = Math.max(top, now);
	}
	return top;
}

// Those that have begun go on when `open` is called, which is when no further
// one could begin; `log` tells all that happened.
async function bounded(what, keys, log, open) {
	for (const key of keys)
		await queue(ewa, key, 20);
	// how the last place is shared depends on who came first
	await waitFor(() => log().length >= 4, `${what}: they have begun`);
	await sleep(1500); // a sixth would begin at once
	t.within(log().length, 4, 5, `${what}: actions_max (5) are under way, of 60`);
	await open();
	await ewa.drained();
	const all = log();
	t.is(all.length, 120, `${what}: each has begun and ended once`);
	t.within(most(all), 4, 5, `${what}: at no time were there more`);
	t.is(Math.max(...[0, 1, 2].map((k) => most(all, (of) => of === String(k)))), 2,
	    `${what}: nor more than automation_max (2) of one automation`);
}

{
	const made = await several(3, (k) => ['--command', 'gated', '--arg', String(k)]);
	await bounded('commands', made.map((i) => i.key), () => marked(ewa, 'log'),
	    () => fs.writeFileSync(`${dir}/open`, ''));
}
{
	const log = [];
	let waiting = [];
	const server = http.createServer((req, res) => {
		const of = req.url.slice(1);
		log.push(`+ ${of}`);
		req.resume();
		req.on('end', () => {
			const answer = () => {
				log.push(`- ${of}`);
				res.end('1');
			};
			if (waiting !== null)
				waiting.push(answer);
			else
				setTimeout(answer, 20);
		});
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const made = await several(3, (k) => ['--http', `http://127.0.0.1:${server.address().port}/${k}`]);
	await bounded('http', made.map((i) => i.key), () => log, () => {
		const all = waiting;
		waiting = null;
		all.forEach((answer) => answer());
	});
	server.closeAllConnections?.();
	server.close();
}
{
	const made = await several(3, () => ['--sql', 'gated']);
	for (const { key } of made)
		await queue(ewa, key, 10);
	let active = 0, connections = 0;
	await waitFor(async () => {
		const [n] = await ewa.sql(`select count(*)::int as all, count(*) filter (where state = 'active')::int
		    as active from pg_stat_activity where usename = 'ewa_action' and datname = current_database()`);
		active = Math.max(active, n.active);
		connections = Math.max(connections, n.all);
		return await ewa.value('select count(*) from ewa.queue') === 0;
	}, 'all functions have ended', 60000, 5);
	t.within(active, 2, 3, 'sql: side by side, action_connections (3) at most');
	t.within(connections, 2, 3, 'sql: and no more connections');
}

// ---- how long an answer may be ------------------------------------------------------
const receiver = await Receiver.start();
const answering = await Receiver.start();
const text = (bytes) => `"${'x'.repeat(bytes - 2)}"`;
async function answered(body) {
	answering.answer = () => ({ status: 200, body });
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'Call', '--http', answering.url());
	const id = await ewa.accept(i);
	await waitFor(() => receiver.of(id)[0], 'a reply');
	const [kept] = await ewa.sql(`select outcome, cause, response_cut as cut, length(response_body)::int as n
	    from ewa.attempt where event_id = $1 and kind = 'automation'`, id);
	return { ...receiver.of(id)[0].json, kept, calls: answering.of(id).length };
}
for (const [bound, set] of [[1 << 20, null], [4096, '4k']]) {
	if (set !== null) {
		await ewa.dispatchers[0].stop();
		ewa.writeConfig({ action_output_max: set });
		await ewa.startDispatcher();
	}
	const fits = await answered(text(bound));
	t.is([fits.status, fits.results[0].output.length], ['handled', bound - 2],
	    `an answer of ${bound} bytes is the output, whole`);
	t.is([fits.kept.outcome, fits.kept.cut, fits.kept.n], ['ok', bound > 16384, Math.min(bound, 16384)],
	    'of which the attempt keeps 16 KiB');
	const longer = await answered(text(bound + 1));
	t.is([longer.status, longer.results[0].status, longer.results[0].error],
	    ['failed', 'failed', `the answer was longer than ${bound} bytes`], 'one byte more: failed, and it says why');
	t.is([longer.kept.outcome, longer.kept.cause, longer.calls], ['failed', 'output', 1], 'and not called again');
}
{
	const endless = http.createServer((req, res) => {
		const timer = setInterval(() => res.write('z'.repeat(65536)), 2);
		res.on('close', () => clearInterval(timer));
	});
	await new Promise((resolve) => endless.listen(0, '127.0.0.1', resolve));
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'Call', '--http', `http://127.0.0.1:${endless.address().port}/`);
	const id = await ewa.accept(i);
	await waitFor(() => receiver.of(id)[0], 'a reply');
	t.is(receiver.of(id)[0].json.results[0].error, 'the answer was longer than 4096 bytes',
	    'an endless answer is cut off there');
	endless.closeAllConnections?.();
	endless.close();
}
for (const [value, status] of [['1M', 0], ['1048577', 1]])
	t.is((await (async () => {
		ewa.writeConfig({ action_output_max: value });
		return ewa.ctl('--show-config');
	})()).status === 0, status === 0, `action_output_max = ${value}: ${status === 0 ? 'taken' : 'refused'}`);
ewa.writeConfig({ action_output_max: '1M' });

await answering.stop();
await receiver.stop();
await ewa.stop();
t.done();
