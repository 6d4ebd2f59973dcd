#!/usr/bin/env node
// The connection breaks after a round was committed and before anybody told
// the dispatcher: it records the same again, which changes nothing.

import net from 'node:net';
import fs from 'node:fs';
import path from 'node:path';

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, waitFor } from '../lib/ewa.mjs';
import { arrivals, queue, settled } from '../lib/queued.mjs';

const ewa = await Bench.start({ servers: [], responder: false, dispatchers: 0, ownCluster: true });
const receiver = await Receiver.start();
const i = await ewa.integration({ replyUrl: receiver.url() });

// Between the dispatcher and PostgreSQL: hands on everything, but keeps the
// answers to so many rounds with completions and then closes.
let swallow = 0;
const swallowed = [];
const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]); // ReadyForQuery, idle

function between(client) {
	const server = net.connect(path.join(ewa.pgHost, '.s.PGSQL.5432'));
	let keeps = null;
	const close = () => [client, server].forEach((s) => s.destroy());
	client.on('data', (data) => {
		if (swallow > 0 && keeps === null && /\0queue_complete(_again)?\0/.test(data.toString('latin1'))) {
			keeps = Buffer.alloc(0);
			swallow--;
		}
		server.write(data);
	});
	server.on('data', (data) => {
		if (keeps === null) {
			client.write(data);
			return;
		}
		keeps = Buffer.concat([keeps, data]);
		if (keeps.subarray(-6).equals(ready)) {
			swallowed.push(keeps);
			close();
		}
	});
	for (const s of [client, server])
		s.on('error', close).on('close', close);
}
const dir = path.join(ewa.dir, 'between');
fs.mkdirSync(dir);
const proxy = net.createServer(between).listen(path.join(dir, '.s.PGSQL.5432'));
ewa.writeConfig({ database: `host=${dir} dbname=${ewa.database}` });
await ewa.startDispatcher();

const ids = await queue(ewa, i.key, 20);
await waitFor(() => ids.every((id) => receiver.of(id).length), 'at first all is well');

for (const rounds of [1, 2]) { // the second time also what is sent again is not told
	swallow = rounds;
	ids.push(...await queue(ewa, i.key, 50));
	await waitFor(() => swallow === 0, 'the answers are kept', 30000);
	t.is(await settled(ewa, ids), [{ state: 'handled', reply_state: 'sent', n: ids.length }],
	    `${rounds} times: every event is handled and its reply sent`);
}
t.is(swallowed.length, 3, 'three rounds were committed, and nobody told');
t.ok(swallowed.every((b) => !/\0SERROR\0/.test(b.toString('latin1'))), 'none of them was refused');
t.is(arrivals(receiver, ids), { missing: [], twice: [] }, 'every reply arrived once');
t.is(await ewa.sql(`select count(*)::int as n, count(distinct event_id)::int as events
    from ewa.attempt`), [{ n: ids.length, events: ids.length }], 'each has one attempt');
t.is(await ewa.sql(`select count(*)::int as n, count(distinct event_id)::int as events
    from ewa.outcome`), [{ n: ids.length, events: ids.length }], 'and one outcome');
const log = ewa.dispatchers[0].text();
t.is(log.match(/msg="(the database refuses|lease lost)".*/g), null,
    'what is recorded again is neither refused nor taken for lost');
t.is(fs.readFileSync(ewa.cluster.program.log, 'utf8').match(/duplicate key.*/g), null,
    'and no key is met twice');

proxy.close();
await receiver.stop();
await ewa.stop();
t.done();
