#!/usr/bin/env node
// SIGHUP reads the configuration again, a faulty one changes nothing.

import fs from 'node:fs';
import path from 'node:path';

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, programPath, waitFor } from '../lib/ewa.mjs';
import { Program } from '../lib/proc.mjs';
import { queue } from '../lib/queued.mjs';

const ewa = await Bench.start({ servers: [], responder: false, dispatchers: 0 });
const receiver = await Receiver.start(() => 'hang');

const dispatcher = await ewa.startDispatcher();
const i = await ewa.integration({
	replyUrl: receiver.url(), secretReplyHeaders: ['Authorization: Bearer of-the-reply'],
});

async function attempt() {
	const [id] = await queue(ewa, i.key, 1);
	return waitFor(async () => (await ewa.sql(
	    'select * from ewa.attempt where event_id = $1 order by number limit 1', id))[0],
	'an attempt is recorded', 40000);
}

async function reload(says) {
	const before = dispatcher.text().length;
	dispatcher.signal('SIGHUP');
	await waitFor(() => says.test(dispatcher.text().slice(before)), `it says ${says}`);
}

ewa.writeConfig({ attempt_timeout: '600ms' });
await reload(/configuration reloaded/);
const short = await attempt();
t.within(short.duration_ms, 500, 15000, 'a new attempt_timeout counts');
t.is(short.cause, 'timeout', 'it is what ended the attempt');

fs.appendFileSync(ewa.configFile, 'attempt_timeout = soon\n');
await reload(/configuration not reloaded.*attempt_timeout/);
const again = await attempt();
t.within(again.duration_ms, 500, 15000, 'a faulty configuration changes nothing');

// a key that comes later
receiver.answer = () => 200;
const keys = path.join(ewa.dir, 'keys');
fs.renameSync(keys, `${keys}.away`);
ewa.writeConfig();
await reload(/configuration reloaded/);
await waitFor(() => /no keys/.test(dispatcher.text()), 'it says that there are no keys');
await waitFor(async () => {
	const a = await attempt();
	return a.cause === 'internal' && /can't be opened/.test(a.detail) && a.outcome === 'retry';
}, 'without its key a secret header is not sent, nor left out', 120000);
t.ok(receiver.requests.every((r) => r.headers.authorization === 'Bearer of-the-reply'),
    'no request went without it');
fs.renameSync(`${keys}.away`, keys);
await reload(/configuration reloaded/);
await ewa.drained(180000);
t.is(await ewa.value(`select count(*) from ewa.outcome where reply_state = 'sent'`),
    await ewa.value('select count(*) from ewa.event'), 'with its key all are sent');

const ended = await dispatcher.stop();
t.is(ended.code, 0, 'it ends with success');

// one that comes while it starts waits for it: pending across exec
const early = new Program('early', ['env', '--block-signal=HUP', 'bash', '-c',
    'kill -HUP $$; exec "$@"', 'bash', programPath('ewa-dispatcher'), '--config', ewa.configFile],
{ log: path.join(ewa.dir, 'early.log') });
await waitFor(() => /configuration reloaded/.test(early.text()), 'an early SIGHUP is heard');
t.is((await early.stop()).code, 0, 'a SIGHUP that comes early is heard when it listens');
await receiver.stop();
await ewa.stop();
t.done();
