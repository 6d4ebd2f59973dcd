#!/usr/bin/env node
// The examples of docs/automations.md do what they say.

import fs from 'node:fs';
import path from 'node:path';

import * as t from '../lib/tap.mjs';
import { Receiver, srcdir } from '../lib/ewa.mjs';
import { add, program, startBench } from '../lib/automations.mjs';

const dir = path.join(srcdir, 'docs/examples/automations');
const text = (name) => fs.readFileSync(path.join(dir, name), 'utf8');
const ewa = await startBench();
const receiver = await Receiver.start();
const owner = ewa.client(undefined, 'ewa_owner');
await owner.connect();
for (const name of fs.readdirSync(dir).filter((f) => f.endsWith('.sql')))
	await owner.query(text(name));
await owner.query(`insert into ewa_action.host values ('db1', 'storage', '4711')`);
await owner.end();
program(ewa, 'disk-report', text('disk-report'));

async function results(i, json) {
	const id = await ewa.accept(i, { json });
	await ewa.finished(i, id);
	return receiver.of(id)[0].json.results;
}

{
	const tickets = await Receiver.start(() => ({ status: 201, body: '{"key":"OPS-1"}' }));
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'New group', '--sql', 'alert_group');
	await add(ewa, i, 'Ticket', '--http', tickets.url('/api/issues'),
	    '--condition', '$.results[0].output.new == true');
	const seen = [];
	for (const status of ['firing', 'firing', 'resolved', 'firing'])
		seen.push(await results(i, { groupKey: '{}:{a="b"}', status }));
	t.is(seen.map((r) => r[0].output.new), [true, false, true, true], 'groups are told apart');
	t.is(seen.map((r) => r[1].status), ['ok', 'skipped', 'ok', 'ok'], 'a ticket once for each');
	t.is(seen[0][1].output, { key: 'OPS-1' }, 'whose number goes back');
	t.is(tickets.total, 3, 'and no more calls');
	await tickets.stop();
}
{
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'Owner', '--sql', 'host_owner');
	await add(ewa, i, 'Disk report', '--command', 'disk-report', '--arg', '/',
	    '--condition', '$.event.alert == "disk"');
	const one = await results(i, { host: 'DB1', alert: 'disk' });
	t.is(one[0].output, { known: true, team: 'storage', phone: '4711' }, 'a look-up in a table');
	t.is(one[1].output.map((x) => [x.mount, x.usedPercent >= 0]), [['/', true]], 'a shell script');
	const two = await results(i, { host: 'web9' });
	t.is([two[0].output, two[1].status], [{ known: false }, 'skipped'], 'and where they do not fit');
}

await receiver.stop();
await ewa.stop();
t.done();
